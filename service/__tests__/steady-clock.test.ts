import { createSteadyClock } from '../src/steady-clock.js';

describe('steady clock', () => {
  it('goes on from where it was when the clock below is set back', () => {
    let time = 1000;
    const now = createSteadyClock(() => time);
    const seen = [1000, 1500, 200, 700, 100, 150].map((at) => {
      time = at;
      return now();
    });
    expect(seen).toEqual([1000, 1500, 1500, 2000, 2000, 2050]);
  });

  it('follows a clock that is set forward', () => {
    let time = 1000;
    const now = createSteadyClock(() => time);
    time = 9_000_000;
    expect(now()).toBe(9_000_000);
  });
});
