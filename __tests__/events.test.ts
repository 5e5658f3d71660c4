import type { Setting } from '../lib/protocol.js';
import { Analytics, detail, type Event, KEY, setting } from './support/analytics.js';

const alice = { key: 'alice', plan: 'gold' };
const index = (key: string) => expect.objectContaining({ kind: 'index', context: expect.objectContaining({ key }) });
const kinds = (events: Event[]) => events.map(({ kind }) => kind);
const keysOfIndex = (events: Event[]) =>
  events.filter(({ kind }) => kind === 'index').map(({ context }) => (context as { key: string }).key);

beforeEach(() => jest.useFakeTimers({ now: 1_760_000_000_000 }));
afterEach(() => jest.useRealTimers());

/** Records one evaluation. */
function evaluate(
  analytics: Analytics,
  fields: Partial<Setting> = {},
  context: object = alice,
  given = detail(),
): void {
  analytics.events.recordEvaluation(setting('a', fields), 'a', context as typeof alice, given, 'd', false);
}

describe('an evaluation', () => {
  it('gives an index event for a context not seen before, and a count', async () => {
    const analytics = new Analytics();
    const a = setting();
    for (let i = 0; i < 3; i++) analytics.events.recordEvaluation(a, 'a', alice, detail(1), 'd', false);
    expect(await analytics.flushed()).toEqual([
      { kind: 'index', creationDate: 1_760_000_000_000, context: { kind: 'user', key: 'alice', plan: 'gold' } },
      {
        kind: 'summary',
        startDate: 1_760_000_000_000,
        endDate: 1_760_000_000_000,
        features: {
          a: {
            default: 'd',
            contextKinds: ['user'],
            counters: [{ variation: 1, version: 3, value: 'y', count: 3 }],
          },
        },
      },
    ]);
  });

  it('of an unknown setting gives an index event and an unknown count, never a full event', async () => {
    const analytics = new Analytics();
    analytics.events.recordEvaluation(undefined, 'none', alice, detail(null), 'd', true);
    expect(await analytics.flushed()).toEqual([
      index('alice'),
      expect.objectContaining({
        features: {
          none: { default: 'd', contextKinds: ['user'], counters: [{ unknown: true, value: 'd', count: 1 }] },
        },
      }),
    ]);
  });

  it('of a tracked setting gives a full event for each, after the index event', async () => {
    const analytics = new Analytics();
    evaluate(analytics, { trackEvents: true });
    evaluate(analytics, { trackEvents: true });
    const events = await analytics.flushed();
    expect(kinds(events)).toEqual(['index', 'feature', 'feature', 'summary']);
    expect(events[1]).not.toHaveProperty('reason');
  });

  it.each<[string, Partial<Setting>, Parameters<typeof detail>[1]]>([
    [
      'in an experiment',
      { fallthrough: { rollout: { kind: 'experiment' } } },
      { kind: 'FALLTHROUGH', inExperiment: true },
    ],
    ['by a tracked fallthrough', { trackEventsFallthrough: true }, { kind: 'FALLTHROUGH' }],
    ['by a tracked rule', { rules: [{}, { trackEvents: true }] }, { kind: 'RULE_MATCH', ruleIndex: 1 }],
  ])('%s gives a full event with the reason', async (_, fields, reason) => {
    const analytics = new Analytics();
    evaluate(analytics, fields, alice, detail(0, reason));
    expect((await analytics.flushed())[1]).toMatchObject({ kind: 'feature', reason });
  });

  it('of a setting that may be experimental, but not for this context, gives no full event', async () => {
    const analytics = new Analytics();
    evaluate(analytics, { trackEventsFallthrough: true }, alice, detail(0, { kind: 'OFF' }));
    evaluate(analytics, { rules: [{}, { trackEvents: true }] }, alice, detail(0, { kind: 'RULE_MATCH', ruleIndex: 0 }));
    expect(kinds(await analytics.flushed())).toEqual(['index', 'summary']);
  });

  it('by a detail method gives the reason in the full event', async () => {
    const analytics = new Analytics();
    analytics.events.recordEvaluation(setting('a', { trackEvents: true }), 'a', alice, detail(), 'd', true);
    expect((await analytics.flushed())[1]).toMatchObject({ reason: { kind: 'OFF' } });
  });

  it('of a prerequisite has the key of the setting that required it, and its own settings count', async () => {
    const analytics = new Analytics();
    const tracked = setting('p', { trackEvents: true });
    analytics.events.recordEvaluation(tracked, 'p', alice, detail(), null, false, 'a');
    analytics.events.recordEvaluation(setting('q'), 'q', alice, detail(), null, false, 'a');
    const events = await analytics.flushed();
    expect(kinds(events)).toEqual(['index', 'feature', 'summary']);
    expect(events[1]).toMatchObject({ key: 'p', prereqOf: 'a', default: null });
    expect(events[2]).toMatchObject({ features: { p: { default: null }, q: { default: null } } });
  });

  it('of a setting excluded from summaries still gives an index event and its full event', async () => {
    const analytics = new Analytics();
    evaluate(analytics, { excludeFromSummaries: true, trackEvents: true });
    expect(kinds(await analytics.flushed())).toEqual(['index', 'feature']);
  });

  it('of a setting that is sampled out still counts and gives an index event', async () => {
    const analytics = new Analytics();
    evaluate(analytics, { trackEvents: true, samplingRatio: 0 });
    expect(kinds(await analytics.flushed())).toEqual(['index', 'summary']);
  });

  it('is sampled by chance, once for the feature event and once for the debug event', async () => {
    const analytics = new Analytics();
    const draws = [0.5, 0.1];
    analytics.random = () => draws.shift() as number;
    evaluate(analytics, { trackEvents: true, samplingRatio: 4, debugEventsUntilDate: Date.now() + 1000 });
    const events = await analytics.flushed();
    expect(kinds(events)).toEqual(['index', 'debug', 'summary']);
    expect(events[1]?.samplingRatio).toBe(4);
  });

  it('never throws, whatever the application passes', async () => {
    const analytics = new Analytics();
    const hostile = {
      key: 'h',
      get plan() {
        throw new Error('getter');
      },
    };
    evaluate(analytics, { trackEvents: true }, hostile);
    evaluate(analytics, {}, new Proxy({}, { get: () => { throw new Error('proxy'); } })); // biome-ignore format: one line
    analytics.events.track('t', hostile as never);
    analytics.events.identify(hostile as never);
    expect(kinds(await analytics.flushed())).toEqual(['summary']);
  });

  it('keeps what the context was when it was recorded', async () => {
    const analytics = new Analytics();
    const user = { key: 'alice', address: { city: 'X' } };
    evaluate(analytics, {}, user);
    user.address.city = 'Y';
    expect((await analytics.flushed())[0]).toMatchObject({ context: { address: { city: 'X' } } });
  });
});

describe('a debug event', () => {
  const UNTIL = 1_760_000_060_000;
  const debugged = { debugEventsUntilDate: UNTIL };

  async function kindsNow(analytics: Analytics): Promise<string[]> {
    evaluate(analytics, debugged);
    return kinds(await analytics.flushed()).filter((kind) => kind === 'debug' || kind === 'feature');
  }

  it('is sent until the date, besides a feature event where one is due', async () => {
    const analytics = new Analytics();
    expect(await kindsNow(analytics)).toEqual(['debug']);
    evaluate(analytics, { ...debugged, trackEvents: true });
    expect(kinds(await analytics.flushed())).toEqual(['feature', 'debug', 'summary']);
    jest.setSystemTime(UNTIL);
    expect(await kindsNow(analytics)).toEqual([]);
  });

  it('is not sent when the service is past the date although this machine is not', async () => {
    const analytics = new Analytics();
    const date = (ms: number) => ({ Date: new Date(ms).toUTCString() });
    analytics.service.answer = (request) => request.answer(202, date(UNTIL - 1000));
    expect(await kindsNow(analytics)).toEqual(['debug']);
    expect(await kindsNow(analytics)).toEqual(['debug']);
    analytics.service.answer = (request) => request.answer(202, date(UNTIL));
    evaluate(analytics);
    await analytics.events.flush();
    expect(await kindsNow(analytics)).toEqual([]);
  });

  it('knows the time of the service as soon as the headers of an answer are there', async () => {
    const analytics = new Analytics();
    analytics.service.answer = () => {};
    evaluate(analytics);
    const flushing = analytics.events.flush();
    analytics.service.request(0).answer(202, { Date: new Date(UNTIL + 1000).toUTCString() });
    await jest.advanceTimersByTimeAsync(0);
    evaluate(analytics, debugged);
    analytics.service.answer = (request) => request.answer(202);
    expect(kinds(await analytics.flushed())).toEqual(['summary']);
    await flushing;
  });
});

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

describe('track', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY, '5', {}, true])(
    'leaves out the metric value %p and warns',
    async (metric) => {
      const analytics = new Analytics();
      analytics.events.track('bought', alice, { items: 3 }, metric);
      const [, custom] = await analytics.flushed();
      expect(custom).toEqual(expect.objectContaining({ kind: 'custom', data: { items: 3 } }));
      expect(custom).not.toHaveProperty('metricValue');
      expect(analytics.log.warnings).toEqual([expect.stringContaining('bought')]);
    },
  );

  it.each([undefined, null, 0, -1.5])('takes the metric value %p without a warning', async (metric) => {
    const analytics = new Analytics();
    analytics.events.track('bought', alice, undefined, metric);
    expect((await analytics.flushed())[1]?.metricValue).toBe(metric ?? undefined);
    expect(analytics.log.warnings).toEqual([]);
  });
});

describe('identify', () => {
  it('gives an identify event every time', async () => {
    const analytics = new Analytics();
    analytics.events.identify(alice);
    analytics.events.identify(alice);
    expect(kinds(await analytics.flushed())).toEqual(['identify', 'identify']);
  });
});

describe('a migration operation', () => {
  const operation = { operation: 'read', context: alice, evaluation: { key: 'm' }, measurements: [] };

  it('gives one event and no index event', async () => {
    const analytics = new Analytics();
    analytics.events.migration(operation);
    expect(kinds(await analytics.flushed())).toEqual(['migration_op']);
  });

  it('is sampled', async () => {
    const analytics = new Analytics();
    analytics.random = () => 0.5;
    analytics.events.migration({ ...operation, samplingRatio: 2 });
    analytics.events.migration({ ...operation, samplingRatio: 0 });
    expect(await analytics.flushed()).toEqual([]);
    analytics.random = () => 0.49;
    analytics.events.migration({ ...operation, samplingRatio: 2 });
    expect(await analytics.flushed()).toHaveLength(1);
  });
});

describe('the buffer', () => {
  it('keeps the oldest events up to the capacity; the summary comes on top', async () => {
    const analytics = new Analytics({ capacity: 3 });
    for (let i = 0; i < 5; i++) analytics.events.identify({ key: `u${i}` });
    evaluate(analytics);
    expect(kinds(await analytics.flushed())).toEqual(['identify', 'identify', 'identify', 'summary']);
    expect(analytics.log.warnings).toHaveLength(1);
    expect(analytics.events.counts()).toMatchObject({ accepted: 7, delivered: 4, queued: 0, dropped: { full: 3 } });
  });
});

describe('flush', () => {
  it('makes no request when there is nothing to send', async () => {
    const analytics = new Analytics();
    await analytics.events.flush();
    expect(analytics.service.requests).toHaveLength(0);
  });

  it('happens by itself after each interval', async () => {
    const analytics = new Analytics({ flushIntervalMs: 2000 });
    analytics.events.start();
    evaluate(analytics);
    await jest.advanceTimersByTimeAsync(1999);
    expect(analytics.payloads).toHaveLength(0);
    await jest.advanceTimersByTimeAsync(1);
    expect(analytics.payloads).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(analytics.payloads).toHaveLength(1);
    await analytics.events.close(0);
  });

  it('resolves when delivery has ended, by a second attempt', async () => {
    const analytics = new Analytics();
    const statuses = [503, 202];
    analytics.service.answer = (request) => request.answer(statuses.shift() as number);
    evaluate(analytics);
    const flushing = analytics.events.flush();
    await jest.advanceTimersByTimeAsync(1000);
    await flushing;
    expect(analytics.events.counts()).toMatchObject({ delivered: 2, queued: 0 });
  });

  it('may overlap another, each with its own payload', async () => {
    const analytics = new Analytics();
    analytics.service.answer = () => {};
    evaluate(analytics);
    const first = analytics.events.flush();
    analytics.events.identify(alice);
    const second = analytics.events.flush();
    analytics.service.request(1).answer(202);
    await second;
    analytics.service.request(0).answer(202);
    await first;
    expect(analytics.payloads.map(kinds)).toEqual([['index', 'summary'], ['identify']]);
  });

  it('leaves everything buffered while the key is refused, and sends it when it is replaced', async () => {
    const analytics = new Analytics();
    analytics.service.answer = (request) => request.answer(401);
    evaluate(analytics);
    await analytics.events.flush();
    analytics.events.identify(alice);
    await analytics.events.flush();
    expect(analytics.service.requests).toHaveLength(1);
    analytics.service.answer = (request) => request.answer(202);
    analytics.events.rotate('sdk-key-000002');
    await jest.advanceTimersByTimeAsync(0);
    await analytics.events.flush();
    expect(analytics.events.counts()).toMatchObject({ accepted: 3, delivered: 3, queued: 0 });
  });

  it('is rarer on the timer while batches wait to be tried again, and loses no count', async () => {
    const analytics = new Analytics({ flushIntervalMs: 5000 });
    analytics.service.answer = (request) => request.answer(503);
    analytics.events.start();
    for (let i = 0; i < 600; i++) {
      evaluate(analytics);
      await jest.advanceTimersByTimeAsync(1000);
    }
    const ids = new Set(analytics.service.requests.map(({ init }) => init.headers?.['X-LaunchDarkly-Payload-ID']));
    expect(ids.size).toBeLessThanOrEqual(11);
    analytics.service.answer = (request) => request.answer(202);
    await jest.advanceTimersByTimeAsync(120_000);
    // Two index events: the contexts seen were forgotten on the way.
    expect(analytics.events.counts()).toMatchObject({ delivered: 602, queued: 0, dropped: { full: 0, expired: 0 } });
    await analytics.events.close(0);
  });
});

describe('diagnostics', () => {
  const options = { diagnosticOptOut: false, diagnosticRecordingIntervalMs: 60_000 };
  const bodies = (analytics: Analytics) => analytics.requests('/diagnostic').map(({ body }) => body as Event);

  it('are sent at the start and after each interval, with what has happened since', async () => {
    const analytics = new Analytics({ ...options, capacity: 2, flushIntervalMs: 1_000_000 });
    analytics.events.start();
    expect(bodies(analytics)).toMatchObject([{ kind: 'diagnostic-init', id: { sdkKeySuffix: KEY.slice(-6) } }]);
    const init = { timestamp: 5, failed: false, durationMillis: 9 };
    analytics.events.recordStreamInit(init);
    for (let i = 0; i < 4; i++) evaluate(analytics, { trackEvents: true });
    await analytics.flushed();
    await jest.advanceTimersByTimeAsync(60_000);
    expect(bodies(analytics)[1]).toMatchObject({
      kind: 'diagnostic',
      droppedEvents: 3,
      deduplicatedUsers: 3,
      eventsInLastBatch: 3,
      streamInits: [init],
    });
    await jest.advanceTimersByTimeAsync(60_000);
    expect(bodies(analytics)[2]).toMatchObject({ droppedEvents: 0, deduplicatedUsers: 0, streamInits: [] });
    await analytics.events.close(0);
  });

  it('lose nothing while the key is refused', async () => {
    const analytics = new Analytics({ ...options, flushIntervalMs: 10_000_000 });
    analytics.events.start();
    analytics.service.answer = (request) => request.answer(401);
    evaluate(analytics);
    await analytics.events.flush();
    evaluate(analytics);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(bodies(analytics)).toHaveLength(1);
    analytics.service.answer = (request) => request.answer(202);
    analytics.events.rotate('sdk-key-000002');
    await jest.advanceTimersByTimeAsync(60_000);
    expect(bodies(analytics)[1]).toMatchObject({ deduplicatedUsers: 1, id: { sdkKeySuffix: '000002' } });
    await analytics.events.close(0);
  });

  it('are not sent when opted out', async () => {
    const analytics = new Analytics({ ...options, diagnosticOptOut: true });
    analytics.events.start();
    await jest.advanceTimersByTimeAsync(200_000);
    expect(analytics.service.requests).toHaveLength(0);
    await analytics.events.close(0);
  });
});

describe.each([{ sendEvents: false }, { offline: true }])('with %j', (options) => {
  it('nothing is sent or counted, and no timer runs', async () => {
    const analytics = new Analytics({ ...options, diagnosticOptOut: false });
    analytics.events.start();
    expect(jest.getTimerCount()).toBe(0);
    evaluate(analytics);
    analytics.events.track('t', alice);
    analytics.events.identify(alice);
    analytics.events.migration({ operation: 'read', context: alice, evaluation: {}, measurements: [] });
    await analytics.events.flush();
    const nothing = { accepted: 0, delivered: 0, queued: 0, dropped: { full: 0, refused: 0, expired: 0 } };
    expect(await analytics.events.close(1000)).toEqual(nothing);
    expect(analytics.service.requests).toHaveLength(0);
  });
});
