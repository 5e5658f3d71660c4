import fc from 'fast-check';
import { evenSplit, percent, setWeight } from '../../dashboard/src/weights.js';

const sum = (split: { weight: number }[]) => split.reduce((total, { weight }) => total + weight, 0);

describe('weights', () => {
  it('sum to 100 % after any change', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1, maxLength: 10 }),
        fc.integer({ min: -5, max: 100_005 }),
        fc.nat(),
        (weights, wanted, at) => {
          const split = weights.map((weight, variation) => ({ variation, weight }));
          const changed = setWeight(split, at % split.length, wanted);
          expect(sum(changed)).toBe(100_000);
          expect(changed.every(({ weight }) => weight >= 0 && Number.isInteger(weight))).toBe(true);
        },
      ),
    );
  });

  it('keep the proportion of the others', () => {
    const split = [30_000, 30_000, 40_000].map((weight, variation) => ({ variation, weight }));
    expect(setWeight(split, 2, 70_000).map(({ weight }) => weight)).toEqual([15_000, 15_000, 70_000]);
  });

  it('start even', () => {
    expect(evenSplit([0, 1, 2]).map(({ weight }) => weight)).toEqual([33_334, 33_333, 33_333]);
  });

  it('read as percent', () => {
    expect([12_500, 33_334, 0].map(percent)).toEqual(['12.5 %', '33.334 %', '0 %']);
  });
});
