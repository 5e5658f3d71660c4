// Projects over one TypeScript pipeline. Dependencies published only as ES modules are compiled
// for Jest's CommonJS runtime like our own sources.
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const ES_MODULE_ONLY = ['p-retry', 'is-network-error', 'cookie', 'typebox'];

/** @param {string} rootDir @param {string} displayName */
const project = (displayName, rootDir) => ({
  displayName,
  rootDir,
  roots: ['<rootDir>/__tests__'],
  testEnvironment: 'node',
  testMatch: ['**/__tests__/**/*.test.ts'],
  transform: {
    '^.+\\.m?[jt]s$': [
      'ts-jest',
      { tsconfig: new URL('./tsconfig.jest.json', import.meta.url).pathname, diagnostics: false },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${ES_MODULE_ONLY.join('|')})/)`],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^feathery-server-sdk$': new URL('./lib/index.ts', import.meta.url).pathname,
    '^feathery-server-sdk/protocol$': new URL('./lib/protocol-entry.ts', import.meta.url).pathname,
    '^feathery-server-sdk/testing$': new URL('./lib/testing.ts', import.meta.url).pathname,
  },
});

/**
 * The service's suites once more, on PostgreSQL: those that open an app, or a process, and leave it to the project which database it has.
 * Without PostgreSQL they are left out, unless everything is required.
 */
const onPostgres = () => ({
  ...project('service on PostgreSQL', '<rootDir>/service'),
  testMatch: suitesOfApps().map((file) => `<rootDir>/__tests__/${file}`),
  globals: { appsAreOnPostgres: true },
  globalSetup: '<rootDir>/__tests__/support/postgres-start.ts',
  globalTeardown: '<rootDir>/__tests__/support/postgres-stop.ts',
});

function suitesOfApps() {
  const folder = new URL('./service/__tests__/', import.meta.url);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => {
    if (!file.endsWith('.test.ts')) return false;
    const source = readFileSync(new URL(file, folder), 'utf8');
    return /\b(openTestApp|databaseUrlOf)\(/.test(source) && !/support\/(databases|postgres)\.js/.test(source);
  });
}

/** As `support/postgres.ts` finds it: Debian's folder is there with the client alone, too. */
function hasPostgres() {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).map((version) => `${debian}/${version}/bin`) : [];
  return [...versions, ...(process.env.PATH ?? '').split(':')].some((folder) =>
    ['initdb', 'postgres'].every((name) => existsSync(`${folder}/${name}`)),
  );
}

const wantsPostgres = process.env.FEATHERY_REQUIRE_ALL === '1' || hasPostgres();

export default {
  projects: [
    project('sdk', '<rootDir>'),
    project('service', '<rootDir>/service'),
    ...(wantsPostgres ? [onPostgres()] : []),
  ],
  coverageProvider: 'v8',
};
