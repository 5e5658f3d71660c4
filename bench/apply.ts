// How long settings take from the wire to `variation`, beside LaunchDarkly and the least code by hand.
//
// Run:      npm run bench -- apply
// Measures: 1. A `put` of 10,000 settings (5.4 MB) from a local server to a process that has just started: time and
//              processor time until ready, the longest time the event loop was held less what `JSON.parse` of the
//              message takes in that process, heap added after a collection.
//           2. From the write of a patch on the server to the first `variation` that gives the new value, at 1 and at
//              1,000 patches a second, with 1,000 and 10,000 settings. The process looks at the value in every turn of
//              its event loop, so that no timer hides the time.
// Do not conclude: latency over a network, or of a service: the server here writes a prepared text.
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Loaded, Sightings } from './support/apply-process.js';
import { HOLDERS, type HolderName } from './support/holders.js';
import { largePut, probePatch } from './support/large-environment.js';
import { type MockServices, startMockServices, streamRoute } from './support/mock-services.js';
import { median, percentile } from './support/statistics.js';
import { figure, printTable, times } from './support/table.js';
import { Worker } from './support/workers.js';

const SETTINGS = 10_000;
const SIZES = [1000, 10_000] as const;
const isQuick = process.argv.includes('--quick');
const LOAD_ROUNDS = isQuick ? 3 : 7;
const SLOW_PATCHES = isQuick ? 4 : 15;
const FAST_ROUNDS = isQuick ? 1 : 3;
const FAST_PATCHES = 1000;
const FAST_PER_MS = 1;

await measureLoading();
for (const size of SIZES) await measurePatches(size);

async function measureLoading(): Promise<void> {
  const put = largePut(SETTINGS);
  const services = await startMockServices({ '/all': streamRoute(() => put), '/message': () => put });
  const results = new Map<HolderName, Loaded[]>(HOLDERS.map((name) => [name, []]));
  for (let round = 0; round < LOAD_ROUNDS; round++) {
    for (const [name, loaded] of results) {
      const worker = new Worker('support/apply-process.js', [name], ['--expose-gc']);
      loaded.push(await worker.call<Loaded>('load', services.origin));
      await worker.end();
    }
  }
  services.close();
  const of = (name: HolderName, read: (loaded: Loaded) => number) => median((results.get(name) as Loaded[]).map(read));
  const row = (title: string, read: (loaded: Loaded) => number) => [
    title,
    ...HOLDERS.map((name) => figure(of(name, read))),
    times(of('feathery', read) / of('launchdarkly', read)),
    times(of('feathery', read) / of('reference', read)),
  ];
  printTable(`A put of ${SETTINGS.toLocaleString('en-US')} settings, ${figure(put.length / 1e6)} MB`, [
    ['', ...HOLDERS, 'of LaunchDarkly', 'of the reference'],
    row('ready, ms', ({ readyMs }) => readyMs),
    row('ready, ms of processor', ({ cpuMs }) => cpuMs),
    row('event loop held, ms', ({ heldMs }) => heldMs),
    row('JSON.parse alone, ms', ({ parseMs }) => parseMs),
    row('held beyond JSON.parse, ms', ({ heldMs, parseMs }) => Math.max(0, heldMs - parseMs)),
    row('heap added, MB', ({ heapBytes }) => heapBytes / 1e6),
  ]);
}

interface Target {
  readonly name: HolderName;
  readonly worker: Worker;
  readonly stream: ServerResponse;
  readonly services: MockServices;
  /** Last value of the probe sent. */
  value: number;
}

async function measurePatches(size: number): Promise<void> {
  const put = largePut(size);
  const targets: Target[] = [];
  for (const name of HOLDERS) targets.push(await connect(name, put));
  const warm = targets.map((target) => patchFast(target, FAST_PATCHES));
  await Promise.all(warm);

  const slow = new Map(HOLDERS.map((name): [HolderName, number[]] => [name, []]));
  for (let round = 0; round < SLOW_PATCHES; round++) {
    for (const target of targets) {
      slow.get(target.name)?.push(...(await patchOnce(target)));
      await delay(1000 / targets.length);
    }
  }
  const fast = new Map(HOLDERS.map((name): [HolderName, number[]] => [name, []]));
  for (let round = 0; round < FAST_ROUNDS; round++) {
    for (const target of targets) fast.get(target.name)?.push(...(await patchFast(target, FAST_PATCHES)));
  }
  for (const { worker, services } of targets) {
    await worker.end();
    services.close();
  }
  const row = (title: string, latencies: Map<HolderName, number[]>, share: number) => {
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

async function connect(name: HolderName, put: string): Promise<Target> {
  let onOpen!: (response: ServerResponse) => void;
  const opened = new Promise<ServerResponse>((resolve) => {
    onOpen = resolve;
  });
  const services = await startMockServices({ '/all': streamRoute(() => put, onOpen) });
  const worker = new Worker('support/apply-process.js', [name]);
  await worker.call('connect', services.origin);
  return { name, worker, stream: await opened, services, value: 0 };
}

/** @returns Microseconds from writing to seeing, of one patch. */
async function patchOnce(target: Target): Promise<number[]> {
  await target.worker.call('watch');
  await delay(5);
  const sent = new Map([write(target)]);
  return latencies(await target.worker.call<Sightings>('sightings', target.value), sent);
}

async function patchFast(target: Target, count: number): Promise<number[]> {
  await target.worker.call('watch');
  const sent = new Map<number, number>();
  const startedAt = performance.now();
  while (sent.size < count) {
    const due = Math.min(count, (performance.now() - startedAt) * FAST_PER_MS);
    while (sent.size < due) sent.set(...write(target));
    await delay(1);
  }
  return latencies(await target.worker.call<Sightings>('sightings', target.value), sent);
}

function write(target: Target): [value: number, at: number] {
  target.value++;
  const frame = `event: patch\ndata: ${probePatch(target.value)}\n\n`;
  const at = Number(process.hrtime.bigint());
  target.stream.write(frame);
  return [target.value, at];
}

function latencies(sightings: Sightings, sent: ReadonlyMap<number, number>): number[] {
  return sightings.flatMap(([value, at]) => {
    const sentAt = sent.get(value);
    return sentAt === undefined ? [] : [(at - sentAt) / 1000];
  });
}
