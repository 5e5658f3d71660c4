// What evaluations leave on the heap, beside LaunchDarkly and the least code by hand.
//
// Run:      npm run bench -- allocation
// Measures: bytes allocated per call, with a young generation so large that nothing is collected meanwhile; then 10^7 calls
//           with Node's usual heap: collections, and live bytes afterwards less those before. At last live bytes after
//           10^6 calls for 100 settings by 10^5 users, which are more than the SDK remembers.
// Do not conclude: bytes below 1: what timers of the process allocate is not told apart.
import { ALLOCATION_OPTIONS, CROWD, crowdHeap, type HeapCourse } from './support/allocation.js';
import { type Entrant, enter } from './support/contest.js';
import { withMocks } from './support/evaluation-contest.js';
import { SCENARIO_IDS, type ScenarioId } from './support/scenarios.js';
import { figure, printTable } from './support/table.js';

const NAMES = ['feathery', 'launchdarkly', 'reference'] as const;
const SINGLE = SCENARIO_IDS.filter((id) => id !== 'S6');
/** Few enough that LaunchDarkly's take no more than the young generation. */
const CALLS = 3000;
const WARM_UP_CALLS = 20_000;
const MANY_CALLS = process.argv.includes('--quick') ? 1e6 : 1e7;

await withMocks(async (addresses) => {
  const entrants: Entrant[] = [];
  for (const name of NAMES) entrants.push(await enter(name, addresses, ALLOCATION_OPTIONS));
  for (const variant of ['reused', 'fresh'] as const) {
    const rows = [];
    for (const id of SINGLE) {
      const bytes = [];
      for (const { worker } of entrants) {
        await worker.call('time', id, variant, WARM_UP_CALLS);
        bytes.push(figure(await worker.call<number>('allocated', id, variant, CALLS)));
      }
      rows.push([id, ...bytes]);
    }
    printTable(`Bytes allocated per call, users ${variant}`, [['', ...NAMES], ...rows]);
  }
  await Promise.all(entrants.map(({ worker }) => worker.end()));

  const ours = await enter('feathery', addresses, ['--expose-gc']);
  const rows = [];
  for (const id of ['S1', 'S3', 'S4'] satisfies ScenarioId[]) {
    await ours.worker.call('time', id, 'reused', WARM_UP_CALLS);
    const course = await ours.worker.call<HeapCourse>('flatHeap', id, 'reused', MANY_CALLS);
    const { grownBytes, youngCollections, oldCollections } = course;
    rows.push([id, figure(grownBytes / 1024), `${youngCollections}`, `${oldCollections}`]);
  }
  printTable(`The heap over ${MANY_CALLS.toLocaleString('en-US')} calls, users reused`, [
    ['feathery', 'live bytes added, KB', 'young collections', 'old collections'],
    ...rows,
  ]);
  await ours.worker.end();

  const { fullBytes, flushedBytes } = await crowdHeap(addresses.origin);
  const { calls, settings, users } = CROWD;
  printTable(
    `The heap after ${calls.toLocaleString('en-US')} calls for ${settings} settings by ${users.toLocaleString('en-US')} users`,
    [
      ['feathery', 'live bytes added, KB'],
      ['before the flush', figure(fullBytes / 1024)],
      ['after it', figure(flushedBytes / 1024)],
    ],
  );
});
