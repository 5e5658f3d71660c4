import { randomBytes } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { Database } from './database.js';

export interface EnvironmentTables {
  environments: {
    key: string;
    name: string;
    /** Changes when revisions before and after cannot be compared, for example after a restore. */
    epoch: string;
    revision: number;
    created_at: number;
  };
}

export type EnvironmentRow = Selectable<EnvironmentTables['environments']>;

export function createEpoch(): string {
  return randomBytes(8).toString('hex');
}

export async function listEnvironments(database: Database): Promise<EnvironmentRow[]> {
  return database.selectFrom('environments').selectAll().orderBy('created_at').orderBy('key').execute();
}

/** An environment, and when its revision was committed; null for the one it was created with. */
export type EnvironmentHead = EnvironmentRow & { readonly committed_at: number | null };

export async function listHeads(database: Database): Promise<EnvironmentHead[]> {
  return database
    .selectFrom('environments')
    .leftJoin('change_log', (join) =>
      join
        .onRef('change_log.environment', '=', 'environments.key')
        .onRef('change_log.revision', '=', 'environments.revision'),
    )
    .selectAll('environments')
    .select('change_log.at as committed_at')
    .orderBy('environments.created_at')
    .orderBy('environments.key')
    .execute();
}

/** Makes what was known of an environment's revisions void, unless it is already. */
export async function replaceEpoch(database: Database, key: string, before: string, after: string): Promise<void> {
  await database
    .updateTable('environments')
    .set({ epoch: after })
    .where('key', '=', key)
    .where('epoch', '=', before)
    .execute();
}

export async function insertEnvironment(database: Database, row: EnvironmentRow): Promise<void> {
  await database.insertInto('environments').values(row).execute();
}

export async function renameEnvironment(database: Database, key: string, name: string): Promise<void> {
  await database.updateTable('environments').set({ name }).where('key', '=', key).execute();
}

export async function readRevision(database: Database, key: string): Promise<number | undefined> {
  const row = await database.selectFrom('environments').select('revision').where('key', '=', key).executeTakeFirst();
  return row?.revision;
}

/** Its items and change log go with it. */
export async function deleteEnvironment(database: Database, key: string): Promise<void> {
  await database.deleteFrom('environments').where('key', '=', key).execute();
}

/**
 * Takes the next revision of an environment and, until the transaction ends, the right to write to it.
 *
 * @returns False when the environment is not at `revision` any more: somebody else was first.
 */
export async function advanceRevision(database: Database, key: string, revision: number): Promise<boolean> {
  const { numUpdatedRows } = await database
    .updateTable('environments')
    .set({ revision: revision + 1 })
    .where('key', '=', key)
    .where('revision', '=', revision)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}
