import { LastUse } from '../src/last-use.js';

function setUp() {
  const written: Record<string, number>[] = [];
  const errors: unknown[] = [];
  const state = { broken: false };
  const lastUse = new LastUse({
    write: async (uses) => {
      if (state.broken) throw new Error('database is away');
      written.push(Object.fromEntries(uses));
    },
    onError: (error) => errors.push(error),
  });
  return { lastUse, written, errors, state };
}

describe('last use', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('is written once a minute, the newest of each id', async () => {
    const { lastUse, written } = setUp();
    lastUse.note('a', 1);
    lastUse.note('b', 2);
    lastUse.note('a', 3);
    await jest.advanceTimersByTimeAsync(60_000);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(written).toEqual([{ a: 3, b: 2 }]);
  });

  it('is written on close, and no timer stays', async () => {
    const { lastUse, written } = setUp();
    lastUse.note('a', 1);
    await lastUse.close();
    expect(written).toEqual([{ a: 1 }]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('that could not be written is written later, unless there is a newer one', async () => {
    const { lastUse, written, errors, state } = setUp();
    state.broken = true;
    lastUse.note('a', 1);
    lastUse.note('b', 1);
    const flushing = lastUse.flush();
    lastUse.note('b', 2);
    await flushing;
    state.broken = false;
    await jest.advanceTimersByTimeAsync(60_000);
    expect(errors).toHaveLength(1);
    expect(written).toEqual([{ a: 1, b: 2 }]);
  });

  it('leaves no timer when closing fails to write', async () => {
    const { lastUse, errors, state } = setUp();
    state.broken = true;
    lastUse.note('a', 1);
    await lastUse.close();
    expect(errors).toHaveLength(1);
    expect(jest.getTimerCount()).toBe(0);
  });
});
