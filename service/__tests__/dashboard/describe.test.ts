import { describeClause, describeServing, list, servingOf } from '../../dashboard/src/describe.js';
import type { SettingItem } from '../../dashboard/src/model.js';

const VARIATIONS = [
  { value: true, name: 'On' },
  { value: false, name: 'Off' },
];

function setting(parts: Partial<SettingItem>) {
  const item: SettingItem = {
    key: 'a',
    version: 1,
    on: true,
    variations: [true, false],
    offVariation: 1,
    fallthrough: { variation: 1 },
    prerequisites: [],
    targets: [],
    contextTargets: [],
    rules: [],
    salt: '',
    ...parts,
  };
  return servingOf(item);
}

describe('what is served', () => {
  it('is the off variation while the setting is off', () => {
    expect(describeServing(setting({ on: false }), VARIATIONS)).toBe('off for everyone');
    expect(describeServing(setting({ on: false, offVariation: 0 }), VARIATIONS)).toBe('off: on for everyone');
  });

  it('is the fallthrough when nothing else is there', () => {
    expect(describeServing(setting({ fallthrough: { variation: 0 } }), VARIATIONS)).toBe('on for everyone');
  });

  it('counts overrides per variation and kind, placeholders not', () => {
    const item = setting({
      contextTargets: [
        { contextKind: 'organization', variation: 0, values: ['acme', 'globex'] },
        { contextKind: 'user', variation: 0, values: [] },
      ],
      targets: [{ variation: 0, values: ['ann'] }],
    });
    expect(describeServing(item, VARIATIONS)).toBe('on for 2 organizations and 1 user, else off');
  });

  it('names what rules serve, once each', () => {
    const split = { rollout: { variations: [{ variation: 0, weight: 100_000 }] } };
    const served = (...rules: SettingItem['rules']) => describeServing(setting({ rules }), VARIATIONS);
    expect(served({ variation: 0 })).toBe('on by a rule, else off');
    expect(served({ variation: 0 }, { variation: 0 })).toBe('on by 2 rules, else off');
    expect(served({ variation: 0 }, split, { variation: 1 })).toBe('on, a split or off by 3 rules, else off');
    expect(served(split)).toBe('a split by a rule, else off');
  });

  it('names the shares of a split', () => {
    const rollout = {
      variations: [
        { variation: 0, weight: 10_000 },
        { variation: 1, weight: 90_000 },
      ],
    };
    expect(describeServing(setting({ fallthrough: { rollout } }), VARIATIONS)).toBe('on for 10 % of users, else off');
  });
});

describe('a clause', () => {
  it('reads as a sentence', () => {
    const clause = { contextKind: 'organization', attribute: 'plan', op: 'in', values: ['gold', 'platinum'] };
    expect(describeClause(clause)).toBe('organization plan is gold or platinum');
    expect(describeClause({ ...clause, negate: true })).toBe('organization plan is not gold or platinum');
  });
});

describe('a list', () => {
  it('is cut with a count of what is left out', () => {
    expect(list(['a', 'b', 'c', 'd'])).toBe('a, b and 2 more');
  });
});
