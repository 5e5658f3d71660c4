// Opens the database: SQLite in a folder of its own, or PostgreSQL. One schema, one set of queries, two dialects.
// Times are integer milliseconds, booleans are 0 or 1, JSON is text, in both.
import { Kysely, Migrator } from 'kysely';
import type { Config } from '../config.js';
import { StartError } from '../start-error.js';
import type { AnalyticsTables } from './analytics.js';
import type { AuditTables } from './audit.js';
import type { ChangeLogTables } from './change-log.js';
import type { ChangeSetTables } from './change-sets.js';
import type { ContextTables } from './contexts.js';
import type { DefinitionTables } from './definitions.js';
import type { EnvironmentPolicyTables } from './environment-policies.js';
import type { EnvironmentTables } from './environments.js';
import type { ItemTables } from './items.js';
import type { LinkTables } from './links.js';
import type { MemberTables } from './members.js';
import { migrations } from './migrations/index.js';
import { openPostgres } from './postgres.js';
import type { SdkKeyTables } from './sdk-keys.js';
import type { SessionTables } from './sessions.js';
import { cannotUseSqlite, openSqlite } from './sqlite.js';
import type { TokenTables } from './tokens.js';

/** Every table. Each storage file declares its own; add an interface here with the migration that creates it. */
export interface Tables
  extends EnvironmentTables,
    DefinitionTables,
    ItemTables,
    ChangeLogTables,
    ChangeSetTables,
    AuditTables,
    SdkKeyTables,
    TokenTables,
    MemberTables,
    LinkTables,
    SessionTables,
    EnvironmentPolicyTables,
    AnalyticsTables,
    ContextTables {}

/** The database, or one transaction on it. */
export type Database = Kysely<Tables>;

/** How one statement went. */
export interface QueryOutcome {
  readonly durationMs: number;
  readonly failed: boolean;
}

/**
 * Opens the configured database and brings its schema up to date. `destroy()` closes it.
 *
 * @param onQuery - Told of every statement.
 * @throws StartError whose message says what to do.
 */
export async function openDatabase(
  config: Pick<Config, 'dataDir' | 'databaseUrl'> & Partial<Pick<Config, 'databaseConnections'>>,
  onQuery?: (outcome: QueryOutcome) => void,
): Promise<Database> {
  const dialect =
    config.databaseUrl === undefined
      ? openSqlite(config.dataDir)
      : openPostgres(config.databaseUrl, config.databaseConnections);
  const database = new Kysely<Tables>({
    dialect,
    ...(onQuery && {
      log: ({ level, queryDurationMillis }) => onQuery({ durationMs: queryDurationMillis, failed: level === 'error' }),
    }),
  });
  try {
    await migrate(database);
    return database;
  } catch (error) {
    await database.destroy();
    throw error instanceof StartError ? error : cannotOpen(config, error);
  }
}

async function migrate(database: Database): Promise<void> {
  const migrator = new Migrator({ db: database, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}

function cannotOpen({ dataDir, databaseUrl }: Pick<Config, 'dataDir' | 'databaseUrl'>, error: unknown): StartError {
  const { message } = error as Error;
  if (/corrupted migrations/.test(message)) {
    return new StartError(
      'The database was written by another version of Feathery. Start the version that wrote it, or a newer one.',
      { cause: error },
    );
  }
  if (databaseUrl === undefined) return cannotUseSqlite(dataDir, error);
  return new StartError(
    `Cannot use the PostgreSQL database: ${message || (error as { code?: string }).code}. Check --database-url.`,
    { cause: error },
  );
}
