import { MALFORMED_CONDITION, MATCH, MISMATCH, prepareClause, prepareWeight } from '../lib/clause.js';
import type { Context } from '../lib/context.js';
import type { Clause } from '../lib/protocol.js';

const ALICE = { key: 'alice', plan: 'gold', tags: ['a', 'b'] };

function outcomeOf(clause: Partial<Clause>, context: Context = ALICE): number {
  const prepared = prepareClause(clause);
  if (prepared.segments !== undefined) throw new Error('asks for segments');
  return prepared.condition(context);
}

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
