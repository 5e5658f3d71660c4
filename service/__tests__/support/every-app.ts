// `FEATHERY_TEST_DATABASE=postgres npx jest service/__tests__` puts every app of the tests on PostgreSQL instead of SQLite.
import { type Postgres, startPostgres } from './postgres.js';

const isWanted = process.env.FEATHERY_TEST_DATABASE === 'postgres';
const places = new Map<string, string>();
let postgres: Promise<Postgres> | undefined;

if (isWanted) {
  jest.setTimeout(60_000);
  afterAll(async () => (await postgres)?.stop());
}

/** The database of the app whose folder this is, the same at each start; undefined: the one in the folder. */
export async function databaseUrlOf(dataDir: string): Promise<string | undefined> {
  if (!isWanted) return undefined;
  postgres ??= startPostgres();
  const known = places.get(dataDir) ?? (await (await postgres).createDatabase());
  places.set(dataDir, known);
  return known;
}
