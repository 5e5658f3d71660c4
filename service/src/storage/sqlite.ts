// The embedded database: one file in the data folder, one connection, one process at a time.
import { accessSync, constants, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Dialect,
  type Driver,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  type SqliteStatement,
} from 'kysely';
import Libsql from 'libsql';
import { BoundedMap } from '../bounded-map.js';
import { StartError } from '../start-error.js';
import { Checkpoints } from './checkpoints.js';

/** The name of the database in the data folder. */
export const DATABASE_FILE = 'feathery.db';
const LOCK_FILE = 'feathery.lock';
/** Prepared statements kept for the next time: to prepare one takes longer than to run it. */
const KEPT_STATEMENTS = 200;
/** Pages of the log, of 4 KB each, from which on a commit brings it into the file itself: the bound of the log's size. */
const MAX_LOG_PAGES = 4000;

/**
 * Opens or creates the embedded database and locks its folder for as long as it is open.
 *
 * @throws StartError when the folder cannot be written, is in use, or holds a damaged database.
 */
export function openSqlite(dataDir: string): Dialect {
  prepareFolder(dataDir);
  const lock = lockFolder(dataDir);
  try {
    const path = join(dataDir, DATABASE_FILE);
    const database = openFile(path);
    const written = database.prepare('SELECT total_changes() AS rows');
    const checkpoints = new Checkpoints(path, () => (written.get([]) as { rows: number }).rows);
    return new LibsqlDialect(database, {
      onCommit: () => checkpoints.committed(),
      close: async () => {
        await checkpoints.close();
        checkpoint(database);
        database.close();
        lock.close();
      },
    });
  } catch (error) {
    lock.close();
    throw cannotUseSqlite(dataDir, error);
  }
}

/** What keeps the database in a folder from being used, and what to do about it. */
export function cannotUseSqlite(dataDir: string, error: unknown): StartError {
  const path = join(dataDir, DATABASE_FILE);
  const { message } = error as Error;
  const cause = { cause: error };
  if (/not a database|malformed|corrupt/i.test(message)) {
    return new StartError(
      `The database ${path} is damaged (${message}). ` +
        'Restore a backup into an empty folder (feathery restore), or name the folder of a sound one with --data-dir.',
      cause,
    );
  }
  if (/disk is full/i.test(message)) {
    return new StartError(`The disk of the database ${path} is full. Make room and start again.`, cause);
  }
  return new StartError(
    `Cannot use the database ${path} (${message}). Make sure that it is a file, or name another folder with --data-dir.`,
    cause,
  );
}

/**
 * Opens the embedded database beside a service that may be using it: reads see one moment each, and nothing is written.
 *
 * @throws StartError when there is no database in the folder.
 */
export function openSqliteToRead(dataDir: string): Dialect {
  const path = join(dataDir, DATABASE_FILE);
  if (!existsSync(path)) {
    throw new StartError(`There is no database in ${dataDir}. Name the folder of the service with --data-dir.`);
  }
  const database = new Libsql(path);
  database.pragma('busy_timeout = 5000');
  database.pragma('query_only = ON');
  return new LibsqlDialect(database, { close: async () => void database.close() });
}

function prepareFolder(dataDir: string): void {
  try {
    // What is known of users is not for others on this machine.
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
    for (const name of readdirSync(dataDir)) {
      if (/^feathery\.(db|lock)/.test(name)) accessSync(join(dataDir, name), constants.R_OK | constants.W_OK);
    }
  } catch (error) {
    const { code = '', path = dataDir } = error as NodeJS.ErrnoException;
    throw new StartError(`Cannot use the data folder ${dataDir}: ${folderFault(code, path)} with --data-dir.`, {
      cause: error,
    });
  }
}

/** What is wrong, and what to do about it. */
function folderFault(code: string, path: string): string {
  if (code === 'EEXIST' || code === 'ENOTDIR') return 'it is a file, or in one. Name a folder';
  if (code === 'ENOSPC') return 'the disk is full. Make room, or name another one';
  return `this user may not write to ${path} (${code}). Make it writable, or name another one`;
}

/** The system releases this lock when the process ends, however it ends, so no stale lock can be left behind. */
function lockFolder(dataDir: string): Libsql.Database {
  let lock: Libsql.Database | undefined;
  try {
    lock = new Libsql(join(dataDir, LOCK_FILE));
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock?.close();
    throw new StartError(
      /locked|busy/i.test((error as Error).message)
        ? `Another Feathery service is using the data folder ${dataDir}. Stop it, or name another folder with --data-dir.`
        : `Cannot lock the data folder ${dataDir} (${(error as Error).message}). Remove ${LOCK_FILE} if no service is running.`,
      { cause: error },
    );
  }
}

function openFile(path: string): Libsql.Database {
  const database = new Libsql(path);
  try {
    database.pragma('journal_mode = WAL');
    // An acknowledged change survives a power cut: each commit reaches the disk before it returns.
    database.pragma('synchronous = FULL');
    database.pragma(`wal_autocheckpoint = ${MAX_LOG_PAGES}`);
    database.pragma('busy_timeout = 5000');
    database.pragma('foreign_keys = ON');
    database.prepare('SELECT count(*) FROM sqlite_schema').all([]);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Leaves one complete file behind, whatever the driver still holds open until it is collected. */
function checkpoint(database: Libsql.Database): void {
  try {
    database.pragma('wal_checkpoint(TRUNCATE)');
  } catch {
    // The disk is full or gone. What was committed is in the log beside the file and is found at the next start.
  }
}

interface DialectParts {
  onCommit?(): void;
  close(): Promise<void>;
}

class LibsqlDialect extends SqliteDialect {
  readonly #database: Libsql.Database;
  readonly #parts: DialectParts;

  constructor(database: Libsql.Database, parts: DialectParts) {
    const statements = new BoundedMap<string, SqliteStatement>(KEPT_STATEMENTS);
    const prepare: SqliteDatabase['prepare'] = (sql) => {
      let statement = statements.get(sql);
      if (statement === undefined) {
        statement = database.prepare(sql) as unknown as SqliteStatement;
        statements.set(sql, statement);
      }
      return statement;
    };
    super({ database: { prepare, close: () => statements.clear() } });
    this.#database = database;
    this.#parts = parts;
  }

  override createAdapter(): SqliteAdapter {
    return new LibsqlAdapter();
  }

  override createDriver(): Driver {
    const driver = super.createDriver();
    const commit = driver.commitTransaction.bind(driver);
    const rollback = driver.rollbackTransaction.bind(driver);
    const destroy = driver.destroy.bind(driver);
    driver.commitTransaction = async (connection) => {
      await commit(connection);
      this.#parts.onCommit?.();
    };
    // SQLite has rolled back by itself when the disk is full; to ask again would hide that error behind another.
    driver.rollbackTransaction = async (connection) => {
      if (this.#database.inTransaction) await rollback(connection);
    };
    driver.destroy = async () => {
      await destroy();
      await this.#parts.close();
    };
    return driver;
  }
}

class LibsqlAdapter extends SqliteAdapter {
  /** SQLite can roll a schema change back, so a migration that is cut off leaves nothing half done. */
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}
