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

  it('waits for the promise or for the time, and leaves no timer', async () => {
    jest.useFakeTimers();
    await within(1000, Promise.resolve());
    const late = within(1000, new Promise(() => {}));
    jest.advanceTimersByTime(1000);
    await late;
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });
});
