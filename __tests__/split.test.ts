import { MALFORMED, newDetail } from '../lib/detail.js';
import type { Rollout } from '../lib/protocol.js';
import { attributePath, prepareSplit, Split, toWeight } from '../lib/split.js';

const ALICE = { key: 'alice' };
const PREFIX = 'new-checkout.9f2c1a';

function split(rollout: Partial<Rollout>): Split {
  const prepared = prepareSplit(rollout, PREFIX, (variation, inExperiment) =>
    newDetail(variation as number, variation as number, { kind: 'FALLTHROUGH', ...(inExperiment && { inExperiment }) }),
  );
  if (!(prepared instanceof Split)) throw new Error('no split');
  return prepared;
}

const weights = (...list: number[]) => list.map((weight, variation) => ({ variation, weight }));

// Who gets which variation is in cases/: rollouts, experiments.
describe('Split', () => {
  it('tells the bucket of a context', () => {
    expect(split({ variations: weights(1) }).bucket(ALICE)).toBe(0.025637979979721046);
    expect(split({ variations: weights(1), seed: 0 }).bucket(ALICE)).toBe(0.6941856555036181);
    expect(split({ variations: weights(1), contextKind: 'organization' }).bucket(ALICE)).toBe(0);
    expect(split({ variations: weights(1), bucketBy: 'missing' }).bucket(ALICE)).toBe(0);
  });

  it('makes one detail for each entry, and one more where an experiment marks it', () => {
    const experiment = split({ kind: 'experiment', variations: weights(100_000) });
    const [inside, again, outside] = [ALICE, { key: 'bob' }, { kind: 'organization', key: 'acme' }].map((context) =>
      experiment.serve(context),
    );
    expect(inside?.reason.inExperiment).toBe(true);
    expect(again).toBe(inside);
    expect(outside?.reason.inExperiment).toBeUndefined();
  });

  it('spreads many keys as the weights say', () => {
    const third = split({ variations: weights(33_333, 33_333, 33_334) });
    const counts = [0, 0, 0];
    for (let index = 0; index < 30_000; index++) {
      const served = third.serve({ key: `user-${index}` }).variationIndex as number;
      counts[served] = (counts[served] as number) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(300);
  });

  it('cannot be made with an invalid reference', () => {
    const rollout = { contextKind: 'user', bucketBy: '/a//b', variations: weights(1) };
    expect(prepareSplit(rollout, PREFIX, () => MALFORMED)).toBe(MALFORMED);
    expect(prepareSplit({ ...rollout, kind: 'experiment' }, PREFIX, () => MALFORMED)).toBeInstanceOf(Split);
  });
});

describe('attributePath', () => {
  it.each([
    ['/a/b', 'user', ['a', 'b']],
    ['/a/b', '', ['/a/b']],
    ['/a//b', 'user', undefined],
    ['/a//b', '', ['/a//b']],
    ['', '', undefined],
    ['', 'user', undefined],
  ])('of %j with kind %j is %j', (attribute, kind, path) => {
    expect(attributePath(attribute, kind)).toEqual(path);
  });
});

describe('toWeight', () => {
  it('takes what is no number for 0', () => {
    expect([5, -1, '5', null, undefined, {}].map(toWeight)).toEqual([5, -1, 0, 0, 0, 0]);
  });
});
