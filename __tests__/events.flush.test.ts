import { Analytics, alice, evaluate, kinds } from './support/analytics.js';

beforeEach(() => jest.useFakeTimers({ now: 1_760_000_000_000 }));
afterEach(() => jest.useRealTimers());

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
