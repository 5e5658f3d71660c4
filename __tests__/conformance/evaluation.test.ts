// docs/protocol.md, sections 3 and 7, through the public client; the tables of __tests__/cases go through every rule.

import { Outsider, serving } from '../support/outsider.js';

const ALICE = { key: 'alice' };
const error = (errorKind: string) => ({ kind: 'ERROR', errorKind });
const rule = (clauses: object[], fields = {}) => ({
  on: true,
  variations: [true, false],
  fallthrough: { variation: 1 },
  rules: [{ clauses, variation: 0, ...fields }],
});
const clause = (attribute: string, op: string, values: unknown[], fields = {}) => ({
  attribute,
  op,
  values,
  ...fields,
});

describe('evaluation', () => {
  let outside: Outsider;

  beforeEach(() => {
    outside = new Outsider();
  });

  afterEach(async () => {
    await outside.close();
  });

  describe('results (3.1 to 3.5)', () => {
    it('has exactly the reasons of the protocol', async () => {
      const { client } = await outside.connected({
        off: { on: false, variations: ['a', 'b'], offVariation: 1 },
        offWithout: { on: false, variations: ['a'] },
        offOut: { on: false, variations: ['a'], offVariation: 3 },
        offNegative: { on: false, variations: ['a'], offVariation: -1 },
        target: serving('a', { targets: [{ values: ['alice'], variation: 0 }] }),
        ruled: rule([], { id: 'r' }),
        ruledWithoutId: { ...rule([]), rules: [{ variation: 0 }, { variation: 1 }] },
        fell: serving('a'),
        none: { on: true, variations: ['a'] },
        emptyRollout: { on: true, variations: ['a'], fallthrough: { rollout: { variations: [] } } },
        both: {
          on: true,
          variations: ['a', 'b'],
          fallthrough: { variation: 1, rollout: { variations: [{ variation: 0, weight: 100_000 }] } },
        },
        needs: serving('a', { variations: ['a', 'b'], offVariation: 1, prerequisites: [{ key: 'off', variation: 1 }] }),
        needsMissing: serving('a', { prerequisites: [{ key: 'no-such', variation: 0 }] }),
        dead: { deleted: true, variations: ['a'] },
        self: serving('a', { prerequisites: [{ key: 'self', variation: 0 }] }),
        loop: serving('a', { prerequisites: [{ key: 'pool', variation: 0 }] }),
        pool: serving('a', { prerequisites: [{ key: 'loop', variation: 0 }] }),
        diamond: serving('a', {
          prerequisites: [
            { key: 'left', variation: 0 },
            { key: 'right', variation: 0 },
          ],
        }),
        left: serving('a', { prerequisites: [{ key: 'fell', variation: 0 }] }),
        right: serving('a', { prerequisites: [{ key: 'fell', variation: 0 }] }),
      });
      const details = (key: string) => {
        const { value, variationIndex, reason } = client.variationDetail(key, ALICE, 'd');
        return [value, variationIndex, reason];
      };
      const malformed = ['d', null, error('MALFORMED_FLAG')];
      expect(details('off')).toEqual(['b', 1, { kind: 'OFF' }]);
      expect(details('offWithout')).toEqual(['d', null, { kind: 'OFF' }]);
      expect(details('offOut')).toEqual(malformed);
      expect(details('offNegative')).toEqual(malformed);
      expect(details('target')).toEqual(['a', 0, { kind: 'TARGET_MATCH' }]);
      expect(details('ruled')).toEqual([true, 0, { kind: 'RULE_MATCH', ruleIndex: 0, ruleId: 'r' }]);
      expect(details('ruledWithoutId')).toEqual([true, 0, { kind: 'RULE_MATCH', ruleIndex: 0 }]);
      expect(details('fell')).toEqual(['a', 0, { kind: 'FALLTHROUGH' }]);
      for (const key of ['none', 'emptyRollout', 'self', 'loop', 'pool']) expect(details(key)).toEqual(malformed);
      expect(details('both')).toEqual(['b', 1, { kind: 'FALLTHROUGH' }]);
      expect(details('needs')).toEqual(['b', 1, { kind: 'PREREQUISITE_FAILED', prerequisiteKey: 'off' }]);
      expect(details('needsMissing')).toEqual(['a', 0, { kind: 'PREREQUISITE_FAILED', prerequisiteKey: 'no-such' }]);
      expect(details('dead')).toEqual(['d', null, error('FLAG_NOT_FOUND')]);
      expect(details('no-such')).toEqual(['d', null, error('FLAG_NOT_FOUND')]);
      expect(details('diamond')).toEqual(['a', 0, { kind: 'FALLTHROUGH' }]);
    });

    it('compares types in the typed forms, and not of the default (3.2)', async () => {
      const { client } = await outside.connected({
        n: serving(1.5),
        s: serving('s'),
        b: serving(false),
        nil: serving(null),
        o: serving({ a: [null] }),
        off: { on: false },
      });
      const wrong = (value: unknown) => ({ value, variationIndex: null, reason: error('WRONG_TYPE') });
      expect(client.numberVariation('n', ALICE, 0)).toBe(1.5);
      expect(client.stringVariation('s', ALICE, '')).toBe('s');
      expect(client.booleanVariation('b', ALICE, true)).toBe(false);
      expect(client.jsonVariation('o', ALICE, 0)).toEqual({ a: [null] });
      expect(client.jsonVariationDetail('nil', ALICE, 'd')).toMatchObject({ value: null, variationIndex: 0 });
      expect(client.variation('nil', ALICE, 'd')).toBeNull();
      expect(client.stringVariationDetail('n', ALICE, 'd')).toEqual(wrong('d'));
      expect(client.numberVariationDetail('b', ALICE, 0)).toEqual(wrong(0));
      expect(client.booleanVariationDetail('nil', ALICE, true)).toEqual(wrong(true));
      expect(client.booleanVariationDetail('off', ALICE, 'not checked' as never)).toEqual({
        value: 'not checked',
        variationIndex: null,
        reason: { kind: 'OFF' },
      });
    });

    it('orders targets by contextTargets alone (3.5)', async () => {
      const order = (contextTargets: object[]) => ({
        on: true,
        variations: ['org', 'user', 'none'],
        fallthrough: { variation: 2 },
        targets: [{ variation: 1, values: ['alice'] }],
        contextTargets,
      });
      const org = { contextKind: 'org', variation: 0, values: ['acme'] };
      const place = { contextKind: 'user', variation: 1, values: [] };
      const { client } = await outside.connected({
        first: order([org, place]),
        second: order([{ ...place, contextKind: '' }, org]),
        without: order([org]),
      });
      const both = { kind: 'multi' as const, user: { key: 'alice' }, org: { key: 'acme' } };
      expect(['first', 'second', 'without'].map((key) => client.variation(key, both, ''))).toEqual([
        'org',
        'user',
        'org',
      ]);
      expect(['first', 'second', 'without'].map((key) => client.variation(key, ALICE, ''))).toEqual([
        'user',
        'user',
        'none',
      ]);
    });
  });

  describe('clauses (3.6, 3.7)', () => {
    it.each<[string, object, object, boolean]>([
      ['a missing attribute, negated', clause('x', 'in', [1], { negate: true }), { key: 'a' }, false],
      [
        'a missing kind, negated',
        clause('key', 'in', ['a'], { negate: true, contextKind: 'org' }),
        { key: 'a' },
        false,
      ],
      ['an unknown operator, negated', clause('key', 'guess', ['a'], { negate: true }), { key: 'a' }, true],
      ['an unknown segment, negated', clause('', 'segmentMatch', ['s'], { negate: true }), { key: 'a' }, true],
      ['one of a list', clause('x', 'in', [2]), { kind: 'user', key: 'a', x: [1, 2] }, true],
      [
        'one of a list, negated',
        clause('x', 'in', [2], { negate: true }),
        { kind: 'user', key: 'a', x: [1, 2] },
        false,
      ],
      ['an object', clause('x', 'in', [{ a: 1 }]), { kind: 'user', key: 'a', x: { a: 1 } }, false],
      ['true and "true"', clause('x', 'in', ['true']), { kind: 'user', key: 'a', x: true }, false],
      [
        'the kinds of a context',
        clause('kind', 'in', ['org'], { contextKind: 'user' }),
        { kind: 'multi', user: { key: 'a' }, org: { key: 'b' } },
        true,
      ],
      ['/kind as a reference', clause('/kind', 'in', ['user'], { contextKind: 'org' }), { key: 'a' }, true],
      ['a literal with a slash', clause('/x/y', 'in', [1]), { kind: 'user', key: 'a', '/x/y': 1, x: { y: 2 } }, true],
      [
        'a reference',
        clause('/x/y', 'in', [2], { contextKind: 'user' }),
        { kind: 'user', key: 'a', '/x/y': 1, x: { y: 2 } },
        true,
      ],
      [
        'no index of a list',
        clause('/x/0', 'in', [2], { contextKind: 'user' }),
        { kind: 'user', key: 'a', x: [2] },
        false,
      ],
      ['anonymous when absent', clause('anonymous', 'in', [false]), { key: 'a' }, true],
      ['a legacy attribute', clause('email', 'endsWith', ['.test']), { key: 'a', email: 'a@b.test' }, true],
      ['a legacy custom attribute', clause('plan', 'in', ['gold']), { key: 'a', custom: { plan: 'gold' } }, true],
      ['_meta', clause('_meta', 'in', [1], { negate: true }), { kind: 'user', key: 'a', _meta: {} }, false],
      ['an inherited property', clause('constructor', 'matches', ['.*'], { negate: true }), { key: 'a' }, false],
      ['a bad pattern', clause('key', 'matches', ['(']), { key: 'a(' }, false],
      ['a pattern anywhere', clause('key', 'matches', ['b.d']), { key: 'abcde' }, true],
      ['numeric strings', clause('x', 'lessThan', ['5']), { kind: 'user', key: 'a', x: 1 }, false],
      [
        'dates of different zones',
        clause('x', 'before', ['2020-01-01T00:00:00+01:00']),
        { kind: 'user', key: 'a', x: '2019-12-31T22:59:59.999Z' },
        true,
      ],
      [
        'a date as a number',
        clause('x', 'after', [0]),
        { kind: 'user', key: 'a', x: '1970-01-01T00:00:00.001Z' },
        true,
      ],
      [
        'a date in small letters',
        clause('x', 'after', [0]),
        { kind: 'user', key: 'a', x: '2020-01-01t00:00:00z' },
        false,
      ],
      [
        'a version without a patch',
        clause('x', 'semVerEqual', ['2.0.0']),
        { kind: 'user', key: 'a', x: '2+build' },
        true,
      ],
      ['a version with a v', clause('x', 'semVerGreaterThan', ['1']), { kind: 'user', key: 'a', x: 'v2' }, false],
    ])('%s', async (_what, condition, context, matches) => {
      const { client } = await outside.connected({ f: rule([condition]) });
      expect(client.variation('f', context as never, 'd')).toBe(matches);
    });

    it.each<[string, object]>([
      ['an empty attribute', clause('', 'in', [1])],
      ['an invalid reference', clause('/a//b', 'in', [1], { contextKind: 'org' })],
      ['an empty attribute with an unknown operator', clause('', 'guess', [])],
    ])('finds %s malformed', async (_what, condition) => {
      const { client } = await outside.connected({
        f: rule([condition]),
        later: rule([clause('key', 'in', []), condition]),
      });
      expect(client.variationDetail('f', ALICE, 'd').reason).toEqual(error('MALFORMED_FLAG'));
      expect(client.variation('later', ALICE, 'd')).toBe(false);
    });
  });

  it('buckets as every other SDK (3.9.7)', async () => {
    const split = (weight: number, fields = {}, rollout = {}) => ({
      on: true,
      variations: ['in', 'out'],
      salt: '9f2c1a',
      fallthrough: {
        rollout: {
          variations: [
            { variation: 0, weight },
            { variation: 1, weight: 100_000 - weight },
          ],
          ...rollout,
        },
      },
      ...fields,
    });
    const check: [string, object, object, object, number][] = [
      ['new-checkout', {}, {}, ALICE, 0.025637979979721046],
      ['new-checkout', {}, {}, { key: 'bob' }, 0.0927842868379491],
      ['new-checkout', {}, {}, { key: '42' }, 0.6790782398956056],
      ['new-checkout', {}, { bucketBy: 'n' }, { kind: 'user', key: 'x', n: 42 }, 0.6790782398956056],
      ['x', {}, { seed: 7 }, ALICE, 0.030480531736509303],
      ['x', {}, { seed: 0 }, ALICE, 0.6941856555036181],
      [
        'x',
        {},
        { seed: 7, kind: 'experiment', bucketBy: 'n' },
        { kind: 'user', key: 'alice', n: 1 },
        0.030480531736509303,
      ],
      ['new-checkout', { salt: null }, {}, ALICE, 0.8096883666302087],
    ];
    for (const [key, fields, rollout, context, bucket] of check) {
      const below = Math.ceil(bucket * 100_000);
      const { client } = await outside.connected({ [key]: split(below, fields, rollout) });
      expect(client.variation(key, context as never, '')).toBe('in');
      const other = await outside.connected({ [key]: split(below - 1, fields, rollout) });
      expect(other.client.variation(key, context as never, '')).toBe('out');
    }
  });

  it('lists members of segments in order, and weighs their rules (3.8)', async () => {
    const member = { contextKind: 'user', attribute: '', op: 'segmentMatch', values: ['beta-testers'] };
    const inside = async (segment: object, context: object) => {
      const { client } = await outside.connected(
        { f: rule([member]) },
        {},
        { 'beta-testers': { salt: 's4lt', ...segment } },
      );
      return client.variation('f', context as never, 'd');
    };
    expect(await inside({ included: ['alice'], excluded: ['alice'] }, ALICE)).toBe(true);
    expect(await inside({ excluded: ['alice'], rules: [{}] }, ALICE)).toBe(false);
    expect(
      await inside(
        { includedContexts: [{ contextKind: 'org', values: ['acme'] }], excluded: ['alice'] },
        { kind: 'multi', user: { key: 'alice' }, org: { key: 'acme' } },
      ),
    ).toBe(true);
    expect(await inside({ rules: [{}] }, ALICE)).toBe(true);
    expect(await inside({ rules: [{ weight: 45_198 }] }, ALICE)).toBe(true);
    expect(await inside({ rules: [{ weight: 45_197 }] }, ALICE)).toBe(false);
    expect(await inside({ rules: [{ weight: 100_000, rolloutContextKind: 'org' }] }, ALICE)).toBe(false);
    expect(await inside({ rules: [{ weight: 1, bucketBy: 'none' }] }, ALICE)).toBe(true);
    expect(await inside({ rules: [{ clauses: [member] }] }, ALICE)).toBe('d');
  });
});
