// What a program pays before it asks for its first setting: the import, and what is installed for it.
//
// Run:      npm run bench -- start
// Measures: `import` of the package in a new process, in turns with the others; packages and bytes that an installation
//           brings, itself included, as unpacked.
// Do not conclude: the import with a cold disk: after the first round all files are in the system's cache.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { footprint } from './support/footprint.js';
import { median } from './support/statistics.js';
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
const PROBE = join(BENCH, 'dist/support/start-probe.js');

const taken = new Map(PACKAGES.map((name): [string, number[]] => [name, []]));
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, times] of taken)
    times.push(Number(execFileSync(process.execPath, [PROBE, name], { encoding: 'utf8' })));
}

printTable('Before the first evaluation', [
  ['', 'import, ms', 'packages', 'installed, MB'],
  ...PACKAGES.map((name) => {
    const { packages, bytes } = footprint(
      name === 'feathery-server-sdk' ? join(BENCH, '..') : join(BENCH, 'node_modules', name),
    );
    return [name, figure(median(taken.get(name) as number[])), `${packages}`, figure(bytes / 1e6)];
  }),
]);
