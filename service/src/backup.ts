// `feathery backup`: all that the service keeps, from one moment of the database, into a file. The same for both
// databases, so that it is also the way from one to the other.
import { createWriteStream, existsSync } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type BackupHeader, writeLines } from './backup-file.js';
import type { Config } from './config.js';
import { StartError } from './start-error.js';
import type { Database } from './storage/database.js';
import { readTables } from './storage/dump.js';
import { migrations } from './storage/migrations/index.js';
import { openToRead, readSchemaState } from './storage/reader.js';
import { SERVICE_VERSION } from './version.js';

/** It holds hashed passwords and what is known of users: not for others on this machine. */
const FILE_MODE = 0o600;

/** Where the database is. */
export type Place = Pick<Config, 'dataDir' | 'databaseUrl'>;

/**
 * Writes all that the database holds at this moment into a new file. The service may be running and goes on.
 *
 * @returns The size of the file.
 * @throws StartError whose message says what to do; there is no file then.
 */
export async function backup(place: Place, file: string, now: () => number): Promise<{ bytes: number }> {
  if (existsSync(file)) throw new StartError(`There is a file ${file} already. Name another one.`);
  const database = openToRead(place);
  try {
    await requireSchema(database);
    await writeWhole(file, (sink) =>
      database
        .transaction()
        .setIsolationLevel('repeatable read')
        .execute((transaction) => sink(writeLines(headerAt(now()), readTables(transaction)))),
    );
    return { bytes: (await stat(file)).size };
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(`The backup failed: ${(error as Error).message}. feathery doctor may say more.`, {
      cause: error,
    });
  } finally {
    await database.destroy();
  }
}

function headerAt(now: number): BackupHeader {
  return { service: SERVICE_VERSION, at: new Date(now).toISOString(), migrations: Object.keys(migrations) };
}

async function requireSchema(database: Database): Promise<void> {
  const state = await readSchemaState(database);
  if (state === 'current') return;
  throw new StartError(
    state === 'empty'
      ? 'There is nothing in the database yet.'
      : 'The database was written by another version of Feathery. Use the backup command of that version.',
  );
}

type Sink = (lines: AsyncIterable<string>) => Promise<void>;

/** The file has its name only when it is whole and on disk. */
async function writeWhole(file: string, write: (sink: Sink) => Promise<void>): Promise<void> {
  const partial = `${file}.partial`;
  try {
    await write((lines) =>
      pipeline(Readable.from(lines), createGzip(), createWriteStream(partial, { mode: FILE_MODE, flush: true })),
    );
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}
