// Where the apps of a test file have their databases: in their folders, or, in the project `service on PostgreSQL`, on
// the server that is started for the whole run.
import { randomUUID } from 'node:crypto';
import { addressOf, administer } from './postgres.js';

declare global {
  /** Set by that project, see `jest.config.js`. */
  var appsAreOnPostgres: true | undefined;
}

const names = new Map<string, string>();

if (globalThis.appsAreOnPostgres) {
  jest.setTimeout(60_000);
  afterAll(() => administer(folder(), ...[...names.values()].map((name) => `drop database ${name} with (force)`)));
}

/** The database of the app whose folder this is, the same at each start; undefined: the one in the folder. */
export async function databaseUrlOf(dataDir: string): Promise<string | undefined> {
  if (!globalThis.appsAreOnPostgres) return undefined;
  let name = names.get(dataDir);
  if (name === undefined) {
    name = `app_${randomUUID().replaceAll('-', '')}`;
    names.set(dataDir, name);
    await administer(folder(), `create database ${name}`);
  }
  return addressOf(folder(), name);
}

function folder(): string {
  return process.env.FEATHERY_TEST_POSTGRES_FOLDER as string;
}
