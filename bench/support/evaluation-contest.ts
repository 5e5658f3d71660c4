// The contest of evaluate.ts, also run with fewer contestants by check.ts.
import { STATSIG_PATH, statsigSpecs } from '../contestants/statsig.js';
import { UNLEASH_PATH, unleashFeatures } from '../contestants/unleash.js';
import { type Entrant, enter, requireSameAnswers, time } from './contest.js';
import { startMockServices, streamRoute } from './mock-services.js';
import { createManySettings, createSingleSettings, putData, SCENARIOS, type ScenarioId } from './scenarios.js';
import { figure, printTable, times } from './table.js';

export const PEER_NAMES = ['unleash', 'growthbook', 'flagd', 'statsig'] as const;

export const VARIANTS = ['reused', 'fresh'] as const;

/** Nanoseconds per call by contestant. */
export type Times = ReadonlyMap<string, number>;

export interface ContestOptions {
  readonly names: readonly string[];
  readonly rounds: number;
  readonly roundMs: number;
}

/** At least so many times faster than LaunchDarkly, and at most so many times slower than the least by hand. */
export const BOUNDS: Readonly<Record<ScenarioId, readonly [atLeast: number, atMost: number]>> = {
  S1: [16, 2.5],
  'S2 hit': [200, 2.5],
  'S2 miss': [200, 2.5],
  S3: [12, 2.5],
  S4: [7, 1.3],
  S5: [16, 2.5],
  S6: [5.5, 2],
  S7: [16, 2.5],
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

export async function runContest({ names, rounds, roundMs }: ContestOptions): Promise<void> {
  await withMocks(async (addresses) => {
    const entrants: Entrant[] = [];
    try {
      for (const name of names) entrants.push(await enter(name, addresses));
      const exact = entrants.filter(({ name }) => ['feathery', 'launchdarkly', 'reference'].includes(name));
      await requireSameAnswers(exact, 'S4');
      await requireSameAnswers(exact, 'S6');
      for (const variant of VARIANTS) {
        const rows = [];
        for (const { id } of SCENARIOS)
          rows.push({ id, taken: await time(entrants, { id, variant, rounds, roundMs }) });
        printTable(`Nanoseconds per call, users ${variant}`, [
          ['', ...names, 'LaunchDarkly takes', 'of the reference'],
          ...rows.map(({ id, taken }) => [
            id,
            ...names.map((name) => figure(taken.get(name) ?? Number.NaN)),
            ...ratios(taken),
          ]),
        ]);
      }
      printNotes(entrants);
    } finally {
      await Promise.all(entrants.map(({ worker }) => worker.end()));
    }
  });
}

function ratios(taken: Times): string[] {
  const ours = taken.get('feathery') as number;
  return [times((taken.get('launchdarkly') as number) / ours), times(ours / (taken.get('reference') as number))];
}

function printNotes(entrants: readonly Entrant[]): void {
  console.log(`\n${SCENARIOS.map(({ id, title }) => `${id}: ${title}`).join('\n')}\n`);
  for (const { name, analytics, cannot } of entrants) {
    const gaps = Object.entries(cannot).map(([id, reason]) => `; ${id}: ${reason}`);
    console.log(`${name}: analytics ${analytics}${gaps.join('')}`);
  }
}
