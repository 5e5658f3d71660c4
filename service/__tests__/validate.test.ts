import type { Clause, Segment, Setting } from 'feathery-server-sdk/protocol';
import {
  type ItemView,
  patchFaults,
  prerequisiteCycle,
  segmentCycle,
  segmentFaults,
  settingFaults,
} from '../src/validate.js';

const EMPTY: ItemView = { setting: () => undefined, segment: () => undefined };

function viewOf(settings: Setting[], segments: Segment[] = []) {
  return {
    setting: (key: string) => settings.find((one) => one.key === key),
    segment: (key: string) => segments.find((one) => one.key === key),
  };
}

const setting = (fields: Partial<Setting> = {}): Setting => ({
  key: 's',
  version: 1,
  variations: ['a', 'b'],
  offVariation: 1,
  fallthrough: { variation: 0 },
  ...fields,
});
const segment = (key: string, fields: Partial<Segment> = {}): Segment => ({ key, version: 1, ...fields });
const pointersOf = (fields: Partial<Setting>, view = EMPTY) =>
  settingFaults(setting(fields), view).map(({ pointer }) => pointer);

describe('a setting', () => {
  it('without faults has none', () => {
    expect(settingFaults(setting(), EMPTY)).toEqual([]);
  });

  it.each<[string, Partial<Setting>, string]>([
    ['off variation', { offVariation: 2 }, '/offVariation'],
    ['fallthrough', { fallthrough: { variation: 2 } }, '/fallthrough/variation'],
    ['target', { targets: [{ variation: 2, values: [] }] }, '/targets/0/variation'],
    ['context target', { contextTargets: [{ contextKind: 'org', variation: 2 }] }, '/contextTargets/0/variation'],
    ['rule', { rules: [{ variation: 2 }] }, '/rules/0/variation'],
    [
      'rollout',
      { fallthrough: { rollout: { variations: [{ variation: 2, weight: 100_000 }] } } },
      '/fallthrough/rollout/variations/0/variation',
    ],
  ])('names the %s that serves a variation which does not exist', (_where, fields, pointer) => {
    expect(pointersOf(fields)).toEqual([pointer]);
  });

  it('may have no off variation', () => {
    expect(pointersOf({ offVariation: null })).toEqual([]);
  });

  it('needs a variation or a rollout wherever something is served', () => {
    expect(pointersOf({ fallthrough: {}, rules: [{ clauses: [] }] })).toEqual(['/fallthrough', '/rules/0']);
  });

  it.each([
    [[60_000, 40_000], []],
    [[100_000, 0], []],
    [[60_000, 40_001], ['/fallthrough/rollout/variations']],
    [[50_000], ['/fallthrough/rollout/variations']],
  ])('with weights %j has faults %j', (weights, pointers) => {
    const variations = weights.map((weight) => ({ variation: 0, weight }));
    expect(pointersOf({ fallthrough: { rollout: { variations } } })).toEqual(pointers);
  });

  it.each(['multi', 'kind', 'a b', 'ä'])('refuses the context kind %j', (contextKind) => {
    const variations = [{ variation: 0, weight: 100_000 }];
    expect(
      pointersOf({
        contextTargets: [{ contextKind, variation: 0 }],
        fallthrough: { rollout: { contextKind, variations } },
        rules: [{ variation: 0, clauses: [{ contextKind, attribute: 'a', op: 'in', values: [] }] }],
      }),
    ).toEqual(['/fallthrough/rollout/contextKind', '/contextTargets/0/contextKind', '/rules/0/clauses/0/contextKind']);
  });

  it('takes bucketBy for a reference only beside a context kind (protocol.md 2.7)', () => {
    const variations = [{ variation: 0, weight: 100_000 }];
    expect(pointersOf({ fallthrough: { rollout: { bucketBy: '//', variations } } })).toEqual([]);
    expect(pointersOf({ fallthrough: { rollout: { bucketBy: '//', contextKind: 'org', variations } } })).toEqual([
      '/fallthrough/rollout/bucketBy',
    ]);
  });

  it('refuses a rule id that is used twice, but not one that is missing twice', () => {
    const rules = [{ id: 'x', variation: 0 }, { variation: 0 }, { id: '', variation: 0 }, { id: 'x', variation: 0 }];
    expect(pointersOf({ rules })).toEqual(['/rules/3/id']);
  });
});

describe('prerequisites', () => {
  const needing = (key: string, needed: string, variation = 0) =>
    setting({ key, prerequisites: [{ key: needed, variation }] });

  it('must exist', () => {
    expect(settingFaults(needing('s', 'none'), EMPTY)).toEqual([
      { pointer: '/prerequisites/0/key', detail: 'there is no setting "none"' },
    ]);
  });

  it('must have the variation that is asked for', () => {
    expect(pointersOf({ prerequisites: [{ key: 'p', variation: 2 }] }, viewOf([setting({ key: 'p' })]))).toEqual([
      '/prerequisites/0/variation',
    ]);
  });

  it.each([
    ['itself', [], 's', 's → s'],
    ['one that needs it', [needing('p', 's')], 'p', 's → p → s'],
    ['one that needs one that needs it', [needing('p', 'q'), needing('q', 's')], 'p', 's → p → q → s'],
  ])('must not be %s', (_what, others, needed, cycle) => {
    const view = viewOf([...others, needing('s', needed)]);
    const fault = { key: 's', pointer: '/prerequisites', detail: `is a cycle: ${cycle}` };
    expect(prerequisiteCycle(['s'], view)).toEqual(fault);
  });

  it('may be reached in two ways', () => {
    const others = [needing('p', 'r'), needing('q', 'r'), setting({ key: 'r' })];
    const prerequisites = ['p', 'q'].map((key) => ({ key, variation: 0 }));
    expect(prerequisiteCycle(['s'], viewOf([...others, setting({ prerequisites })]))).toBeUndefined();
  });
});

describe('clauses', () => {
  const faultsOf = (clause: Clause, view = EMPTY) => pointersOf({ rules: [{ variation: 0, clauses: [clause] }] }, view);

  it.each<[string, unknown[], unknown[]]>([
    ['in', ['a', 1, true], [null, [], {}]],
    ['startsWith', ['a', ''], [1, true, null]],
    ['endsWith', ['a'], [1]],
    ['contains', ['a'], [1]],
    ['matches', ['^a+$', ''], ['(', '[', 1]],
    ['lessThan', [1, -1.5], ['1', true]],
    ['lessThanOrEqual', [1], ['1']],
    ['greaterThan', [1], ['1']],
    ['greaterThanOrEqual', [1], ['1']],
    ['before', [0, -1, '2026-01-31T12:00:00Z'], ['2026-01-31', 'yesterday', '0', true]],
    ['after', ['2026-01-31T12:00:00+01:00'], ['2026-02-30T12:00:00Z']],
    ['semVerEqual', ['2', '2.1', '2.1.0-rc.1+b'], ['v2', '02', '2..1', 2, '']],
    ['semVerLessThan', ['1.0.0'], ['1.x']],
    ['semVerGreaterThan', ['1.0.0'], ['1.x']],
  ])('of %s take %j and refuse each of %j', (op, good, bad) => {
    const values = [...good, ...bad] as never[];
    expect(faultsOf({ attribute: 'a', op, values })).toEqual(
      bad.map((_, index) => `/rules/0/clauses/0/values/${good.length + index}`),
    );
  });

  it('need a known operator', () => {
    expect(faultsOf({ attribute: 'a', op: 'like', values: [null] })).toEqual(['/rules/0/clauses/0/op']);
  });

  it.each([
    ['', undefined, ['/rules/0/clauses/0/attribute']],
    ['/a//b', undefined, []],
    ['/a//b', 'user', ['/rules/0/clauses/0/attribute']],
    ['/a/b', 'user', []],
    ['kind', undefined, []],
  ])('with attribute %j and context kind %p have faults %j', (attribute, contextKind, pointers) => {
    expect(faultsOf({ attribute, op: 'in', values: [], ...(contextKind ? { contextKind } : {}) })).toEqual(pointers);
  });

  it('that ask for a segment need one that exists, and no attribute', () => {
    const clause = { op: 'segmentMatch', values: ['beta', 'none'] };
    expect(faultsOf(clause, viewOf([], [segment('beta')]))).toEqual(['/rules/0/clauses/0/values/1']);
  });
});

describe('a segment', () => {
  const asking = (key: string, ...segments: string[]) =>
    segment(key, { rules: [{ clauses: [{ op: 'segmentMatch', values: segments }] }] });

  it.each([
    ['itself', [], 'a'],
    ['one that asks for it', [asking('b', 'a')], 'b'],
  ])('must not ask for %s', (_what, others, asked) => {
    const own = asking('a', asked);
    const fault = segmentCycle(['a'], viewOf([], [own, ...others]));
    expect(fault).toMatchObject({ key: 'a', pointer: '/rules' });
  });

  it('names what is wrong in its lists and rules', () => {
    const own = segment('a', {
      includedContexts: [{ contextKind: 'multi', values: [] }],
      excludedContexts: [{ contextKind: 'a b', values: [] }],
      unboundedContextKind: 'kind',
      rules: [{ rolloutContextKind: 'org', bucketBy: '/', clauses: [{ op: 'in', values: [] }] }],
    });
    expect(segmentFaults(own, EMPTY).map(({ pointer }) => pointer)).toEqual([
      '/includedContexts/0/contextKind',
      '/excludedContexts/0/contextKind',
      '/unboundedContextKind',
      '/rules/0/clauses/0/attribute',
      '/rules/0/bucketBy',
    ]);
  });
});

describe('the shape of a patch', () => {
  it.each<[string, unknown, string]>([
    ['an unknown field', { nope: 1 }, '/nope'],
    ['an unknown field with a slash', { 'a/b~': 1 }, '/a~1b~0'],
    [
      'an unknown field deep inside',
      { rules: [{ variation: 0, clauses: [{ op: 'in', values: [], x: 1 }] }] },
      '/rules/0/clauses/0/x',
    ],
    ['a wrong type', { on: 'yes' }, '/on'],
    [
      'a fraction of a weight',
      { fallthrough: { rollout: { variations: [{ variation: 0, weight: 0.5 }] } } },
      '/fallthrough/rollout/variations/0/weight',
    ],
    ['a negative index', { offVariation: -1 }, '/offVariation'],
    ['a target that is no text', { targets: [{ variation: 0, values: [1] }] }, '/targets/0/values/0'],
    ['a list that is too long', { prerequisites: Array(51).fill({ key: 'p', variation: 0 }) }, '/prerequisites'],
    ['a key that cannot be', { prerequisites: [{ key: 'a b', variation: 0 }] }, '/prerequisites/0/key'],
  ])('refuses %s', (_what, patch, pointer) => {
    expect(patchFaults('setting', patch).map((fault) => fault.pointer)).toEqual([pointer]);
  });

  it('lets null stand for absent', () => {
    expect(
      patchFaults('setting', { rules: null, fallthrough: { rollout: null, variation: 0 }, samplingRatio: null }),
    ).toEqual([]);
    expect(patchFaults('segment', { name: null, rules: [{ weight: null, clauses: null }] })).toEqual([]);
  });

  it('refuses a weight above everyone in a segment', () => {
    expect(patchFaults('segment', { rules: [{ weight: 100_001 }] }).map(({ pointer }) => pointer)).toEqual([
      '/rules/0/weight',
    ]);
  });
});
