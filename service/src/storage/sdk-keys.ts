import type { Database } from './database.js';

export interface SdkKeyTables {
  sdk_keys: {
    id: string;
    environment: string;
    name: string;
    hash: string;
    hint: string;
    created_at: number;
    /** Name of the actor, as it was then. */
    created_by: string;
    expires_at: number | null;
    last_used_at: number | null;
  };
}

/** An SDK key without what would let anybody use it. */
export interface SdkKey {
  readonly id: string;
  readonly environment: string;
  readonly name: string;
  /** Its last characters. */
  readonly hint: string;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
}

/** Returns false when the same key is there already: several nodes may start with it at the same time. */
export async function insertSdkKey(database: Database, key: SdkKey, hash: string): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await database
    .insertInto('sdk_keys')
    .values({
      id: key.id,
      environment: key.environment,
      name: key.name,
      hash,
      hint: key.hint,
      created_at: key.createdAt,
      created_by: key.createdBy,
      expires_at: key.expiresAt,
      last_used_at: key.lastUsedAt,
    })
    .onConflict((conflict) => conflict.column('hash').doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

export async function findSdkKey(database: Database, hash: string): Promise<SdkKey | undefined> {
  const row = await database.selectFrom('sdk_keys').selectAll().where('hash', '=', hash).executeTakeFirst();
  return row === undefined ? undefined : toSdkKey(row);
}

/** The keys that work at `now` or may later, by hash, at most `limit`. */
export async function listSdkKeysByHash(database: Database, now: number, limit: number): Promise<Map<string, SdkKey>> {
  const rows = await database
    .selectFrom('sdk_keys')
    .selectAll()
    .where(({ or, eb }) => or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .orderBy('created_at', 'desc')
    .limit(limit)
    .execute();
  return new Map(rows.map((row) => [row.hash, toSdkKey(row)]));
}

/** The keys of an environment, newest first. */
export async function listSdkKeys(database: Database, environment: string): Promise<SdkKey[]> {
  const rows = await database
    .selectFrom('sdk_keys')
    .selectAll()
    .where('environment', '=', environment)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .execute();
  return rows.map(toSdkKey);
}

/** Ids and ends of the keys that have an end after `since`, soonest first. */
export async function listSdkKeyEnds(database: Database, since: number): Promise<{ id: string; expiresAt: number }[]> {
  const rows = await database
    .selectFrom('sdk_keys')
    .select(['id', 'expires_at'])
    .where('expires_at', '>', since)
    .orderBy('expires_at')
    .execute();
  return rows.map((row) => ({ id: row.id, expiresAt: row.expires_at as number }));
}

export async function updateSdkKey(
  database: Database,
  id: string,
  change: { readonly name?: string; readonly expiresAt?: number | null },
): Promise<void> {
  await database
    .updateTable('sdk_keys')
    .set({
      ...(change.name === undefined ? {} : { name: change.name }),
      ...(change.expiresAt === undefined ? {} : { expires_at: change.expiresAt }),
    })
    .where('id', '=', id)
    .execute();
}

export async function deleteSdkKeysExpiredBefore(database: Database, time: number): Promise<void> {
  await database.deleteFrom('sdk_keys').where('expires_at', '<', time).execute();
}

function toSdkKey(row: SdkKeyTables['sdk_keys']): SdkKey {
  return {
    id: row.id,
    environment: row.environment,
    name: row.name,
    hint: row.hint,
    createdAt: row.created_at,
    createdBy: row.created_by,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
  };
}
