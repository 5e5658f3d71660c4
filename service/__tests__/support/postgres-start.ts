// Starts one PostgreSQL for all test files of the project `service on PostgreSQL`. `postgres-stop.ts` ends it.
import { createRequire } from 'node:module';
import type { Postgres } from './postgres.js';

declare global {
  var postgresOfTheRun: Postgres | undefined;
}

export default async function start(): Promise<void> {
  // Jest does not map `.js` to `.ts` for what it runs outside of the test files.
  const { startPostgres }: typeof import('./postgres.js') = createRequire(__filename)('./postgres');
  globalThis.postgresOfTheRun = await startPostgres();
  // The workers inherit it.
  process.env.FEATHERY_TEST_POSTGRES_FOLDER = globalThis.postgresOfTheRun.folder;
}
