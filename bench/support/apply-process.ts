// One process that holds settings: `node support/apply-process.js <holder>`.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { type Holder, type HolderName, loadHolder } from './holders.js';
import { serve } from './workers.js';

export interface Loaded {
  /** From the first line of the client to all settings in memory. */
  readonly readyMs: number;
  readonly cpuMs: number;
  /** Longest time for which nothing else could run. */
  readonly heldMs: number;
  readonly heapBytes: number;
}

/** When the probe was first seen at each value, in nanoseconds of the machine's clock; by value. */
export type Sightings = readonly (readonly [value: number, at: number])[];

const RESOLUTION_MS = 1;
const gc = (): void => (globalThis as unknown as { gc(): void }).gc();

const load = await loadHolder(process.argv[2] as HolderName);
let holder: Holder | undefined;
let watching = false;
let sightings: [number, number][] = [];

serve({
  load: async (origin: string): Promise<Loaded> => {
    gc();
    const heapBefore = process.memoryUsage().heapUsed;
    const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    loop.enable();
    await delay(20);
    loop.reset();
    const cpuBefore = process.cpuUsage();
    const startedAt = performance.now();
    holder = await load(origin);
    const readyMs = performance.now() - startedAt;
    const cpu = process.cpuUsage(cpuBefore);
    await delay(20);
    loop.disable();
    gc();
    const heapBytes = process.memoryUsage().heapUsed - heapBefore;
    const heldMs = loop.max / 1e6 - RESOLUTION_MS;
    return { readyMs, cpuMs: (cpu.user + cpu.system) / 1000, heldMs, heapBytes };
  },
  connect: async (origin: string) => {
    holder = await load(origin);
  },
  /** Looks at the probe all the time, between all other work. */
  watch: () => {
    sightings = [];
    watching = true;
    void look(holder as Holder);
  },
  /** Ends that, once the probe has this value. */
  sightings: async (last: number): Promise<Sightings> => {
    while (sightings.at(-1)?.[0] !== last) await delay(5);
    watching = false;
    return sightings;
  },
  close: () => holder?.close(),
});

async function look({ probe }: Holder): Promise<void> {
  let known = (await probe()) as number;
  while (watching) {
    await new Promise((resolve) => setImmediate(resolve));
    const value = (await probe()) as number;
    if (value === known) continue;
    const now = Number(process.hrtime.bigint());
    while (known < value) sightings.push([++known, now]);
  }
}
