import { MALFORMED_CONDITION, MATCH, MISMATCH, prepareClause, prepareWeight } from '../lib/clause.js';
import type { Context } from '../lib/context.js';
import type { Clause } from '../lib/protocol.js';

const ALICE = { key: 'alice', plan: 'gold', tags: ['a', 'b'] };

function outcomeOf(clause: Partial<Clause>, context: Context = ALICE): number {
  const prepared = prepareClause(clause);
  if (prepared.segments !== undefined) throw new Error('asks for segments');
  return prepared.condition(context);
}

const multi = (organization: object) => ({ kind: 'multi', user: { key: 'a', plan: 'free' }, organization });

// What each operator and each oddity gives is in cases/: clauses, operators, references.
describe('prepareClause', () => {
  it.each<[Partial<Clause>, number]>([
    [{ attribute: 'plan', op: 'in', values: ['gold'] }, MATCH],
    [{ attribute: 'plan', op: 'in', values: ['free'] }, MISMATCH],
    [{ attribute: 'plan', op: 'in', values: ['gold'], negate: true }, MISMATCH],
    [{ attribute: 'missing', op: 'in', values: ['gold'], negate: true }, MISMATCH],
    [{ attribute: 'tags', op: 'in', values: ['b'] }, MATCH],
    [{ attribute: 'kind', op: 'in', values: ['user'] }, MATCH],
    [{ attribute: '', op: 'in', values: ['x'] }, MALFORMED_CONDITION],
    [{ contextKind: 'device', attribute: '/', op: 'in', values: ['x'] }, MALFORMED_CONDITION],
    [{}, MALFORMED_CONDITION],
  ])('of %j gives %i', (clause, outcome) => {
    expect(outcomeOf(clause)).toBe(outcome);
  });

  // `in` has a shorter way for text at the top of a plain object; both ways must agree.
  it.each<[string, object, number]>([
    ['one value', { key: 'a', plan: 'gold' }, MATCH],
    ['another value', { key: 'a', plan: 'free' }, MISMATCH],
    ['no value', { key: 'a' }, MISMATCH],
    ['null', { key: 'a', plan: null }, MISMATCH],
    ['a number', { key: 'a', plan: 7 }, MATCH],
    ['the number as text', { key: 'a', plan: '7' }, MISMATCH],
    ['a list', { key: 'a', plan: ['free', 'gold'] }, MATCH],
    ['a further attribute', { key: 'a', custom: { plan: 'gold' } }, MATCH],
    ['a property above a further attribute', { key: 'a', plan: 'free', custom: { plan: 'gold' } }, MISMATCH],
    ['an inherited property', Object.create({ plan: 'gold' }, { key: { value: 'a' } }), MISMATCH],
    ['an object without a prototype', Object.assign(Object.create(null), { key: 'a', plan: 'gold' }), MATCH],
    ['a user with a kind', { kind: 'user', key: 'a', plan: 'gold' }, MATCH],
    ['another kind', { kind: 'device', key: 'a', plan: 'gold' }, MISMATCH],
    ['a user among several', { kind: 'multi', user: { key: 'a', plan: 'gold' }, device: { key: 'd' } }, MATCH],
  ])('judges %s alike whatever the number of candidates', (what, context, outcome) => {
    for (const values of [
      what.includes('number') ? [7] : ['gold'],
      ['gold', 7],
      ['gold', 7, 'silver'],
      ['gold', 'silver', 'bronze', 7, null],
    ]) {
      const clause = { attribute: 'plan', op: 'in', values } as Partial<Clause>;
      expect([values, outcomeOf(clause, context as Context)]).toEqual([values, outcome]);
      const isThere = !['no value', 'null', 'an inherited property', 'another kind'].includes(what);
      expect(outcomeOf({ ...clause, negate: true }, context as Context)).toBe(
        isThere && outcome === MISMATCH ? MATCH : MISMATCH,
      );
    }
  });

  it.each([
    ['anonymous', { key: 'a', anonymous: 'yes' }],
    ['custom', { key: 'a', custom: 'yes' }],
    ['_meta', { kind: 'user', key: 'a', _meta: 'yes' }],
    ['privateAttributeNames', { key: 'a', privateAttributeNames: 'yes' }],
  ])('does not take the property %s of a user for text', (attribute, context) => {
    expect(outcomeOf({ attribute, op: 'in', values: ['yes'] }, context as unknown as Context)).toBe(MISMATCH);
  });

  it.each(['user', 'device', 'multi'])(
    'takes all kinds of a context for its kind, also when asked for kind %s',
    (contextKind) => {
      const context = { kind: 'multi', user: { key: 'a' }, device: { key: 'd' } } as const;
      const outcomes = ['user', 'device', 'multi'].map((value) =>
        outcomeOf({ contextKind, attribute: 'kind', op: 'in', values: [value] }, context),
      );
      expect(outcomes).toEqual([MATCH, MATCH, MISMATCH]);
    },
  );

  it.each<[string, object, number, number]>([
    ['the organization itself', { kind: 'organization', key: 'o', plan: 'gold' }, MATCH, MISMATCH],
    ['an organization among several', multi({ key: 'o', plan: 'gold' }), MATCH, MISMATCH],
    ['one with another value', multi({ key: 'o', plan: 'free' }), MISMATCH, MATCH],
    ['one with a list', multi({ key: 'o', plan: ['gold'] }), MATCH, MISMATCH],
    ['one without the attribute', multi({ key: 'o' }), MISMATCH, MISMATCH],
    ['one that inherits it', multi(Object.create({ plan: 'gold' })), MISMATCH, MISMATCH],
    ['a user alone', { key: 'a', plan: 'gold' }, MISMATCH, MISMATCH],
    ['a user and a device', { kind: 'multi', user: { key: 'a' }, device: { key: 'd' } }, MISMATCH, MISMATCH],
  ])('asks the organization for its attribute: %s', (_, context, outcome, negated) => {
    for (const values of [['gold'], ['gold', 'silver']]) {
      const clause = { contextKind: 'organization', attribute: 'plan', op: 'in', values } as const;
      expect(outcomeOf(clause, context as Context)).toBe(outcome);
      expect(outcomeOf({ ...clause, negate: true }, context as Context)).toBe(negated);
    }
  });

  it('keeps the keys of segments for whoever has the data', () => {
    expect(prepareClause({ op: 'segmentMatch', values: ['a', 5, 'b', null], negate: true })).toEqual({
      segments: ['a', 'b'],
      negate: true,
    });
  });
});

describe('prepareWeight', () => {
  it('is nothing where a rule has no weight', () => {
    expect(prepareWeight({ weight: null }, 's.salt')).toBeUndefined();
    expect(prepareWeight({}, 's.salt')).toBeUndefined();
  });

  it.each([
    [{ weight: 45_198 }, ALICE, MATCH],
    [{ weight: 45_197 }, ALICE, MISMATCH],
    [{ weight: 1, bucketBy: 'missing' }, ALICE, MATCH],
    [{ weight: 0, bucketBy: 'missing' }, ALICE, MISMATCH],
    [{ weight: 100_000 }, { kind: 'organization', key: 'acme' }, MISMATCH],
    [{ weight: 100_000, rolloutContextKind: 'user', bucketBy: '//' }, ALICE, MALFORMED_CONDITION],
  ])('of %j for %j gives %i', (rule, context, outcome) => {
    expect(prepareWeight(rule, 'beta-testers.s4lt')?.(context)).toBe(outcome);
  });
});
