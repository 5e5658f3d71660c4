// Runs a suite on every database the service knows. PostgreSQL is left out where it is not installed, unless
// everything is required.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, openDatabase } from '../../src/storage/database.js';
import { POSTGRES_BIN, type Postgres, startPostgres } from './postgres.js';

/** What `openDatabase` is told, and the way to be rid of what it makes. */
export interface Place {
  readonly dataDir: string;
  readonly databaseUrl: string | undefined;
}

export interface Databases {
  /** A new place for a database. */
  place(): Promise<Place>;
  /** A new, empty database; closed after the test. */
  open(): Promise<Database>;
}

/** Declares the same tests once for each database. */
export function describeEachDatabase(name: string, suite: (databases: Databases) => void): void {
  describe(`${name} on SQLite`, () => {
    const folders: string[] = [];
    const place = async () => {
      const dataDir = mkdtempSync(join(tmpdir(), 'feathery-test-'));
      folders.push(dataDir);
      return { dataDir, databaseUrl: undefined };
    };
    afterAll(() => {
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    });
    suite({ place, open: opener(place) });
  });

  const isWanted = POSTGRES_BIN !== undefined || process.env.FEATHERY_REQUIRE_ALL === '1';
  (isWanted ? describe : describe.skip)(`${name} on PostgreSQL`, () => {
    let postgres: Postgres;
    beforeAll(async () => {
      postgres = await startPostgres();
    }, 60_000);
    afterAll(() => postgres?.stop());
    const place = async () => ({ dataDir: '', databaseUrl: await postgres.createDatabase() });
    suite({ place, open: opener(place) });
  });
}

function opener(place: () => Promise<Place>): () => Promise<Database> {
  const open: Database[] = [];
  afterEach(async () => {
    for (const database of open.splice(0)) await database.destroy();
  });
  return async () => {
    const database = await openDatabase(await place());
    open.push(database);
    return database;
  };
}
