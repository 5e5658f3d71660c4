import fc from 'fast-check';
import type { AnalyticsCounts } from '../lib/events.js';
import { Analytics, detail, setting } from './support/analytics.js';

beforeEach(() => jest.useFakeTimers({ now: 1_760_000_000_000 }));
afterEach(() => jest.useRealTimers());

function expectIdentity({ accepted, delivered, queued, dropped }: AnalyticsCounts): void {
  expect(delivered + queued + dropped.full + dropped.refused + dropped.expired).toBe(accepted);
  for (const count of [accepted, delivered, queued, ...Object.values(dropped)]) expect(count).toBeGreaterThanOrEqual(0);
}

const settings = [
  setting('plain'),
  setting('tracked', { trackEvents: true }),
  setting('debugged', { debugEventsUntilDate: 1_770_000_000_000 }),
  setting('excluded', { excludeFromSummaries: true, trackEvents: true }),
  setting('sampled', { trackEvents: true, samplingRatio: 2 }),
];

const user = fc.nat(8).map((n) => ({ key: `u${n}` }));
const status = fc.constantFrom(202, 202, 202, 400, 401, 413, 503, 0);

type Step =
  | { do: 'evaluate'; setting: number; user: { key: string } }
  | { do: 'track' | 'identify'; user: { key: string } }
  | { do: 'flush' | 'rotate' }
  | { do: 'answer'; which: number; status: number }
  | { do: 'wait'; ms: number };

/** What an application, the service and time can do, in any order. */
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('evaluate' as const), setting: fc.nat(5), user }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('track' as const, 'identify' as const), user }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('flush' as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('answer' as const), which: fc.nat(3), status }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(10, 1000, 400_000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constant(90_000_000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rotate' as const) }) },
);

/** Answers one of the requests that wait, by a status or, for 0, by breaking the connection. */
function answer(analytics: Analytics, answered: Set<unknown>, which: number, code: number): void {
  const waiting = analytics.service.requests.filter((request) => !answered.has(request) && !request.isAborted);
  const request = waiting[which % Math.max(1, waiting.length)];
  if (request === undefined) return;
  answered.add(request);
  if (code === 0) request.fail(new Error('reset'));
  else request.answer(code);
}

async function take(analytics: Analytics, answered: Set<unknown>, step: Step): Promise<void> {
  const { events } = analytics;
  switch (step.do) {
    case 'evaluate': {
      const asked = settings[step.setting];
      events.recordEvaluation(asked, asked?.key ?? 'unknown', step.user, detail(), 'd', false);
      break;
    }
    case 'track':
      events.track('t', step.user);
      break;
    case 'identify':
      events.identify(step.user);
      break;
    case 'flush':
      void events.flush();
      break;
    case 'rotate':
      events.rotate(`key-${answered.size}`);
      break;
    case 'answer':
      answer(analytics, answered, step.which, step.status);
      break;
    case 'wait':
      await jest.advanceTimersByTimeAsync(step.ms);
  }
  expectIdentity(events.counts());
  await jest.advanceTimersByTimeAsync(0);
}

describe('accepted = delivered + queued + dropped', () => {
  it('holds at all times, whatever the application, the service and the clock do', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        fc.constantFrom(0, 3000),
        status,
        async (steps, timeoutMs, last) => {
          const analytics = new Analytics({ capacity: 5, contextKeysCapacity: 3, flushIntervalMs: 60_000 });
          const { events } = analytics;
          const answered = new Set<unknown>();
          analytics.service.answer = () => {};
          events.start();
          for (const taken of steps) {
            await take(analytics, answered, taken);
            expectIdentity(events.counts());
          }
          analytics.service.answer = (request) =>
            last === 0 ? request.fail(new Error('reset')) : request.answer(last);
          const closing = events.close(timeoutMs);
          expectIdentity(events.counts());
          await jest.advanceTimersByTimeAsync(timeoutMs);
          const counts = await closing;
          expectIdentity(counts);
          expect(counts.queued).toBe(0);
          expect(jest.getTimerCount()).toBe(0);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('holds when every buffer is at its bound: a million evaluations of 100 settings by 100,000 users', async () => {
    const analytics = new Analytics();
    const { events } = analytics;
    const asked = Array.from({ length: 100 }, (_, i) => setting(`s${i}`));
    const users = Array.from({ length: 100_000 }, (_, i) => ({ key: `user-${i}@example.test`, plan: 'gold' }));
    for (let i = 0; i < 1_000_000; i++) {
      const one = asked[i % 100] as (typeof asked)[number];
      events.recordEvaluation(one, one.key, users[(i * 7919) % 100_000] as (typeof users)[number], detail(), 1, false);
    }
    const counts = events.counts();
    expectIdentity(counts);
    expect(counts.accepted).toBe(2_000_000);
    expect(counts.queued).toBe(1_000_000 + 10_000);
    const sent = await analytics.flushed();
    expect(sent).toHaveLength(10_001);
    expect(events.counts()).toMatchObject({ delivered: 1_010_000, queued: 0, dropped: { full: 990_000 } });
  });
});
