// What calls leave on the heap. Needs `--expose-gc`, and a young generation large enough to hold a whole measurement.
import { type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from './workers.js';

type Loop = (calls: number) => number | Promise<number>;

/** A young generation of 3 × 64 MB: nothing is collected while a few megabytes are allocated. */
export const ALLOCATION_OPTIONS = ['--expose-gc', '--max-semi-space-size=64', '--min-semi-space-size=64'];

const gc = (): void => (globalThis as unknown as { gc(): void }).gc();

/** Bytes allocated per call, the least of several tries: what else the process does only adds. */
export async function allocatedBytes(loop: Loop, calls: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 5; attempt++) {
    gc();
    const before = process.memoryUsage().heapUsed;
    await loop(calls);
    const bytes = (process.memoryUsage().heapUsed - before) / calls;
    if (bytes >= 0) least = Math.min(least, bytes);
  }
  return least;
}

export interface HeapCourse {
  /** Live bytes after the calls, less those before. */
  readonly grownBytes: number;
  readonly youngCollections: number;
  readonly oldCollections: number;
}

/** What `--trace-gc` would show over many calls. */
export async function flatHeap(loop: Loop, calls: number): Promise<HeapCourse> {
  const kinds: number[] = [];
  gc();
  const before = process.memoryUsage().heapUsed;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries())
      kinds.push((entry as PerformanceEntry & { detail: { kind: number } }).detail.kind);
  });
  observer.observe({ entryTypes: ['gc'] });
  await loop(calls);
  // Entries arrive in a later turn.
  await delay(50);
  observer.disconnect();
  gc();
  const youngCollections = kinds.filter((kind) => kind === 1).length;
  const grownBytes = process.memoryUsage().heapUsed - before;
  return { grownBytes, youngCollections, oldCollections: kinds.length - youngCollections };
}

/** A crowd that asks one process for many settings. */
export const CROWD = { calls: 1_000_000, settings: 100, users: 100_000 };

export interface CrowdHeap {
  /** Live bytes after all calls, less those before: counters, users seen, and events that have not been sent yet. */
  readonly fullBytes: number;
  /** The same, once these are sent. */
  readonly flushedBytes: number;
}

export async function crowdHeap(origin: string): Promise<CrowdHeap> {
  const worker = new Worker('support/crowd-process.js', [], ['--expose-gc']);
  const heap = await worker.call<CrowdHeap>('ask', origin);
  await worker.end();
  return heap;
}
