import { Analytics, type Event, evaluate, KEY } from './support/analytics.js';

beforeEach(() => jest.useFakeTimers({ now: 1_760_000_000_000 }));
afterEach(() => jest.useRealTimers());

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
