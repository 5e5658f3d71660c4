// What a program pays before it asks for its first setting: the import, and what is installed for it.
//
// Run:      npm run bench -- start
// Measures: `import` of the package in a new process, in turns with the others; packages and bytes that an installation
//           brings, itself included: what the files hold, and what they take on this disk.
// Do not conclude: the import with a cold disk: after the first round all files are in the system's cache.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { footprint } from './support/footprint.js';
import { timeImports } from './support/imports.js';
import { figure, printTable } from './support/table.js';

const PACKAGES = [
  'feathery-server-sdk',
  '@launchdarkly/node-server-sdk',
  'unleash-client',
  '@growthbook/growthbook',
  '@openfeature/flagd-core',
  '@statsig/statsig-node-core',
];
const ROUNDS = process.argv.includes('--quick') ? 3 : 11;
const BENCH = fileURLToPath(new URL('..', import.meta.url));

const taken = timeImports(PACKAGES, ROUNDS);

printTable('Before the first evaluation', [
  ['', 'import, ms', 'packages', 'installed, MB', 'on disk, MB'],
  ...PACKAGES.map((name) => {
    const { packages, bytes, diskBytes } = footprint(
      name === 'feathery-server-sdk' ? join(BENCH, '..') : join(BENCH, 'node_modules', name),
    );
    return [name, figure(taken.get(name) as number), `${packages}`, figure(bytes / 1e6), figure(diskBytes / 1e6)];
  }),
]);
