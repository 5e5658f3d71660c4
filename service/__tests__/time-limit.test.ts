import { withinTime } from '../src/time-limit.js';

/** Takes twice as long with each further letter. */
const hopeless = () => /^(a+)+$/.test(`${'a'.repeat(60)}!`);

describe('withinTime', () => {
  it('returns what the work returns', () => {
    expect(withinTime(() => 'done')).toBe('done');
  });

  it('stops work that takes too long, also where it catches everything, and says why', () => {
    const run = () => {
      try {
        return hopeless();
      } catch {
        return 'caught';
      }
    };
    expect(() => withinTime(run, 20)).toThrow(expect.objectContaining({ code: 'too_slow', status: 422 }));
  });

  it('hands on what the work throws, as it is', () => {
    const fault = new TypeError('fault');
    const run = () => {
      throw fault;
    };
    expect(() => withinTime(run)).toThrow(fault);
  });

  it('can be used within itself', () => {
    expect(withinTime(() => `${withinTime(() => 'inner')} and outer`)).toBe('inner and outer');
  });
});
