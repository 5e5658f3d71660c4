import { cycleText, findCycle } from '../src/cycles.js';

const LENGTH = 20_000;

/** Counts how often a key is asked about. */
function graphOf(edges: Readonly<Record<string, readonly string[]>>) {
  const asked: string[] = [];
  const needs = (key: string) => {
    asked.push(key);
    return edges[key] ?? [];
  };
  return { asked, needs };
}

describe('a cycle', () => {
  it.each([
    ['of one', { a: ['a'] }, ['a'], ['a', 'a']],
    ['of three', { a: ['b'], b: ['c'], c: ['a'] }, ['a'], ['a', 'b', 'c', 'a']],
    ['beside others', { a: ['x', 'b'], b: ['x', 'a'] }, ['a'], ['a', 'b', 'a']],
    ['that is reached from outside', { a: ['b'], b: ['c'], c: ['b'] }, ['a', 'c'], ['c', 'b', 'c']],
    ['that nothing wanted is on', { a: ['b'], b: ['c'], c: ['b'] }, ['a'], ['b', 'c', 'b']],
  ])('%s is found, beginning with what was asked for', (_what, edges, starts, cycle) => {
    expect(findCycle(starts, graphOf(edges).needs)).toEqual(cycle);
  });

  it.each([
    ['nothing is needed', {}],
    ['something is reached in two ways', { a: ['b', 'c'], b: ['d'], c: ['d'] }],
    ['something is needed twice', { a: ['b', 'b'] }],
  ])('is not there when %s', (_what, edges) => {
    expect(findCycle(['a', 'b', 'c'], graphOf(edges).needs)).toBeUndefined();
  });

  const chain = (end: readonly string[]) =>
    Object.fromEntries(
      Array.from({ length: LENGTH }, (_, index) => [`s${index}`, index + 1 < LENGTH ? [`s${index + 1}`] : end]),
    );

  it('is looked for in a long chain by asking about each key once', () => {
    const { asked, needs } = graphOf(chain([]));
    expect(findCycle(Object.keys(chain([])), needs)).toBeUndefined();
    expect([asked.length, new Set(asked).size]).toEqual([LENGTH, LENGTH]);
  });

  it('is found at the end of a long chain, and told in a few words', () => {
    const { asked, needs } = graphOf(chain(['s0']));
    const cycle = findCycle(Object.keys(chain([])), needs) as string[];
    expect([cycle.length, cycle[0], cycle.at(-1)]).toEqual([LENGTH + 1, 's0', 's0']);
    expect(asked).toHaveLength(LENGTH);
    expect(cycleText(cycle)).toMatch(/^s0 → s1 → .* → s17 → … → s19999 → s0$/);
  });
});
