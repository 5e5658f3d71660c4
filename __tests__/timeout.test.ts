import { timeoutOf, within } from '../lib/timeout.js';

describe('timeout', () => {
  it.each([
    [{ timeoutMs: 5 }, 5],
    [{ timeoutMs: 0 }, 0],
    [{ timeoutMs: Number.POSITIVE_INFINITY }, 2 ** 31 - 1],
    [{ timeoutMs: -1 }, undefined],
    [{ timeoutMs: Number.NaN }, undefined],
    [{ timeoutMs: '5' }, undefined],
    [{}, undefined],
    [undefined, undefined],
    [null, undefined],
  ])('%p means %p', (options, expected) => {
    expect(timeoutOf(options as { timeoutMs?: number })).toBe(expected);
  });
});

describe('within', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('ends with the promise and leaves no timer', async () => {
    await within(1000, Promise.resolve());
    expect(jest.getTimerCount()).toBe(0);
  });

  it.each([
    [1000, 1000],
    [0, 0],
    [-5, 0],
  ])('ends, with a time of %i, after %i ms', async (timeoutMs, expectedMs) => {
    let ended = false;
    void within(timeoutMs, new Promise(() => {})).then(() => {
      ended = true;
    });
    if (expectedMs > 0) await jest.advanceTimersByTimeAsync(expectedMs - 1);
    expect(ended).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect(ended).toBe(true);
  });

  it('does not end at once when the time is longer than any timer', async () => {
    let ended = false;
    void within(Number.POSITIVE_INFINITY, new Promise(() => {})).then(() => {
      ended = true;
    });
    await jest.advanceTimersByTimeAsync(3_600_000);
    expect(ended).toBe(false);
  });

  it('rejects as the promise does, and leaves no timer', async () => {
    await expect(within(1000, Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(jest.getTimerCount()).toBe(0);
  });
});
