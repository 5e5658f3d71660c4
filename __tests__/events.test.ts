import type { Setting } from '../lib/protocol.js';
import { Analytics, alice, detail, evaluate, kinds, setting } from './support/analytics.js';

const index = (key: string) => expect.objectContaining({ kind: 'index', context: expect.objectContaining({ key }) });

beforeEach(() => jest.useFakeTimers({ now: 1_760_000_000_000 }));
afterEach(() => jest.useRealTimers());

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
