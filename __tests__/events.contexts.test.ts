import { Analytics, alice, type Event, evaluate, kinds } from './support/analytics.js';

const keysOfIndex = (events: Event[]) =>
  events.filter(({ kind }) => kind === 'index').map(({ context }) => (context as { key: string }).key);

beforeEach(() => jest.useFakeTimers({ now: 1_760_000_000_000 }));
afterEach(() => jest.useRealTimers());

describe('contexts seen', () => {
  it('are told apart by their canonical key, whatever their attributes', async () => {
    const analytics = new Analytics();
    evaluate(analytics, {}, { key: 'x' });
    evaluate(analytics, {}, { key: 'x', other: 1 });
    evaluate(analytics, {}, { kind: 'user', key: 'x' });
    evaluate(analytics, {}, { kind: 'org', key: 'x' });
    evaluate(analytics, {}, { kind: 'multi', org: { key: 'x' }, user: { key: 'x' } });
    evaluate(analytics, {}, { kind: 'multi', user: { key: 'x' }, org: { key: 'x' } });
    expect((await analytics.flushed()).filter(({ kind }) => kind === 'index')).toHaveLength(3);
  });

  it('are shared by evaluations, track and identify', async () => {
    const analytics = new Analytics();
    analytics.events.track('t', alice);
    evaluate(analytics);
    analytics.events.identify({ key: 'bob' });
    evaluate(analytics, {}, { key: 'bob' });
    analytics.events.track('t', { key: 'bob' });
    expect(kinds(await analytics.flushed())).toEqual(['index', 'custom', 'identify', 'custom', 'summary']);
  });

  it('are forgotten, the least recently seen first, when there are too many', async () => {
    const analytics = new Analytics({ contextKeysCapacity: 3 });
    const see = (keys: string) => {
      for (const key of keys) evaluate(analytics, {}, { key });
    };
    see('abc');
    see('cabca');
    expect(keysOfIndex(await analytics.flushed())).toEqual(['a', 'b', 'c']);
    // The least recently seen is b now.
    see('d');
    see('ca');
    expect(keysOfIndex(await analytics.flushed())).toEqual(['d']);
    see('b');
    expect(keysOfIndex(await analytics.flushed())).toEqual(['b']);
  });

  it('are all forgotten after the interval', async () => {
    const analytics = new Analytics({ contextKeysFlushIntervalMs: 20_000, flushIntervalMs: 1_000_000 });
    analytics.events.start();
    evaluate(analytics);
    await jest.advanceTimersByTimeAsync(19_999);
    evaluate(analytics);
    await jest.advanceTimersByTimeAsync(1);
    evaluate(analytics);
    expect(keysOfIndex(await analytics.flushed())).toEqual(['alice', 'alice']);
    await analytics.events.close(0);
  });

  it('may have an empty key, as a plain user', async () => {
    const analytics = new Analytics();
    evaluate(analytics, {}, { key: '' });
    evaluate(analytics, {}, { key: '' });
    expect(keysOfIndex(await analytics.flushed())).toEqual(['']);
  });
});

describe('omitAnonymousContexts', () => {
  const anonymous = { key: 'anon', anonymous: true };
  const mixed = { kind: 'multi', user: { key: 'u', anonymous: true }, org: { key: 'acme', plan: 'gold' } };

  it('gives no index and identify events for an anonymous context, and others as ever', async () => {
    const analytics = new Analytics({ omitAnonymousContexts: true });
    evaluate(analytics, { trackEvents: true }, anonymous);
    analytics.events.identify(anonymous);
    analytics.events.track('t', anonymous);
    expect(kinds(await analytics.flushed())).toEqual(['feature', 'custom', 'summary']);
  });

  it('shows what remains of a multi-kind context, seen by the key of what remains', async () => {
    const analytics = new Analytics({ omitAnonymousContexts: true });
    evaluate(analytics, {}, mixed);
    evaluate(analytics, {}, { kind: 'org', key: 'acme' });
    analytics.events.identify(mixed as never);
    const events = await analytics.flushed();
    expect(kinds(events)).toEqual(['index', 'identify', 'summary']);
    expect(events[0]?.context).toEqual({ kind: 'org', key: 'acme', plan: 'gold' });
    expect(events[1]?.context).toEqual({ kind: 'org', key: 'acme', plan: 'gold' });
  });

  it('is off by default', async () => {
    const analytics = new Analytics();
    evaluate(analytics, {}, anonymous);
    analytics.events.identify(anonymous);
    expect(kinds(await analytics.flushed())).toEqual(['index', 'identify', 'summary']);
  });
});
