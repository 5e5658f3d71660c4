import { type ChangedItem, changedParts } from '../../dashboard/src/changed-parts.js';
import type { Json } from '../../dashboard/src/model.js';

const known = {
  export: [
    { value: true, name: 'On' },
    { value: false, name: 'Off' },
  ],
};
const SIGNS = { same: ' ', added: '+', removed: '-' };

function partsOf(kind: string, before: ChangedItem['before'], after: ChangedItem['after']) {
  const parts = changedParts({ kind, key: 'export', before, after }, known);
  return Object.fromEntries(
    parts.map(({ field, lines }) => [field, lines.map((line) => `${SIGNS[line.kind]}${line.text}`)]),
  );
}

const split = (weight: number) => ({
  rollout: {
    variations: [
      { variation: 0, weight },
      { variation: 1, weight: 100_000 - weight },
    ],
  },
});
const rule = (id: string, values: string[]) => ({
  id,
  variation: 0,
  clauses: [{ contextKind: 'organization', attribute: 'plan', op: 'in', values }],
});

describe('the changed parts of a setting', () => {
  it.each<[string, Json, Json, string[]]>([
    ['on', false, true, ['-off', '+on']],
    ['fallthrough', { variation: 1 }, split(10_000), ['-off', '+on for 10 % of users, else off']],
    ['offVariation', 1, null, ['-Off', "+the caller's default"]],
    ['prerequisites', [], [{ key: 'export', variation: 0 }], ['+export serves On']],
    ['prerequisites', [], [{ key: 'unknown', variation: 0 }], ['+unknown']],
    [
      'rules',
      [rule('a', ['gold'])],
      [rule('a', ['gold']), rule('b', ['free'])],
      [' if organization plan is gold then on', '+if organization plan is free then on'],
    ],
  ])('%s are in words', (field, before, after, lines) => {
    expect(partsOf('setting', { [field]: before }, { [field]: after })).toEqual({ [field]: lines });
  });

  it('are the overrides of users and of others as one', () => {
    const before = { targets: [], contextTargets: [{ contextKind: 'organization', variation: 0, values: ['acme'] }] };
    const after = { ...before, targets: [{ variation: 1, values: ['ada'] }] };
    expect(partsOf('setting', before, after)).toEqual({ overrides: [' organization acme: On', '+user ada: Off'] });
  });

  it('are JSON where words would be the same', () => {
    const seeded = (seed: number) => ({ fallthrough: { rollout: { ...split(10_000).rollout, seed } } });
    const [part] = changedParts({ kind: 'setting', key: 'export', before: seeded(1), after: seeded(2) }, known);
    expect(part?.isJson).toBe(true);
    expect(part?.lines.filter(({ kind }) => kind !== 'same').map(({ text }) => text.trim())).toEqual([
      '"seed": 1',
      '"seed": 2',
    ]);
  });

  it('are none when only its values differ, which follow the definition', () => {
    expect(partsOf('setting', { variations: [true] }, { variations: [true, false] })).toEqual({});
  });

  it('are none when only the order of properties differs', () => {
    expect(partsOf('setting', { fallthrough: { a: 1, b: 2 } }, { fallthrough: { b: 2, a: 1 } })).toEqual({});
  });
});

describe('the changed parts of other things', () => {
  it('are values with their names, a JSON value line by line', () => {
    const before = { variations: [{ name: 'Small', value: { seats: 1 } }] };
    const after = { variations: [{ name: 'Small', value: { seats: 2 }, description: 'For one team' }] };
    expect(partsOf('definition', before, after)).toEqual({
      variations: ['-Small:', '+Small (For one team):', ' {', '-  "seats": 1', '+  "seats": 2', ' }'],
    });
  });

  it('are who is in a segment', () => {
    const before = { included: [], includedContexts: [], rules: [] };
    const after = {
      included: ['ada'],
      includedContexts: [{ contextKind: 'organization', values: ['acme'] }],
      rules: [{ ...rule('a', ['gold']), weight: 50_000 }],
    };
    expect(partsOf('segment', before, after)).toEqual({
      included: ['+user ada'],
      includedContexts: ['+organization acme'],
      rules: ['+whoever fits: organization plan is gold, 50 % of kind user'],
    });
  });

  it('are, of what was made or deleted, those that have a name', () => {
    const member = { email: 'ada@example.test', role: 'editor', hint: 'abcd', environments: ['staging'] };
    expect(partsOf('member', null, member)).toEqual({
      email: ['+ada@example.test'],
      role: ['+editor'],
      environments: ['+staging'],
    });
    expect(partsOf('member', member, null).role).toEqual(['-editor']);
    expect(partsOf('setting', null, { on: false, offVariation: 1, salt: 'x', targets: [] })).toEqual({
      on: ['+off'],
      offVariation: ['+Off'],
    });
  });

  it('are times as people read them', () => {
    const at = Date.UTC(2026, 0, 2, 12);
    expect(partsOf('token', { expiresAt: null }, { expiresAt: at }).expiresAt).toEqual([
      expect.stringMatching(/^\+Jan \d, 2026/),
    ]);
  });
});
