// Contestants side by side: each in a process of its own, verified, then measured in rounds A B C A B C.
import type { Addresses } from '../contestants/contestant.js';
import type { Variant } from '../contestants/process.js';
import { SCENARIO_IDS, type ScenarioId } from './scenarios.js';
import { median } from './statistics.js';
import { Worker } from './workers.js';

export interface Entrant {
  readonly name: string;
  readonly worker: Worker;
  readonly analytics: string;
  /** Scenarios that it cannot express or answered wrongly, with the reason. */
  readonly cannot: Partial<Record<ScenarioId, string>>;
}

/** Starts a contestant and checks all its answers. */
export async function enter(name: string, addresses: Addresses, nodeOptions: readonly string[] = []): Promise<Entrant> {
  const worker = new Worker('contestants/process.js', [name], nodeOptions);
  await worker.call('start', addresses);
  const { analytics, cannot } = await worker.call<Pick<Entrant, 'analytics' | 'cannot'>>('describe');
  const entrant = { name, worker, analytics, cannot: { ...cannot } };
  for (const id of SCENARIO_IDS) {
    if (entrant.cannot[id] === undefined) await worker.call('verify', id);
  }
  return entrant;
}

/** Those whose protocol fixes the hash must agree on every answer. */
export async function requireSameAnswers(entrants: readonly Entrant[], id: ScenarioId): Promise<void> {
  const answers = await Promise.all(entrants.map(({ worker }) => worker.call<string>('verify', id)));
  if (new Set(answers).size > 1) throw new Error(`${entrants.map(({ name }) => name)} differ on ${id}`);
}

export interface TimeOptions {
  readonly id: ScenarioId;
  readonly variant: Variant;
  readonly rounds: number;
  readonly roundMs: number;
}

/** Median nanoseconds per call, by name. */
export async function time(entrants: readonly Entrant[], options: TimeOptions): Promise<Map<string, number>> {
  const { id, variant, rounds, roundMs } = options;
  const able = entrants.filter(({ cannot }) => cannot[id] === undefined);
  const calls = new Map<Entrant, number>();
  for (const entrant of able) calls.set(entrant, await callsIn(roundMs, entrant, id, variant));
  const taken = new Map(able.map((entrant): [Entrant, number[]] => [entrant, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [entrant, values] of taken) {
      values.push(await entrant.worker.call<number>('time', id, variant, calls.get(entrant)));
    }
  }
  return new Map([...taken].map(([{ name }, values]) => [name, median(values)]));
}

/** Also warms up: the compiler has seen the loop in the end. */
async function callsIn(ms: number, { worker }: Entrant, id: ScenarioId, variant: Variant): Promise<number> {
  let calls = 100;
  for (;;) {
    const ns = await worker.call<number>('time', id, variant, calls);
    if (ns * calls >= ms * 1e6)
      return Math.max(1, Math.round((ms * 1e6) / (await worker.call<number>('time', id, variant, calls))));
    calls *= 3;
  }
}
