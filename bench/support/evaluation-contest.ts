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

/**
 * At least so many times faster than LaunchDarkly, and at most so many times slower than the least by hand. Where the
 * goal is higher than what is held, docs/performance.md says by how much.
 */
export const BOUNDS: Readonly<Record<ScenarioId, readonly [atLeast: number, atMost: number]>> = {
  S1: [15, 2.5],
  'S2 hit': [16, 2.5],
  'S2 joined': [100, 2.5],
  'S2 miss': [16, 2.5],
  S3: [8, 2.5],
  S4: [5.5, 1.3],
  S5: [9, 2.5],
  S6: [5.5, 2],
  S7: [15, 2.5],
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
