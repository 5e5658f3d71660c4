import { OPERATORS, prepareTest } from '../lib/operators.js';

// What each operator does is in cases/: operators, dates, versions, patterns, lists.
describe('operators', () => {
  it('lists every operator of the protocol', () => {
    expect([...OPERATORS].sort()).toEqual(
      [
        'in',
        'startsWith',
        'endsWith',
        'contains',
        'matches',
        'lessThan',
        'lessThanOrEqual',
        'greaterThan',
        'greaterThanOrEqual',
        'before',
        'after',
        'semVerEqual',
        'semVerLessThan',
        'semVerGreaterThan',
        'segmentMatch',
      ].sort(),
    );
  });

  it.each(['', 'unknown', 'toString', '__proto__', 'constructor'])('lets the operator %j match nothing', (operator) => {
    const test = prepareTest(operator, ['a', 1, true]);
    expect(['a', 1, true].some(test)).toBe(false);
  });

  it('does not mistake values that JSON cannot carry', () => {
    const unusual = [Number.NaN, undefined, () => 1, Symbol('a'), 1n, new Date(0), new String('a')];
    for (const operator of OPERATORS) {
      const test = prepareTest(operator, ['a', 1, 0, '1.0.0']);
      expect([operator, unusual.map(test)]).toEqual([operator, unusual.map(() => false)]);
    }
  });

  it('finds a value among 100,000 as among three', () => {
    const values = Array.from({ length: 100_000 }, (_, index) => `value-${index}`);
    const test = prepareTest('in', values);
    expect([test('value-0'), test('value-99999'), test('value-100000')]).toEqual([true, true, false]);
  });

  it('takes thousands of bounds', () => {
    const values = Array.from({ length: 200_000 }, (_, index) => index);
    expect(prepareTest('lessThan', values)(199_998)).toBe(true);
    expect(prepareTest('greaterThan', values)(0)).toBe(false);
  });
});
