// The process of one contestant: `node contestants/process.js <name>`. Verifies, warms up and measures on call.
import { isDeepStrictEqual } from 'node:util';
import { allocatedBytes, flatHeap } from '../support/allocation.js';
import { BRANCHES, type Person, type ScenarioId, scenarioOf } from '../support/scenarios.js';
import { serve } from '../support/workers.js';
import type { Addresses, Contestant } from './contestant.js';

const { createContestant } = (await import(`./${process.argv[2]}.js`)) as { createContestant(): Contestant };
const contestant = createContestant();

/** How users are given: one object for each, made ahead, or a new one for every call. */
export type Variant = 'reused' | 'fresh';

/** Calls the scenario for one user after the other. Returns how many were made, so that nothing is optimized away. */
type Loop = (calls: number) => number | Promise<number>;

const loops = new Map<string, Loop>();

serve({
  start: (addresses: Addresses) => contestant.start(addresses),
  describe: () => ({ analytics: contestant.analytics, cannot: contestant.cannot }),
  verify,
  /**
   * @returns Nanoseconds per call for which the process had a processor: on a machine with other work to do, those in
   * which it waited for one say nothing about the code.
   */
  time: async (id: ScenarioId, variant: Variant, calls: number) => {
    const loop = loopOf(id, variant);
    const before = process.cpuUsage();
    await loop(calls);
    const { user, system } = process.cpuUsage(before);
    return ((user + system) * 1000) / calls;
  },
  allocated: (id: ScenarioId, variant: Variant, calls: number) => allocatedBytes(loopOf(id, variant), calls),
  flatHeap: (id: ScenarioId, variant: Variant, calls: number) => flatHeap(loopOf(id, variant), calls),
  close: () => contestant.close(),
});

/** Checks every answer once. Returns the values of those that depend on a hash, for comparison with the others. */
async function verify(id: ScenarioId): Promise<string> {
  const { people, settingKey, fallback, expected } = scenarioOf(id);
  const values: unknown[] = [];
  for (const person of people) {
    const value = await ask(settingKey, contestant.user(person), fallback);
    const right = expected(person);
    if (right !== undefined && !isDeepStrictEqual(value, right)) {
      throw new Error(`${id} for ${person.key}: ${JSON.stringify(value)} instead of ${JSON.stringify(right)}`);
    }
    values.push(value);
  }
  if (id === 'S4') requireEvenSplit(values);
  return JSON.stringify(values);
}

function requireEvenSplit(values: readonly unknown[]): void {
  const counts = new Map<unknown, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const even = values.length / BRANCHES;
  const isEven =
    counts.size === BRANCHES && [...counts.values()].every((count) => count > even / 2 && count < even * 2);
  if (!isEven) throw new Error(`the split is uneven: ${JSON.stringify([...counts])}`);
}

function ask(settingKey: string | undefined, user: unknown, fallback: unknown): unknown {
  return settingKey === undefined ? contestant.all?.(user) : contestant.evaluate(settingKey, user, fallback as never);
}

function loopOf(id: ScenarioId, variant: Variant): Loop {
  const name = `${id} ${variant}`;
  let loop = loops.get(name);
  if (loop === undefined) {
    loop = createLoop(id, variant);
    loops.set(name, loop);
  }
  return loop;
}

function createLoop(id: ScenarioId, variant: Variant): Loop {
  const { people, settingKey, fallback } = scenarioOf(id);
  const users = people.map((person) => contestant.user(person));
  const userAt =
    variant === 'reused'
      ? (index: number) => users[index % users.length]
      : (index: number) => contestant.user(people[index % people.length] as Person);
  const first = ask(settingKey, users[0], fallback);
  const isAsync = first instanceof Promise;
  if (isAsync) {
    return async (calls) => {
      let answered = 0;
      for (let index = 0; index < calls; index++) {
        if ((await ask(settingKey, userAt(index), fallback)) !== undefined) answered++;
      }
      return answered;
    };
  }
  return (calls) => {
    let answered = 0;
    for (let index = 0; index < calls; index++) {
      if (ask(settingKey, userAt(index), fallback) !== undefined) answered++;
    }
    return answered;
  };
}
