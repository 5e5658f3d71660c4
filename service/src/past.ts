// An environment as it was at an earlier revision: what was committed since is taken back, newest first, by the audit,
// which keeps every field as it was before. Nothing of it is stored.
import { Store, type StoreView } from 'feathery-server-sdk/protocol';
import type { Feed } from './feed.js';
import { isObject } from './merge-patch.js';
import { invalidBody, Problem } from './problems.js';
import { type AuditItem, readItemHistory } from './storage/audit.js';
import type { Database } from './storage/database.js';
import { readRevision } from './storage/environments.js';

/** Enough to look weeks back, few enough to be answered while somebody waits. */
export const MAX_REVISIONS_BACK = 1000;
/** Others may commit while it is read. */
const MAX_TRIES = 3;

export interface PastParts {
  readonly database: Database;
  readonly feed: Feed;
}

/** @throws Problem 404 for an unknown environment, 422 for a revision that never was or is too long ago. */
export async function storeAt({ database, feed }: PastParts, key: string, revision: number): Promise<StoreView> {
  for (let tries = 1; tries <= MAX_TRIES; tries++) {
    const environment = feed.environment(key);
    const { revision: present } = environment;
    if (revision === present) return environment.store;
    checkRevision(revision, present);
    const [settings, segments] = [new Map(environment.settings), new Map(environment.segments)];
    const history = await readItemHistory(database, key, present - revision);
    // Read last: if nobody has committed by now, nobody had when the history was read.
    if ((await readRevision(database, key)) !== present) {
      await feed.wake();
      continue;
    }
    for (const item of history) takeBack({ settings, segments }, item);
    const store = new Store();
    store.replaceAll({ settings: Object.fromEntries(settings), segments: Object.fromEntries(segments) }, revision);
    return store;
  }
  throw new Problem('busy', 'Others keep changing the environment. Try again.');
}

function checkRevision(revision: number, present: number): void {
  const oldest = Math.max(1, present - MAX_REVISIONS_BACK);
  if (revision >= oldest && revision < present) return;
  throw invalidBody([{ pointer: '/revision', detail: `must be from ${oldest} to ${present}` }]);
}

type Items = Record<'settings' | 'segments', Map<string, unknown>>;

function takeBack({ settings, segments }: Items, { kind, key, before }: AuditItem): void {
  const items = kind === 'setting' ? settings : segments;
  if (!isObject(before)) items.delete(key);
  // Whole fields; the audit has null where there was none, which means the same.
  else items.set(key, { ...(items.get(key) as object | undefined), ...before });
}
