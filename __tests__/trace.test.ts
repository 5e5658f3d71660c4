import type { Context } from '../lib/context.js';
import type { Segment, Setting } from '../lib/protocol.js';
import { parseDataSet } from '../lib/protocol.js';
import { Store } from '../lib/store.js';
import { type Trace, type TraceStep, trace } from '../lib/trace.js';
import { segmentOf, settingOf, storeOf } from './support/data.js';
import { generate } from './support/generate.js';

// Far more than it takes, for machines with much else to do.
jest.setTimeout(60_000);

const ALICE = { key: 'alice', plan: 'gold' };
const planIs = (plan: string, fields = {}) => ({
  contextKind: 'user',
  attribute: 'plan',
  op: 'in',
  values: [plan],
  ...fields,
});
const asks = (...keys: string[]) => ({ attribute: '', op: 'segmentMatch', values: keys });

function traceIn(store: Store, key: string, context: Context): Trace {
  const setting = store.setting(key);
  if (setting === undefined) throw new Error(`no setting ${key}`);
  return trace(store, setting, context);
}

function stepsOf(fields: Partial<Setting>, segments: Segment[] = [], others: Setting[] = [], context: Context = ALICE) {
  return traceIn(storeOf([settingOf('f', fields), ...others], segments), 'f', context).steps;
}

describe('trace', () => {
  it('tells that a setting is off', () => {
    expect(stepsOf({ on: false, rules: [{ variation: 1 }] })).toEqual([{ step: 'off' }]);
  });

  it('tells that nothing but the fallthrough decides', () => {
    expect(stepsOf({})).toEqual([{ step: 'fallthrough' }]);
  });

  describe('of prerequisites', () => {
    const fields = { prerequisites: [{ key: 'p', variation: 1 }] };
    const step = { step: 'prerequisite', key: 'p', required: 1 };
    it.each<[string, Setting[], object]>([
      ['one that is satisfied', [settingOf('p', { fallthrough: { variation: 1 } })], { served: 1, satisfied: true }],
      ['one that serves another variation', [settingOf('p')], { served: 0, satisfied: false }],
      ['one that is unknown', [], { served: null, satisfied: false, problem: 'unknown' }],
      [
        'one that is off',
        [settingOf('p', { on: false, offVariation: 1 })],
        { served: 1, satisfied: false, problem: 'off' },
      ],
      [
        'one in a cycle',
        [settingOf('p', { prerequisites: [{ key: 'f', variation: 0 }] })],
        { served: null, satisfied: false, problem: 'cycle' },
      ],
      [
        'one that is malformed',
        [settingOf('p', { rules: [{}] })],
        { served: null, satisfied: false, problem: 'malformed' },
      ],
    ])('shows %s', (_name, others, expected) => {
      const [first] = stepsOf(fields, [], others);
      expect(first).toEqual({ ...step, ...expected });
    });

    it('ends at the first that fails', () => {
      const prerequisites = ['p', 'q', 'r'].map((key) => ({ key, variation: 0 }));
      const others = [settingOf('p'), settingOf('q', { fallthrough: { variation: 1 } }), settingOf('r')];
      expect(stepsOf({ prerequisites }, [], others).map((step) => step.step === 'prerequisite' && step.key)).toEqual([
        'p',
        'q',
      ]);
    });
  });

  it('tells which kind was targeted', () => {
    const contextTargets = [{ contextKind: 'organization', variation: 1, values: ['acme'] }];
    const context = { kind: 'multi', user: { key: 'a' }, organization: { key: 'acme' } } as const;
    expect(stepsOf({ contextTargets }, [], [], context)).toEqual([
      { step: 'targets', matched: true, contextKind: 'organization' },
    ]);
    expect(stepsOf({ contextTargets })).toEqual([{ step: 'targets', matched: false }, { step: 'fallthrough' }]);
  });

  it('shows each rule up to the one that matched, and each clause up to the one that did not', () => {
    const rules = [
      { id: 'first', variation: 1, clauses: [planIs('silver'), planIs('gold')] },
      { id: 'second', variation: 2, clauses: [planIs('gold'), planIs('silver', { negate: true })] },
      { id: 'third', variation: 0 },
    ];
    expect(stepsOf({ rules })).toEqual([
      {
        step: 'rule',
        ruleIndex: 0,
        ruleId: 'first',
        matched: false,
        clauses: [{ ...planIs('silver'), negate: false, actual: 'gold', matched: false }],
      },
      {
        step: 'rule',
        ruleIndex: 1,
        ruleId: 'second',
        matched: true,
        clauses: [
          { ...planIs('gold'), negate: false, actual: 'gold', matched: true },
          { ...planIs('silver'), negate: true, actual: 'gold', matched: true },
        ],
      },
    ]);
  });

  it.each([
    ['no-such-attribute', planIs('x', { attribute: 'missing' }), { actual: undefined }],
    ['no-such-kind', planIs('x', { contextKind: 'device' }), { actual: undefined }],
    ['invalid-attribute', planIs('x', { attribute: '/a//b' }), { actual: undefined }],
    ['unknown-operator', planIs('x', { op: 'sounds-like' }), { actual: 'gold' }],
    ['malformed-segment', asks('loop'), { actual: undefined }],
  ])('names the problem %s of a clause', (problem, clause, { actual }) => {
    const loop = segmentOf('loop', { rules: [{ clauses: [asks('loop')] }] });
    const [step] = stepsOf({ rules: [{ variation: 1, clauses: [clause] }] }, [loop]);
    expect(step?.step === 'rule' && step.clauses).toMatchObject([{ problem, matched: false }]);
    expect(step?.step === 'rule' && step.clauses[0]?.actual).toBe(actual);
  });

  it('names the segments a context is in', () => {
    const segments = [
      segmentOf('a', { included: ['alice'] }),
      segmentOf('b'),
      segmentOf('c', { rules: [{ clauses: [planIs('gold')] }] }),
    ];
    const [step] = stepsOf({ rules: [{ variation: 1, clauses: [asks('b', 'a', 'c', 'unknown')] }] }, segments);
    expect(step).toMatchObject({ step: 'rule', matched: true, clauses: [{ memberOf: ['a', 'c'], matched: true }] });
  });

  it('shows the kinds when a clause asks for them', () => {
    const rules = [{ variation: 1, clauses: [{ attribute: 'kind', op: 'in', values: ['organization'] }] }];
    expect(stepsOf({ rules })[0]).toMatchObject({ clauses: [{ actual: ['user'], matched: false }] });
  });

  it('shows the bucket of a rollout', () => {
    const store = storeOf([
      settingOf('new-checkout', {
        salt: '9f2c1a',
        fallthrough: {
          rollout: {
            variations: [
              { variation: 0, weight: 20_000 },
              { variation: 1, weight: 80_000 },
            ],
          },
        },
      }),
    ]);
    expect(traceIn(store, 'new-checkout', { key: 'alice' }).steps).toEqual([
      { step: 'fallthrough' },
      { step: 'rollout', contextKind: 'user', attribute: 'key', bucket: 0.025637979979721046, variation: 0 },
    ]);
  });

  it('says by what a rollout goes', () => {
    const rollout = { contextKind: 'organization', bucketBy: 'plan', variations: [{ variation: 0, weight: 1 }] };
    const [, plain] = stepsOf({ fallthrough: { rollout } });
    const [, experiment] = stepsOf({ fallthrough: { rollout: { ...rollout, kind: 'experiment' } } });
    expect(plain).toMatchObject({ contextKind: 'organization', attribute: 'plan', bucket: 0 });
    expect(experiment).toMatchObject({ contextKind: 'organization', attribute: 'key', bucket: 0 });
  });

  it('has no steps where evaluation failed unexpectedly', () => {
    const rules = [{ variation: 1, clauses: [planIs('gold')] }];
    const context = {
      key: 'a',
      get plan(): string {
        throw new Error('no');
      },
    };
    expect(traceIn(storeOf([settingOf('f', { rules })]), 'f', context)).toMatchObject({
      detail: { reason: { errorKind: 'EXCEPTION' } },
      steps: [],
    });
  });

  /** What the last steps say must be what was served. */
  function endOf(steps: readonly TraceStep[]): string {
    const last = steps.findLast(({ step }) => step !== 'rollout');
    if (last?.step === 'rule') return last.matched ? `RULE_MATCH ${last.ruleIndex}` : 'malformed';
    if (last?.step === 'prerequisite')
      return last.problem === 'cycle' || last.problem === 'malformed' ? 'prerequisite' : 'PREREQUISITE_FAILED';
    if (last?.step === 'targets') return 'TARGET_MATCH';
    return String(last?.step).toUpperCase();
  }

  it.each([false, true])('ends with what was served, for generated data (odd: %s)', (odd) => {
    for (let seed = 1000; seed < 1100; seed++) {
      const { data, contexts } = generate(seed, { odd });
      const store = new Store();
      store.replaceAll(parseDataSet(JSON.stringify(data)));
      for (const key of store.settingKeys()) {
        for (const context of contexts) {
          const { detail, steps } = traceIn(store, key, context);
          const { kind, ruleIndex } = detail.reason;
          if (kind === 'ERROR') continue;
          const served = ruleIndex === undefined ? kind : `${kind} ${ruleIndex}`;
          // A prerequisite that is out of range is malformed, but merely fails.
          const end = endOf(steps) === 'prerequisite' ? 'PREREQUISITE_FAILED' : endOf(steps);
          expect({ seed, key, context, end }).toEqual({ seed, key, context, end: served });
        }
      }
    }
  });
});
