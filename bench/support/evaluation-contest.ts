// The contest of evaluate.ts, also run with fewer contestants by check.ts.
import type { Variant } from '../contestants/process.js';
import { STATSIG_PATH, statsigSpecs } from '../contestants/statsig.js';
import { UNLEASH_PATH, unleashFeatures } from '../contestants/unleash.js';
import { type Entrant, enter, requireSameAnswers, time } from './contest.js';
import { startMockServices, streamRoute } from './mock-services.js';
import { createManySettings, createSingleSettings, putData, SCENARIOS, type ScenarioId } from './scenarios.js';

export const PEER_NAMES = ['unleash', 'growthbook', 'flagd', 'statsig'] as const;

/** Nanoseconds per call by contestant. */
export type Times = ReadonlyMap<string, number>;

export interface ContestOptions {
  readonly names: readonly string[];
  readonly variants: readonly Variant[];
  readonly rounds: number;
  readonly roundMs: number;
}

export interface ContestResult {
  readonly entrants: readonly Entrant[];
  readonly measured: readonly { readonly variant: Variant; readonly id: ScenarioId; readonly taken: Times }[];
}

/** The hash of these is that of docs/protocol.md, 3.9. */
const SAME_HASH: ReadonlySet<string> = new Set(['feathery', 'launchdarkly', 'reference']);

/** What is promised of one scenario. */
export interface Bound {
  /** So many times faster than LaunchDarkly, at least. */
  readonly atLeast?: number;
  /** So many times slower than the least by hand, at most. */
  readonly atMost: number;
}

/**
 * The promise on listed keys is about keys that a program has just joined: there LaunchDarkly takes the 19 µs that it was
 * made from. With parsed keys LaunchDarkly takes an eighth of that.
 */
export const BOUNDS: Readonly<Record<ScenarioId, Bound>> = {
  S1: { atLeast: 16, atMost: 2.5 },
  'S2 hit': { atMost: 2.5 },
  'S2 joined': { atLeast: 200, atMost: 2.5 },
  'S2 miss': { atMost: 2.5 },
  S3: { atLeast: 12, atMost: 2.5 },
  S4: { atLeast: 7, atMost: 1.3 },
  S5: { atLeast: 16, atMost: 2.5 },
  S6: { atLeast: 5.5, atMost: 2 },
  S7: { atLeast: 16, atMost: 2.5 },
};

export async function withMocks<Result>(run: (addresses: { origin: string }) => Promise<Result>): Promise<Result> {
  const single = putData(createSingleSettings());
  const many = putData(createManySettings());
  const unleash = unleashFeatures();
  const specs = statsigSpecs();
  const services = await startMockServices({
    '/all': streamRoute((sdkKey) => (sdkKey === 'many' ? many : single)),
    [UNLEASH_PATH]: () => unleash,
    [`${STATSIG_PATH}/secret-bench.json`]: () => specs,
  });
  try {
    return await run(services);
  } finally {
    services.close();
  }
}

/** Enters all, verifies that those with the same hash agree, and measures. */
export async function runContest({ names, variants, rounds, roundMs }: ContestOptions): Promise<ContestResult> {
  return withMocks(async (addresses) => {
    const entrants: Entrant[] = [];
    try {
      for (const name of names) entrants.push(await enter(name, addresses));
      const exact = entrants.filter(({ name }) => SAME_HASH.has(name));
      await requireSameAnswers(exact, 'S4');
      await requireSameAnswers(exact, 'S6');
      const measured = [];
      for (const variant of variants) {
        for (const { id } of SCENARIOS) {
          measured.push({ variant, id, taken: await time(entrants, { id, variant, rounds, roundMs }) });
        }
      }
      return { entrants, measured };
    } finally {
      await Promise.all(entrants.map(({ worker }) => worker.end()));
    }
  });
}

/** How many times longer LaunchDarkly takes than we do, and we than the reference. */
export function ratios(taken: Times): readonly [ofLaunchDarkly: number, ofReference: number] {
  const ours = taken.get('feathery') as number;
  return [(taken.get('launchdarkly') as number) / ours, ours / (taken.get('reference') as number)];
}
