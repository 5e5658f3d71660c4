// Who changed what, when, from where, and how it was before. Written in the transaction of the change itself.

import type { Json } from 'feathery-server-sdk/protocol';
import type { Generated } from 'kysely';
import type { Actor } from '../auth.js';
import type { Database } from './database.js';

export interface AuditTables {
  audit: {
    id: Generated<number>;
    at: number;
    actor: string;
    action: string;
    environment: string | null;
    revision: number | null;
    comment: string;
    /** Id of the entry that this one takes back. */
    reverts: number | null;
  };
  audit_items: {
    audit_id: number;
    position: number;
    environment: string | null;
    kind: string;
    key: string;
    before: string | null;
    after: string | null;
  };
}

/**
 * One thing that changed. Of a change, `before` and `after` hold the fields that differ, null where a field was or
 * became absent; of a creation `before` is null, of a deletion `after` is. Never a secret.
 */
export interface AuditItem {
  /** Null for what is the same in every environment. */
  readonly environment: string | null;
  /** `setting`, `segment`, `definition`, `environment`, `sdk-key`, `token`, `member`, … */
  readonly kind: string;
  readonly key: string;
  readonly before: Json;
  readonly after: Json;
}

export interface AuditEntry {
  readonly id: number;
  readonly at: number;
  readonly actor: Actor;
  /** `setting.create`, `environment.change`, `token.delete`, … */
  readonly action: string;
  /** Null when it touched none or several. */
  readonly environment: string | null;
  readonly revision: number | null;
  readonly comment: string;
  readonly reverts: number | null;
  readonly items: readonly AuditItem[];
}

/** Records an entry within `database`, which is the transaction of the change it tells about. Returns its id. */
export async function recordAudit(database: Database, entry: Omit<AuditEntry, 'id'>): Promise<number> {
  const { id } = await database
    .insertInto('audit')
    .values({
      at: entry.at,
      actor: JSON.stringify(entry.actor),
      action: entry.action,
      environment: entry.environment,
      revision: entry.revision,
      comment: entry.comment,
      reverts: entry.reverts,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  for (const [position, item] of entry.items.entries()) {
    await database
      .insertInto('audit_items')
      .values({
        audit_id: id,
        position,
        environment: item.environment,
        kind: item.kind,
        key: item.key,
        before: item.before === null ? null : JSON.stringify(item.before),
        after: item.after === null ? null : JSON.stringify(item.after),
      })
      .execute();
  }
  return id;
}

export interface AuditFilter {
  readonly environment?: string | undefined;
  readonly kind?: string | undefined;
  readonly key?: string | undefined;
  readonly actor?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Only entries older than this id. */
  readonly before?: number | undefined;
  readonly limit: number;
}
