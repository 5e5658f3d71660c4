import { KeyExpiry } from '../src/key-expiry.js';

function setUp() {
  const keys = [
    { id: 'a', expiresAt: 5000 },
    { id: 'b', expiresAt: 15_000 },
  ];
  const state = { broken: false, errors: 0 };
  const expiry = new KeyExpiry({
    list: async (since) => {
      if (state.broken) throw new Error('database is away');
      return keys.filter(({ expiresAt }) => expiresAt > since);
    },
    now: Date.now,
    onError: () => {
      state.errors += 1;
    },
  });
  const told: string[] = [];
  expiry.onExpired((id) => told.push(id));
  return { expiry, keys, state, told };
}

describe('key expiry', () => {
  beforeEach(() => void jest.useFakeTimers({ now: 0 }));
  afterEach(() => void jest.useRealTimers());

  it('is told at its time, not before', async () => {
    const { expiry, told } = setUp();
    await expiry.check();
    await jest.advanceTimersByTimeAsync(4999);
    expect(told).toEqual([]);
    await jest.advanceTimersByTimeAsync(1);
    expect(told).toEqual(['a']);
    expiry.close();
  });

  it('that was set on another node is noticed within ten seconds', async () => {
    const { expiry, keys, told } = setUp();
    keys.length = 0;
    await expiry.check();
    keys.push({ id: 'c', expiresAt: 1 });
    await jest.advanceTimersByTimeAsync(10_000);
    expect(told).toContain('c');
    expiry.close();
  });

  it('is told again for a minute, and then no more', async () => {
    const { expiry, keys, told } = setUp();
    keys.length = 1;
    await expiry.check();
    await jest.advanceTimersByTimeAsync(65_000);
    const times = told.length;
    expect(times).toBeGreaterThan(1);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(told).toHaveLength(times);
    expiry.close();
  });

  it('comes also while the database is away', async () => {
    const { expiry, state, told } = setUp();
    await expiry.check();
    state.broken = true;
    await jest.advanceTimersByTimeAsync(5000);
    expect([told, state.errors]).toEqual([['a'], 1]);
    expiry.close();
  });

  it('leaves no timer when closed, also while reading', async () => {
    const { expiry } = setUp();
    const reading = expiry.check();
    expiry.close();
    await reading;
    expect(jest.getTimerCount()).toBe(0);
  });

  it('is not told to who has unsubscribed', async () => {
    const { expiry } = setUp();
    const told: string[] = [];
    const unsubscribe = expiry.onExpired((id) => told.push(id));
    unsubscribe();
    await jest.advanceTimersByTimeAsync(5000);
    await expiry.check();
    expect(told).toEqual([]);
    expiry.close();
  });
});
