import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClientOptions } from '../lib/options.js';
import { Analytics, detail, setting } from './support/analytics.js';

const alice = { key: 'alice' };

// Files are written for real, so only the timers are fake.
beforeEach(() =>
  jest.useFakeTimers({ now: 1_760_000_000_000, doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] }),
);
afterEach(() => jest.useRealTimers());

/** One index event and one counted evaluation. */
function withOneEvaluation(options: ClientOptions = {}): Analytics {
  const analytics = new Analytics(options);
  analytics.events.start();
  analytics.events.recordEvaluation(setting(), 'a', alice, detail(), 'd', false);
  return analytics;
}

/** Lets the time pass, then waits for the promise, in which real files may be written. */
async function lapse<Value>(ms: number, promise: Promise<Value>): Promise<Value> {
  await jest.advanceTimersByTimeAsync(ms);
  return promise;
}

/** One turn of the real event loop. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('close', () => {
  it('delivers what is buffered and resolves with the counts', async () => {
    const analytics = withOneEvaluation();
    const counts = { accepted: 2, delivered: 2, queued: 0, dropped: { full: 0, refused: 0, expired: 0 } };
    expect(await analytics.events.close(5000)).toEqual(counts);
    expect(analytics.payloads).toHaveLength(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('is the same promise when called again', async () => {
    const analytics = withOneEvaluation();
    const closing = analytics.events.close(5000);
    expect(analytics.events.close(1)).toBe(closing);
    await closing;
    expect(analytics.events.close(1)).toBe(closing);
    expect(analytics.service.requests).toHaveLength(1);
  });

  it('makes no request when there is nothing to send', async () => {
    const analytics = new Analytics();
    analytics.events.start();
    await analytics.events.close(5000);
    expect(analytics.service.requests).toHaveLength(0);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('records and sends nothing afterwards', async () => {
    const analytics = withOneEvaluation({ diagnosticOptOut: false });
    const counts = await analytics.events.close(5000);
    const before = analytics.service.requests.length;
    analytics.events.recordEvaluation(setting(), 'a', { key: 'bob' }, detail(), 'd', false);
    analytics.events.track('t', alice);
    analytics.events.identify(alice);
    await analytics.events.flush();
    analytics.events.rotate('sdk-key-000002');
    await jest.advanceTimersByTimeAsync(1_000_000);
    expect(analytics.service.requests).toHaveLength(before);
    expect(analytics.events.counts()).toEqual(counts);
  });

  it('tries again until the time is over, then drops the rest as expired', async () => {
    const analytics = withOneEvaluation();
    analytics.service.answer = (request) => request.answer(503);
    const counts = await lapse(5000, analytics.events.close(5000));
    expect(analytics.payloads.length).toBeGreaterThanOrEqual(3);
    expect(counts).toEqual({ accepted: 2, delivered: 0, queued: 0, dropped: { full: 0, refused: 0, expired: 2 } });
    expect(jest.getTimerCount()).toBe(0);
  });

  it('does not hang on a service that never answers', async () => {
    const analytics = withOneEvaluation({ diagnosticOptOut: false });
    analytics.service.answer = () => {};
    const counts = await lapse(300, analytics.events.close(300));
    expect(counts).toMatchObject({ queued: 0, dropped: { expired: 2 } });
    expect(analytics.service.requests.every(({ isAborted }) => isAborted)).toBe(true);
  });

  it('does not wait for a service that refuses the key', async () => {
    const analytics = withOneEvaluation();
    analytics.service.answer = (request) => request.answer(401);
    expect(await analytics.events.close(1_000_000)).toMatchObject({ dropped: { expired: 2 } });
  });

  it('sends at last what was buffered while the service was down', async () => {
    const analytics = withOneEvaluation();
    analytics.service.answer = (request) => request.answer(503);
    await jest.advanceTimersByTimeAsync(20_000);
    analytics.events.identify(alice);
    analytics.service.answer = (request) => request.answer(202);
    expect(await analytics.events.close(5000)).toMatchObject({ accepted: 3, delivered: 3, queued: 0 });
  });

  it('ends at once when there is no time at all', async () => {
    const analytics = withOneEvaluation();
    analytics.service.answer = () => {};
    expect(await lapse(0, analytics.events.close(0))).toMatchObject({ dropped: { expired: 2 } });
  });
});

describe('with a spool', () => {
  let spoolDir: string;

  beforeEach(async () => {
    spoolDir = await mkdtemp(join(tmpdir(), 'feathery-events-'));
  });
  afterEach(() => rm(spoolDir, { recursive: true, force: true }));

  const payloadIds = (analytics: Analytics) =>
    analytics.requests('/bulk').map(({ init }) => init.headers?.['X-LaunchDarkly-Payload-ID']);

  /** A process that ended while the service was down. */
  async function spooled(): Promise<Analytics> {
    const analytics = withOneEvaluation({ spoolDir });
    analytics.service.answer = (request) => request.answer(503);
    // The last 400 ms are the spool's.
    await lapse(1600, analytics.events.close(2000));
    return analytics;
  }

  /** Lets a start take up the files, real ones. */
  async function takenUp(analytics: Analytics): Promise<void> {
    while (analytics.events.counts().accepted === 0 || (await readdir(spoolDir)).length > 0) {
      await turn();
    }
  }

  it('what could not be delivered stays queued in a file, within the time', async () => {
    const analytics = await spooled();
    expect(analytics.events.counts()).toMatchObject({ accepted: 2, queued: 2, dropped: { expired: 0 } });
    expect(await readdir(spoolDir)).toEqual([expect.stringMatching(/\.batch$/)]);
  });

  it('the next start sends it once, under the same payload id, and counts it', async () => {
    const before = await spooled();
    const next = new Analytics({ spoolDir });
    next.events.start();
    await takenUp(next);
    expect(payloadIds(next)).toEqual([payloadIds(before)[0]]);
    expect(next.payloads[0]).toEqual(before.payloads[0]);
    expect(next.events.counts()).toMatchObject({ accepted: 2, delivered: 2, queued: 0 });
    await next.events.close(1000);

    const third = new Analytics({ spoolDir });
    third.events.start();
    expect(await third.events.close(1000)).toMatchObject({ accepted: 0 });
    expect(third.service.requests).toHaveLength(0);
  });

  it('it goes back to the file when the next process cannot deliver it either', async () => {
    await spooled();
    const next = new Analytics({ spoolDir });
    next.service.answer = (request) => request.answer(503);
    next.events.start();
    while (next.events.counts().accepted === 0) await turn();
    expect(await lapse(1600, next.events.close(2000))).toMatchObject({
      accepted: 2,
      queued: 2,
      dropped: { expired: 0 },
    });
    expect(await readdir(spoolDir)).toEqual([expect.stringMatching(/\.batch$/)]);
  });

  it('what is delivered in time is not spooled', async () => {
    const analytics = withOneEvaluation({ spoolDir });
    expect(await analytics.events.close(2000)).toMatchObject({ delivered: 2, queued: 0 });
    expect(await readdir(spoolDir)).toEqual([]);
  });

  it('a folder that cannot be used costs only its events', async () => {
    const analytics = withOneEvaluation({ spoolDir: '/dev/null/spool' });
    analytics.service.answer = (request) => request.answer(503);
    expect(await lapse(1600, analytics.events.close(2000))).toMatchObject({ queued: 0, dropped: { expired: 2 } });
    expect(analytics.log.warnings.some((warning) => warning.includes('spool'))).toBe(true);
  });
});
