import { sql } from 'kysely';
import type { Database } from './database.js';
import { isShared } from './locks.js';

/** Where the nodes that share a database talk. */
export const CHANNEL = 'feathery';

/** What a transaction tells all nodes, this one included, when it is committed. It says what to read, not what it is. */
export type Notice =
  /** Of one environment, the revision that was committed; or of the environments themselves. */
  | { readonly type: 'change'; readonly environment?: string; readonly revision?: number }
  /** Who may do what has changed. */
  | { readonly type: 'access'; readonly kind: string; readonly key: string };

/** Tells all nodes once `transaction` is committed. Without others there is nobody to tell. */
export async function notify(transaction: Database, notice: Notice): Promise<void> {
  if (!isShared(transaction)) return;
  await sql`select pg_notify(${CHANNEL}, ${JSON.stringify(notice)})`.execute(transaction);
}
