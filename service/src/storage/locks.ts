// What one node does at a time, of all that share a PostgreSQL database. The embedded database has one process only.
import { PostgresAdapter, sql } from 'kysely';
import type { Database } from './database.js';

/** Ids of advisory locks. They are shared by everything in the database, hence the unlikely numbers. */
const COMMIT_LOCK = 7_283_411_001;
const RETENTION_LOCK = 7_283_411_002;

export function isShared(database: Database): boolean {
  return database.getExecutor().adapter instanceof PostgresAdapter;
}

/**
 * Runs a task when its turn comes among those of all nodes. Fair: who asked first is first. A node that hangs in its
 * turn loses it after a while, so the task must not rely on being alone to be right, only to get through.
 */
export async function inTurn<T>(database: Database, task: () => Promise<T>): Promise<T> {
  if (!isShared(database)) return task();
  let outcome: Promise<T> | undefined;
  const turn = database.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(${COMMIT_LOCK})`.execute(transaction);
    outcome = task();
    await outcome;
  });
  try {
    await turn;
  } catch (error) {
    // A turn that was lost does not undo what was done in it.
    if (outcome === undefined) throw error;
  }
  return outcome as Promise<T>;
}

/** Runs a task unless another node is running it at this time. */
export async function unlessRunning(database: Database, task: () => Promise<void>): Promise<void> {
  if (!isShared(database)) return task();
  await database.connection().execute(async (connection) => {
    const { rows } = await sql<{ free: boolean }>`select pg_try_advisory_lock(${RETENTION_LOCK}) as free`.execute(
      connection,
    );
    if (rows[0]?.free !== true) return;
    try {
      await task();
    } finally {
      await sql`select pg_advisory_unlock(${RETENTION_LOCK})`.execute(connection);
    }
  });
}
