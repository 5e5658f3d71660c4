// How long settings take from the wire to `variation`, beside LaunchDarkly and the least code by hand.
//
// Run:      npm run bench -- apply
// Measures: 1. A `put` of 10,000 settings (4.9 MB) from a local server to a process that has just started: time and
//              processor time until ready, the longest time the event loop was held, heap added after a collection.
//              How long the loop is held is compared with a process that does nothing but `JSON.parse`.
//           2. From the write of a patch on the server to the first `variation` that gives the new value, at 1 and at
//              1,000 patches a second, with 1,000 and 10,000 settings. The process looks at the value in every turn of
//              its event loop, so that no timer hides the time.
// Do not conclude: latency over a network, or of a service: the server here writes a prepared text.

import { heldRatio, type Latencies, measureLoading, measurePatches } from './support/apply-contest.js';
import type { Loaded } from './support/apply-process.js';
import { HOLDERS, type HolderName } from './support/holders.js';
import { median, percentile } from './support/statistics.js';
import { figure, printTable, times } from './support/table.js';

const SETTINGS = 10_000;
const SIZES = [1000, 10_000] as const;
const isQuick = process.argv.includes('--quick');

printLoading(await measureLoading(SETTINGS, isQuick ? 3 : 7));
for (const size of SIZES)
  printPatches(size, await measurePatches(size, isQuick ? { slow: 4, fast: 1 } : { slow: 15, fast: 3 }));

function printLoading(results: ReadonlyMap<HolderName, Loaded[]>): void {
  const of = (name: HolderName, read: (one: Loaded) => number) => median((results.get(name) ?? []).map(read));
  const row = (title: string, read: (one: Loaded) => number) => [
    title,
    ...HOLDERS.map((name) => figure(of(name, read))),
    times(of('feathery', read) / of('launchdarkly', read)),
    times(of('feathery', read) / of('reference', read)),
  ];
  printTable(`A put of ${SETTINGS.toLocaleString('en-US')} settings`, [
    ['', ...HOLDERS, 'of LaunchDarkly', 'of the reference'],
    row('ready, ms', ({ readyMs }) => readyMs),
    row('ready, ms of processor', ({ cpuMs }) => cpuMs),
    row('event loop held, ms', ({ heldMs }) => heldMs),
    ['held, times JSON.parse alone', ...HOLDERS.map((name) => times(heldRatio(results, name)))],
    row('heap added, MB', ({ heapBytes }) => heapBytes / 1e6),
  ]);
}

function printPatches(size: number, { slow, fast }: { slow: Latencies; fast: Latencies }): void {
  const row = (title: string, latencies: Latencies, share: number) => {
    const of = (name: HolderName) => percentile(latencies.get(name) as number[], share);
    const ratio = (other: HolderName) => times(of('feathery') / of(other));
    return [title, ...HOLDERS.map((name) => figure(of(name))), ratio('launchdarkly'), ratio('reference')];
  };
  printTable(`From a patch to variation, µs, ${size.toLocaleString('en-US')} settings`, [
    ['', ...HOLDERS, 'of LaunchDarkly', 'of the reference'],
    row('1 a second, p50', slow, 0.5),
    row('1,000 a second, p50', fast, 0.5),
    row('1,000 a second, p99', fast, 0.99),
  ]);
}
