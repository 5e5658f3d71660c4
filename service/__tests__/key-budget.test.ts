import { KeyBudget } from '../src/key-budget.js';

describe('KeyBudget', () => {
  it('lets a bounded number of keys through for each environment, and those again', () => {
    const budget = new KeyBudget(2);
    expect(['a', 'b', 'c', 'a', 'b'].map((key) => budget.admits('production', key))).toEqual([
      true,
      true,
      false,
      true,
      true,
    ]);
    expect(budget.admits('staging', 'c')).toBe(true);
  });
});
