import { isSampled } from '../lib/sampling.js';

const never = () => {
  throw new Error('chance decides nothing here');
};

describe('isSampled', () => {
  it.each([undefined, null, 1, 1.9])('takes everything at a ratio of %p', (ratio) => {
    expect(isSampled(ratio, never)).toBe(true);
  });

  it.each([0, 0.9, -1, -1.5, Number.NaN])('takes nothing at a ratio of %p', (ratio) => {
    expect(isSampled(ratio, never)).toBe(false);
  });

  it('takes one of N: the lowest part of the range of chance', () => {
    expect(isSampled(4, () => 0)).toBe(true);
    expect(isSampled(4, () => 0.249)).toBe(true);
    expect(isSampled(4, () => 0.25)).toBe(false);
    expect(isSampled(4, () => 0.999)).toBe(false);
  });

  it('uses the integer part of the ratio', () => {
    expect(isSampled(2.9, () => 0.49)).toBe(true);
    expect(isSampled(2.9, () => 0.5)).toBe(false);
  });
});
