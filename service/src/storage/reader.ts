// The database as another process reads it, beside a service that may be running: nothing is created, migrated, locked
// or written.
import { Kysely, sql } from 'kysely';
import type { Config } from '../config.js';
import type { Database, Tables } from './database.js';
import { migrations } from './migrations/index.js';
import { openPostgres } from './postgres.js';
import { openSqliteToRead } from './sqlite.js';

/** How a database stands to this version of the program. */
export type SchemaState = 'empty' | 'current' | 'older' | 'newer';

/**
 * Connects to the configured database. `destroy()` ends it.
 *
 * @throws StartError when there is no database in the folder.
 */
export function openToRead({ dataDir, databaseUrl }: Pick<Config, 'dataDir' | 'databaseUrl'>): Database {
  const dialect = databaseUrl === undefined ? openSqliteToRead(dataDir) : openPostgres(databaseUrl);
  return new Kysely<Tables>({ dialect });
}

/** Which migrations a database has seen, compared with those of this program. */
export async function readSchemaState(database: Database): Promise<SchemaState> {
  const tables = await database.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === 'kysely_migration')) return 'empty';
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(database);
  return compareSchema(rows.map(({ name }) => name));
}

/** The same for the names of migrations, in their order. */
export function compareSchema(names: readonly string[]): SchemaState {
  const known = Object.keys(migrations);
  if (names.some((name, index) => name !== known[index])) return 'newer';
  if (names.length === 0) return 'empty';
  return names.length < known.length ? 'older' : 'current';
}
