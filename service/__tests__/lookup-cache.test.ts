import { FRESH_MS, LookupCache, STALE_MS } from '../src/lookup-cache.js';

interface Key {
  readonly id: string;
  readonly expiresAt: number | null;
}

function setUp(capacity = 10) {
  const rows = new Map<string, Key>([['hash-a', { id: 'a', expiresAt: null }]]);
  const state = { now: 0, loads: 0, broken: false };
  const cache = new LookupCache<Key>({
    load: async (hash) => {
      state.loads += 1;
      const found = rows.get(hash);
      await Promise.resolve();
      if (state.broken) throw new Error('database is away');
      return found;
    },
    now: () => state.now,
    capacity,
  });
  return { cache, rows, state };
}

describe('lookup cache', () => {
  it('asks once for what it has seen', async () => {
    const { cache, state } = setUp();
    expect((await cache.find('hash-a'))?.id).toBe('a');
    expect((await cache.find('hash-a'))?.id).toBe('a');
    expect(state.loads).toBe(1);
  });

  it('asks once for requests that come together', async () => {
    const { cache, state } = setUp();
    await Promise.all([cache.find('hash-a'), cache.find('hash-a'), cache.find('hash-a')]);
    expect(state.loads).toBe(1);
  });

  it('does not remember what does not exist', async () => {
    const { cache, rows } = setUp();
    expect(await cache.find('hash-b')).toBeUndefined();
    rows.set('hash-b', { id: 'b', expiresAt: null });
    expect((await cache.find('hash-b'))?.id).toBe('b');
  });

  it('asks again after a while, and sees what another node removed', async () => {
    const { cache, rows, state } = setUp();
    await cache.find('hash-a');
    rows.delete('hash-a');
    state.now = FRESH_MS - 1;
    expect((await cache.find('hash-a'))?.id).toBe('a');
    state.now = FRESH_MS;
    expect(await cache.find('hash-a')).toBeUndefined();
  });

  it('does not return what has expired, without asking', async () => {
    const { cache, rows, state } = setUp();
    rows.set('hash-a', { id: 'a', expiresAt: 500 });
    state.now = 499;
    expect((await cache.find('hash-a'))?.id).toBe('a');
    state.now = 500;
    expect(await cache.find('hash-a')).toBeUndefined();
    expect(state.loads).toBe(1);
  });

  it('forgets at once what was changed', async () => {
    const { cache, rows } = setUp();
    await cache.find('hash-a');
    rows.delete('hash-a');
    cache.forget('a');
    expect(await cache.find('hash-a')).toBeUndefined();
  });

  it('does not keep what was read before a change and arrived after it', async () => {
    const { cache, rows } = setUp();
    const early = cache.find('hash-a');
    rows.delete('hash-a');
    cache.forget('a');
    await early;
    expect(await cache.find('hash-a')).toBeUndefined();
  });

  it('goes on with what it knows while the database is away, for a time', async () => {
    const { cache, state } = setUp();
    await cache.find('hash-a');
    state.broken = true;
    state.now = STALE_MS - 1;
    expect((await cache.find('hash-a'))?.id).toBe('a');
    state.now = STALE_MS;
    await expect(cache.find('hash-a')).rejects.toMatchObject({ status: 503 });
  });

  it('throws for what it has not seen while the database is away', async () => {
    const { cache, state } = setUp();
    state.broken = true;
    await expect(cache.find('hash-b')).rejects.toMatchObject({ status: 503 });
    state.broken = false;
    expect(await cache.find('hash-b')).toBeUndefined();
  });

  it('keeps no more than its capacity', async () => {
    const { cache, rows, state } = setUp(1);
    rows.set('hash-b', { id: 'b', expiresAt: null });
    await cache.find('hash-a');
    await cache.find('hash-b');
    await cache.find('hash-a');
    expect(state.loads).toBe(3);
  });

  it('knows what it was told beforehand, also while the database is away', async () => {
    const { cache, rows, state } = setUp();
    await cache.preload(async () => rows);
    state.broken = true;
    state.now = FRESH_MS;
    expect((await cache.find('hash-a'))?.id).toBe('a');
  });

  it('does not take in beforehand what was changed while that was read', async () => {
    const { cache, rows } = setUp();
    await cache.preload(async () => {
      cache.forget('a');
      return new Map(rows);
    });
    rows.clear();
    expect(await cache.find('hash-a')).toBeUndefined();
  });

  it('asks anew about everything after something may have been missed, and goes on with it if there is no answer', async () => {
    const { cache, rows, state } = setUp();
    await cache.find('hash-a');
    cache.recheck();
    state.broken = true;
    expect((await cache.find('hash-a'))?.id).toBe('a');
    state.broken = false;
    rows.clear();
    expect(await cache.find('hash-a')).toBeUndefined();
  });

  it('trusts what it knows for as long as it is told to while the database is away', async () => {
    const cache = new LookupCache<Key>({
      load: async () => {
        throw new Error('database is away');
      },
      now: () => now,
      capacity: 1,
      staleMs: Number.POSITIVE_INFINITY,
    });
    let now = 0;
    await cache.preload(async () => new Map([['hash-a', { id: 'a', expiresAt: 2 * STALE_MS }]]));
    now = 2 * STALE_MS - 1;
    expect((await cache.find('hash-a'))?.id).toBe('a');
    now = 2 * STALE_MS;
    expect(await cache.find('hash-a')).toBeUndefined();
  });
});
