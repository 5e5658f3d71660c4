// How long one evaluation takes, beside LaunchDarkly, other peers and the least code by hand.
//
// Run:      npm run bench -- evaluate [--quick] [--picture]
// Measures: S1 to S7 of support/scenarios.ts with analytics on, for 1,000 users in rotation: user objects made ahead
//           (reused) and made afresh for every call (fresh). Every contestant runs in a process of its own that gets its
//           settings from a local server or in process; all answers are checked before anything is timed.
//           With --picture the README's picture is drawn anew.
// Do not conclude: absolute times. Only ratios within one run mean anything, as each round lets all contestants run one
//           after the other. The strings of users are the same objects in every call: what parsing a request costs is
//           not here. Peers have other hashes and no or other analytics; the table says which.
import { PEER_NAMES, ratios, runContest } from './support/evaluation-contest.js';
import { writePicture } from './support/picture.js';
import { SCENARIOS } from './support/scenarios.js';
import { figure, printTable, times } from './support/table.js';

const LABELS = {
  feathery: 'Feathery',
  launchdarkly: 'LaunchDarkly',
  reference: 'least by hand',
  unleash: 'Unleash',
  growthbook: 'GrowthBook',
  flagd: 'flagd core',
  statsig: 'Statsig core',
};
const NAMES = ['feathery', 'launchdarkly', 'reference', ...PEER_NAMES];
const VARIANTS = ['reused', 'fresh'] as const;

const rounds = process.argv.includes('--quick') ? 5 : 15;
const { entrants, measured } = await runContest({ names: NAMES, variants: VARIANTS, rounds, roundMs: 20 });
for (const variant of VARIANTS) {
  const rows = measured.filter((row) => row.variant === variant);
  printTable(`Nanoseconds of processor per call, users ${variant}`, [
    ['', ...NAMES, 'LaunchDarkly takes', 'of the reference'],
    ...rows.map(({ id, taken }) => [
      id,
      ...NAMES.map((name) => figure(taken.get(name) ?? Number.NaN)),
      ...ratios(taken).map(times),
    ]),
  ]);
}
if (process.argv.includes('--picture')) {
  writePicture({
    file: new URL('../../docs/images/evaluation.svg', import.meta.url),
    title: 'One evaluation, analytics on',
    caption:
      'How many times longer than Feathery each takes; further to the right is slower. Users reused; see docs/performance.md.',
    unit: 'feathery',
    labels: LABELS,
    rows: measured
      .filter(({ variant, id }) => variant === 'reused' && id !== 'S2 joined' && id !== 'S2 miss')
      .map(({ id, taken }) => ({ title: SCENARIOS.find((one) => one.id === id)?.title ?? id, taken })),
  });
}
console.log(`\n${SCENARIOS.map(({ id, title }) => `${id}: ${title}`).join('\n')}\n`);
for (const { name, analytics, cannot } of entrants) {
  const gaps = Object.entries(cannot).map(([id, reason]) => `; ${id}: ${reason}`);
  console.log(`${name}: analytics ${analytics}${gaps.join('')}`);
}
