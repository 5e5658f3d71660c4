import { type Described, describeChange, describedOf, describeItems } from '../../dashboard/src/describe-change.js';

const VARIATIONS = [
  { value: true, name: 'On' },
  { value: false, name: 'Off' },
];
const change = (before: Described, after: Described) => describeChange(before, after, VARIATIONS);
const GOLD = {
  id: 'gold',
  variation: 0,
  clauses: [{ contextKind: 'organization', attribute: 'plan', op: 'in', values: ['gold'] }],
};

describe('a change in sentences', () => {
  it.each<[string, Described, Described, string[]]>([
    ['the switch', { on: false }, { on: true }, ['turned on']],
    [
      'everyone else',
      { fallthrough: { variation: 1 } },
      { fallthrough: { variation: 0 } },
      ['everyone else: off → on'],
    ],
    ['the off value', { offVariation: 1 }, { offVariation: null }, ["when off: Off → the caller's default"]],
    [
      'an override',
      { overrides: [{ kind: 'user', variation: 1, keys: ['ada'] }] },
      { overrides: [{ kind: 'organization', variation: 0, keys: ['acme', 'globex'] }] },
      ['no override any more for user ada', 'On for organization acme and globex'],
    ],
    ['a rule', { rules: [] }, { rules: [GOLD] }, ['rule 1 added: if organization plan is gold then on']],
    ['a rule gone', { rules: [GOLD] }, { rules: [] }, ['rule removed: if organization plan is gold then on']],
    [
      'the order',
      { rules: [GOLD, { ...GOLD, id: 'b' }] },
      { rules: [{ ...GOLD, id: 'b' }, GOLD] },
      ['rules in another order'],
    ],
    [
      'values',
      { variations: VARIATIONS },
      { variations: [{ value: 1, name: 'On' }, { value: false, name: 'No' }, { value: 3 }] },
      ['value of On: true → 1', 'Off is called No', 'new value 3'],
    ],
    ['nothing', { on: true, rules: [GOLD] }, { on: true, rules: [GOLD] }, []],
  ])('tells of %s', (_name, before, after, sentences) => {
    expect(change(before, after)).toEqual(sentences);
  });
});

describe('an entry of the audit', () => {
  it('is compared by its overrides, users among them', () => {
    const after = {
      targets: [{ variation: 0, values: ['ada'] }],
      contextTargets: [{ contextKind: 'user', variation: 0, values: [] }],
    };
    expect(change(describedOf('setting', { targets: [] }), describedOf('setting', after))).toEqual(['On for user ada']);
  });

  it('tells of values by the definition, which knows their names', () => {
    expect(
      change(describedOf('setting', { variations: [true] }), describedOf('setting', { variations: [true, false] })),
    ).toEqual([]);
    const [before, after] = [[{ value: 1, name: 'One' }], [{ value: 2, name: 'One' }]];
    expect(
      change(describedOf('definition', { variations: before }), describedOf('definition', { variations: after })),
    ).toEqual(['value of One: 1 → 2']);
  });
});

describe('an entry of the audit in sentences', () => {
  const on = { kind: 'setting', key: 'export', before: { on: false }, after: { on: true } };
  const rest = { kind: 'setting', key: 'import', before: { offVariation: 1 }, after: { offVariation: 0 } };
  const known = { export: VARIATIONS, import: VARIATIONS };

  it('tells what was changed, and of which setting when there are several', () => {
    expect(describeItems([on], known)).toBe('turned on');
    expect(describeItems([on, rest], known)).toBe('export: turned on · import: when off: Off → On');
  });

  it('is silent about what was made, deleted or is not known any more', () => {
    expect(describeItems([{ ...on, before: null }], known)).toBe('');
    expect(describeItems([{ ...on, after: null }], known)).toBe('');
    expect(describeItems([on], {})).toBe('');
  });
});
