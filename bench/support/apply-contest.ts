// The measurements of apply.ts, also run by check.ts.
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Loaded, Sightings } from './apply-process.js';
import { HOLDERS, type HolderName, PARSER } from './holders.js';
import { largePut, probePatch } from './large-environment.js';
import { type MockServices, startMockServices, streamRoute } from './mock-services.js';
import { median } from './statistics.js';
import { Worker } from './workers.js';

const FAST_PATCHES = 1000;
const FAST_PER_MS = 1;

/** Microseconds from the write of each patch to the first `variation` that saw it. */
export type Latencies = ReadonlyMap<HolderName, number[]>;

/** A new process for each holder in each round. */
export async function measureLoading(settings: number, rounds: number): Promise<ReadonlyMap<HolderName, Loaded[]>> {
  const put = largePut(settings);
  const services = await startMockServices({ '/all': streamRoute(() => put) });
  const results = new Map([...HOLDERS, PARSER as HolderName].map((name): [HolderName, Loaded[]] => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, loaded] of results) {
      const worker = new Worker('support/apply-process.js', [name], ['--expose-gc']);
      loaded.push(await worker.call<Loaded>('load', services.origin));
      await worker.end();
    }
  }
  services.close();
  return results;
}

/** How many times longer than by `JSON.parse` alone the event loop was held. */
export function heldRatio(results: ReadonlyMap<HolderName, Loaded[]>, name: HolderName): number {
  const held = (one: HolderName) => median((results.get(one) ?? []).map(({ heldMs }) => heldMs));
  return held(name) / held(PARSER);
}

export interface PatchRounds {
  /** Patches at one a second, for each holder. */
  readonly slow: number;
  /** A thousand patches at 1,000 a second each. */
  readonly fast: number;
}

/** In turns; those who keep up no longer leave the others more of the machine. */
export async function measurePatches(
  size: number,
  rounds: PatchRounds,
  names: readonly HolderName[] = HOLDERS,
): Promise<{ slow: Latencies; fast: Latencies }> {
  const put = largePut(size);
  const targets: Target[] = [];
  for (const name of names) targets.push(await connect(name, put));
  for (const target of targets) await patchFast(target);
  const slow = new Map(names.map((name): [HolderName, number[]] => [name, []]));
  for (let round = 0; round < rounds.slow; round++) {
    for (const target of targets) {
      slow.get(target.name)?.push(...(await patchOnce(target)));
      await delay(1000 / targets.length);
    }
  }
  const fast = new Map(names.map((name): [HolderName, number[]] => [name, []]));
  for (let round = 0; round < rounds.fast; round++) {
    for (const target of targets) fast.get(target.name)?.push(...(await patchFast(target)));
  }
  for (const { worker, services } of targets) {
    await worker.end();
    services.close();
  }
  return { slow, fast };
}

interface Target {
  readonly name: HolderName;
  readonly worker: Worker;
  readonly stream: ServerResponse;
  readonly services: MockServices;
  /** Last value of the probe sent. */
  value: number;
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

async function patchFast(target: Target): Promise<number[]> {
  await target.worker.call('watch');
  const sent = new Map<number, number>();
  const startedAt = performance.now();
  while (sent.size < FAST_PATCHES) {
    const due = Math.min(FAST_PATCHES, (performance.now() - startedAt) * FAST_PER_MS);
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
