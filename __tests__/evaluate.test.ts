import { type Detail, errorDetail, evaluate, isExperimental } from '../lib/evaluate.js';
import type { Setting } from '../lib/protocol.js';
import { evaluateIn, segmentOf, settingOf, storeOf } from './support/data.js';

// Far more than it takes, for machines with much else to do.
jest.setTimeout(60_000);

const ALICE = { key: 'alice' };
const inPlan = (plan: string) => ({ contextKind: 'user', attribute: 'plan', op: 'in', values: [plan] });

// What every rule of evaluation gives is in cases/.
describe('evaluate', () => {
  describe('never throws', () => {
    const EXCEPTION = { value: null, variationIndex: null, reason: { kind: 'ERROR', errorKind: 'EXCEPTION' } };

    function chain(length: number): Setting[] {
      return Array.from({ length }, (_, index) =>
        settingOf(`s${index}`, { prerequisites: index + 1 < length ? [{ key: `s${index + 1}`, variation: 0 }] : [] }),
      );
    }

    it('and evaluates a chain of 500 prerequisites', () => {
      const store = storeOf(chain(500));
      const seen: string[] = [];
      expect(evaluateIn(store, 's0', ALICE, ({ key }) => seen.push(key)).reason).toEqual({ kind: 'FALLTHROUGH' });
      expect(seen).toHaveLength(499);
      expect(seen[0]).toBe('s499');
    });

    it('with prerequisites nested deeper than the stack', () => {
      const store = storeOf(chain(100_000));
      expect(evaluateIn(store, 's0', ALICE)).toEqual(EXCEPTION);
      expect(evaluateIn(store, 's99990', ALICE).value).toBe('a');
    });

    it('with segments nested deeper than the stack', () => {
      const segments = Array.from({ length: 100_000 }, (_, index) =>
        segmentOf(`s${index}`, { rules: [{ clauses: [{ op: 'segmentMatch', values: [`s${index + 1}`] }] }] }),
      );
      const rules = [{ variation: 1, clauses: [{ op: 'segmentMatch', values: ['s0'] }] }];
      expect(evaluateIn(storeOf([settingOf('f', { rules })], segments), 'f', ALICE)).toEqual(EXCEPTION);
    });

    it('with an attribute that cannot be read', () => {
      const user = {
        key: 'alice',
        get plan(): string {
          throw new Error('no');
        },
      };
      const store = storeOf([settingOf('f', { rules: [{ variation: 1, clauses: [inPlan('gold')] }] })]);
      expect(evaluateIn(store, 'f', user)).toEqual(EXCEPTION);
    });

    it('when whoever is told of prerequisites throws', () => {
      const store = storeOf([settingOf('f', { prerequisites: [{ key: 'p', variation: 0 }] }), settingOf('p')]);
      const detail = evaluateIn(store, 'f', ALICE, () => {
        throw new Error('no');
      });
      expect(detail).toEqual(EXCEPTION);
    });
  });

  describe('details', () => {
    const rules = [{ id: 'gold', variation: 1, clauses: [inPlan('gold')] }];
    const store = storeOf([
      settingOf('plain', { variations: [{ deep: { list: [1, { x: 1 }] } }, null, null] }),
      settingOf('off', { on: false }),
      settingOf('rules', { rules, targets: [{ variation: 2, values: ['alice'] }] }),
      settingOf('split', { fallthrough: { rollout: { variations: [{ variation: 1, weight: 100_000 }] } } }),
      settingOf('broken', { fallthrough: null }),
    ]);

    it.each([
      ['plain', ALICE, { key: 'bob' }],
      ['off', ALICE, { key: 'bob' }],
      ['rules', ALICE, { kind: 'user', key: 'alice' }],
      ['rules', { key: 'bob', plan: 'gold' }, { key: 'carol', plan: 'gold' }],
      ['split', ALICE, { key: 'bob' }],
      ['broken', ALICE, { key: 'bob' }],
    ])('of %s are one object for all whom it does not distinguish', (key, one, other) => {
      expect(evaluateIn(store, key, one)).toBe(evaluateIn(store, key, other));
    });

    it('are frozen to the depth of the value', () => {
      const detail = evaluateIn(store, 'plain', ALICE) as Detail & { value: { deep: { list: [number, object] } } };
      const { value } = detail;
      for (const part of [detail, detail.reason, value, value.deep, value.deep.list, value.deep.list[1]]) {
        expect(Object.isFrozen(part)).toBe(true);
      }
    });

    it('freeze a value nested deeper than the stack', () => {
      const depth = 100_000;
      const value = JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);
      expect(evaluateIn(storeOf([settingOf('f', { variations: [value] })]), 'f', ALICE).variationIndex).toBe(0);
    });

    it('of the same error are one object', () => {
      expect(evaluateIn(store, 'broken', ALICE)).toBe(errorDetail('MALFORMED_FLAG'));
    });
  });

  it('sees the data of the view it is given', () => {
    const store = storeOf([settingOf('f', { prerequisites: [{ key: 'p', variation: 0 }] }), settingOf('p')]);
    const before = store.freeze();
    store.apply([{ kind: 'setting', key: 'p', version: 2, item: null }]);
    const setting = store.setting('f');
    if (setting === undefined) throw new Error('no setting');
    expect(evaluate(before, setting, ALICE).reason.kind).toBe('FALLTHROUGH');
    expect(evaluate(store, setting, ALICE).reason.kind).toBe('PREREQUISITE_FAILED');
  });

  it('finds one key among 100,000 targets and segment members', () => {
    const values = Array.from({ length: 100_000 }, (_, index) => `user-${index}`);
    const rules = [{ variation: 2, clauses: [{ op: 'segmentMatch', values: ['s'] }] }];
    const store = storeOf(
      [settingOf('targets', { targets: [{ variation: 1, values }] }), settingOf('segment', { rules })],
      [segmentOf('s', { included: values })],
    );
    expect(evaluateIn(store, 'targets', { key: 'user-99999' }).variationIndex).toBe(1);
    expect(evaluateIn(store, 'targets', { key: 'nobody' }).variationIndex).toBe(0);
    expect(evaluateIn(store, 'segment', { key: 'user-99999' }).variationIndex).toBe(2);
    expect(evaluateIn(store, 'segment', { key: 'nobody' }).variationIndex).toBe(0);
  });
});

describe('isExperimental', () => {
  const experiment = { rollout: { kind: 'experiment', variations: [{ variation: 0, weight: 100_000 }] } };
  const clauses = [inPlan('gold')];
  it.each<[string, Partial<Setting>, boolean]>([
    ['a plain fallthrough', {}, false],
    ['a fallthrough that is tracked', { trackEventsFallthrough: true }, true],
    ['an experiment', { fallthrough: experiment }, true],
    ['a rule that is tracked', { rules: [{ variation: 0, trackEvents: true }] }, true],
    ['a rule that is not', { rules: [{ variation: 0 }], trackEventsFallthrough: true }, false],
    [
      'a rule after one that is tracked',
      { rules: [{ clauses, variation: 0, trackEvents: true }, { variation: 0 }] },
      false,
    ],
    ['a rule that is an experiment', { rules: [experiment] }, true],
    ['a setting that is tracked as a whole', { trackEvents: true }, false],
    ['an off setting', { on: false, trackEventsFallthrough: true }, false],
    ['a target', { targets: [{ variation: 1, values: ['alice'] }], trackEventsFallthrough: true }, false],
    ['an error in the tracked fallthrough', { fallthrough: null, trackEventsFallthrough: true }, false],
  ])('of %s', (_name, fields, expected) => {
    const store = storeOf([settingOf('f', fields)]);
    const setting = store.setting('f');
    if (setting === undefined) throw new Error('no setting');
    expect(isExperimental(setting, evaluate(store, setting, ALICE))).toBe(expected);
  });
});
