// PostgreSQL: a pool of connections that survives losing them. A connection that breaks, or a server that no longer
// answers, ends in an error of the query at hand and never in an `error` event that would end the process.
import { type Dialect, PostgresDialect, type PostgresPoolClient } from 'kysely';
import pg from 'pg';

const CONNECTIONS = 10;
const CONNECTION_TIMEOUT_MS = 5_000;
/** The server that answers nothing for so long has gone, perhaps without a word: its connection is not used again. */
const QUERY_TIMEOUT_MS = 15_000;
/** A node that hangs must not keep the others from writing. */
const LOCK_TIMEOUT_MS = 10_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 15_000;
const KEEP_ALIVE_DELAY_MS = 10_000;

/** The connection failed, so it is not known whether the statement was carried out. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
  /** SQLSTATE `connection_failure`, as if the server had been able to say so. */
  readonly code = '08006';
}

/** How every connection is made. */
export function connectionOptions(connectionString: string): pg.ClientConfig {
  return {
    connectionString,
    connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    statement_timeout: QUERY_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
    application_name: 'feathery',
  };
}

/** @param connections - At most so many at one time; a commit needs two. */
export function openPostgres(connectionString: string, connections = CONNECTIONS): Dialect {
  // Counts and times fit a double; by default `pg` gives 64-bit integers as text.
  const types = {
    getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
      oid === pg.types.builtins.INT8
        ? Number
        : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
  };
  const pool = new pg.Pool({ ...connectionOptions(connectionString), types, max: connections });
  // An idle connection that breaks is replaced at the next query, which reports what is wrong if it still is.
  pool.on('error', () => {});
  // One that breaks in use tells the query at hand; between two queries of a transaction only this hears of it.
  pool.on('connect', (client) => client.on('error', () => {}));
  return new PostgresDialect({
    pool: {
      connect: async () => pooled(await pool.connect().catch(fail)),
      end: () => pool.end(),
    },
  });
}

/** Gives a connection that failed once back as broken, as what it answers next may belong to an earlier question. */
function pooled(client: pg.PoolClient): PostgresPoolClient {
  let broken: Error | undefined;
  const query = async (sql: string, parameters: readonly unknown[]) => {
    try {
      return await client.query(sql, [...parameters]);
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) broken = error as Error;
      return fail(error);
    }
  };
  return { query: query as unknown as PostgresPoolClient['query'], release: () => client.release(broken) };
}

function fail(error: unknown): never {
  if (error instanceof pg.DatabaseError) throw error;
  throw new ConnectionLost((error as Error).message, { cause: error });
}
