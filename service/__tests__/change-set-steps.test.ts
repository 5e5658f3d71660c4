import { CHANGE_SET_STATES, isPossible, possibleSteps, type Step, stateAfter } from '../src/change-set-steps.js';

describe('the life of a change set', () => {
  it.each<[Step, string[], string | undefined]>([
    ['edit', ['draft', 'rejected', 'failed'], 'draft'],
    ['submit', ['draft'], 'submitted'],
    ['withdraw', ['submitted', 'approved', 'scheduled'], 'draft'],
    ['approve', ['submitted'], 'approved'],
    ['reject', ['submitted'], 'rejected'],
    ['schedule', ['draft', 'approved', 'scheduled'], 'scheduled'],
    ['apply', ['draft', 'approved', 'scheduled'], 'applied'],
    ['fail', ['scheduled'], 'failed'],
    ['delete', ['draft', 'submitted', 'approved', 'rejected', 'scheduled', 'failed'], undefined],
  ])('%s is possible from %j and leads to %s', (step, from, to) => {
    expect(CHANGE_SET_STATES.filter((state) => isPossible(step, state))).toEqual(from);
    expect(stateAfter(step)).toBe(to);
  });

  it('ends when it is applied', () => {
    expect(possibleSteps('applied')).toEqual([]);
  });

  it('offers people what people can do', () => {
    expect(possibleSteps('scheduled')).toEqual(['withdraw', 'schedule', 'apply', 'delete']);
  });
});
