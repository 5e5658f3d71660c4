// Two projects over one TypeScript pipeline. Dependencies published only as ES modules are compiled
// for Jest's CommonJS runtime like our own sources.
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

export default {
  projects: [project('sdk', '<rootDir>'), project('service', '<rootDir>/service')],
  coverageProvider: 'v8',
};
