import { Readiness } from '../lib/readiness.js';

describe('readiness', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('resolves and rejects everyone who waits, and leaves no timer', async () => {
    const readiness = new Readiness();
    const first = [readiness.wait(1000, () => undefined), readiness.wait(undefined, () => undefined)];
    readiness.resolve();
    await Promise.all(first);
    const second = readiness.wait(1000, () => undefined);
    readiness.reject(new Error('no'));
    await expect(second).rejects.toThrow('no');
    expect(jest.getTimerCount()).toBe(0);
  });

  it('lets the end of the time reject or resolve', async () => {
    const readiness = new Readiness();
    const rejected = readiness.wait(1000, () => new Error('late'));
    const resolved = readiness.wait(1000, () => undefined);
    jest.advanceTimersByTime(1000);
    await expect(rejected).rejects.toThrow('late');
    await resolved;
  });

  it('has nothing to reject when nobody waits', () => {
    expect(() => new Readiness().reject(new Error('unheard'))).not.toThrow();
  });
});
