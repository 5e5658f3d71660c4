import type { Migration } from 'kysely';
import * as settings from './0001-settings.js';
import * as access from './0002-access.js';
import * as analytics from './0003-analytics.js';
import * as changeSets from './0004-change-sets.js';
import * as wideAuditIds from './0005-wide-audit-ids.js';

/** Run in the order of their names, each once. A migration that has been released is never edited. */
export const migrations: Record<string, Migration> = {
  '0001-settings': settings,
  '0002-access': access,
  '0003-analytics': analytics,
  '0004-change-sets': changeSets,
  '0005-wide-audit-ids': wideAuditIds,
};
