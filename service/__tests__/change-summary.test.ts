import { changeSummary } from '../src/change-summary.js';

const SETTING = { key: 'a', version: 1, on: false, rules: [], targets: [], contextTargets: [] };

describe('changeSummary', () => {
  it.each([
    ['created', undefined, SETTING],
    ['deleted', SETTING, null],
    ['created', null, SETTING],
    ['turned on', SETTING, { ...SETTING, on: true, version: 2 }],
    ['turned off', { ...SETTING, on: true }, SETTING],
    ['turned on, rules changed', SETTING, { ...SETTING, on: true, rules: [{ id: 'r', variation: 0 }] }],
    [
      'overrides changed',
      SETTING,
      {
        ...SETTING,
        targets: [{ variation: 0, values: ['u'] }],
        contextTargets: [{ contextKind: 'user', variation: 0, values: [] }],
      },
    ],
    ['salt changed', SETTING, { ...SETTING, salt: 'x' }],
    ['saved without a difference', SETTING, { ...SETTING, version: 9 }],
  ])('says "%s"', (summary, before, after) => {
    expect(changeSummary(before, after)).toBe(summary);
  });

  it('calls all lists of a segment its members', () => {
    const segment = { key: 's', version: 1, included: ['a'], excluded: [] };
    expect(changeSummary(segment, { ...segment, included: [], excluded: ['a'] })).toBe('members changed');
  });
});
