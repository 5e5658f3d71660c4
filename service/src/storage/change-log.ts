// What was committed, per environment and revision: the feed reads it in order, streams resume from it.
import type { Change } from 'feathery-server-sdk/protocol';
import type { Actor } from '../auth.js';
import type { Database } from './database.js';
import type { SegmentMeta } from './items.js';

export interface ChangeLogTables {
  change_log: {
    environment: string;
    revision: number;
    at: number;
    author: string;
    comment: string;
    changes: string;
  };
}

/** A change as logged: what goes to the SDKs, and a segment's description beside it. */
export type LoggedChange = Change & { readonly meta?: SegmentMeta | null };

/** One commit to one environment. */
export interface ChangeSet {
  readonly revision: number;
  readonly at: number;
  readonly author: Actor;
  readonly comment: string;
  readonly changes: readonly LoggedChange[];
}

/** The commits after `revision`, oldest first, at most `limit`. */
export async function readChanges(
  database: Database,
  environment: string,
  revision: number,
  limit: number,
): Promise<ChangeSet[]> {
  const rows = await database
    .selectFrom('change_log')
    .select(['revision', 'at', 'author', 'comment', 'changes'])
    .where('environment', '=', environment)
    .where('revision', '>', revision)
    .orderBy('revision')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    revision: row.revision,
    at: row.at,
    author: JSON.parse(row.author) as Actor,
    comment: row.comment,
    changes: JSON.parse(row.changes) as LoggedChange[],
  }));
}

export async function appendChanges(database: Database, environment: string, changeSet: ChangeSet): Promise<void> {
  await database
    .insertInto('change_log')
    .values({
      environment,
      revision: changeSet.revision,
      at: changeSet.at,
      author: JSON.stringify(changeSet.author),
      comment: changeSet.comment,
      changes: JSON.stringify(changeSet.changes),
    })
    .execute();
}

/** Forgets the commits up to and including `revision`. Who resumes from before gets everything instead. */
export async function trimChanges(database: Database, environment: string, revision: number): Promise<void> {
  await database
    .deleteFrom('change_log')
    .where('environment', '=', environment)
    .where('revision', '<=', revision)
    .execute();
}
