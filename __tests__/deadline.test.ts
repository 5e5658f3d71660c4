import { waitAtMost } from '../lib/deadline.js';

describe('waitAtMost', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('ends with the work and leaves no timer', async () => {
    await waitAtMost(1000, Promise.resolve());
    expect(jest.getTimerCount()).toBe(0);
  });

  it('ends when the time is over', async () => {
    let ended = false;
    void waitAtMost(1000, new Promise(() => {})).then(() => {
      ended = true;
    });
    await jest.advanceTimersByTimeAsync(999);
    expect(ended).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect(ended).toBe(true);
  });

  it.each([0, -5])('ends at once when the time is %p', async (ms) => {
    const waiting = waitAtMost(ms, new Promise(() => {}));
    await jest.advanceTimersByTimeAsync(0);
    await waiting;
  });

  it('waits for the work when the time is longer than any timer', async () => {
    let ended = false;
    void waitAtMost(Number.POSITIVE_INFINITY, new Promise(() => {})).then(() => {
      ended = true;
    });
    await jest.advanceTimersByTimeAsync(3_600_000);
    expect(ended).toBe(false);
    await jest.runAllTimersAsync();
  });

  it('rejects as the work does', async () => {
    await expect(waitAtMost(1000, Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  });
});
