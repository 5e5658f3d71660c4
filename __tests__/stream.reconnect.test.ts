import type { ClientOptions } from '../lib/options.js';
import { Stream } from '../lib/stream.js';
import { type FakeRequest, FakeService } from './support/fake-service.js';
import { Recorder, sourceParts } from './support/recorder.js';
import { event, put } from './support/sse-server.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

let told: Recorder;
let service: FakeService;
let stream: Stream;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  told = new Recorder();
});

afterEach(async () => {
  stream.close();
  await jest.advanceTimersByTimeAsync(0);
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

/** Starts a stream on a service that answers each request by `answer`. The base delay is a second. */
async function start(answer: (request: FakeRequest) => void, options: ClientOptions = {}, random = () => 0) {
  service = new FakeService(answer);
  const parts = sourceParts(
    { fetch: service.fetch, handlers: told, random },
    { streamInitialReconnectDelayMs: SECOND, ...options },
  );
  stream = new Stream(parts);
  stream.start();
  await jest.advanceTimersByTimeAsync(0);
}

/** Seconds between the requests so far. */
const gaps = () => service.times.slice(1).map((time, at) => (time - (service.times[at] ?? 0)) / SECOND);

const live = (request: FakeRequest) => void request.answer(200).send(put());
const busy = (request: FakeRequest) => void request.answer(503).end();

describe('stream delays', () => {
  it('double from the initial delay up to 30 s', async () => {
    await start(busy);
    await jest.advanceTimersByTimeAsync(100 * SECOND);
    expect(gaps()).toEqual([1, 2, 4, 8, 16, 30, 30]);
  });

  it('are shortened by chance by up to a half', async () => {
    await start(busy, {}, () => 0.5);
    await jest.advanceTimersByTimeAsync(10 * SECOND);
    expect(gaps()).toEqual([0.75, 1.5, 3]);
  });

  it('grow when the network fails, and when the service ends each connection', async () => {
    let n = 0;
    await start((request) =>
      n++ % 2 === 0 ? request.fail(new Error('ECONNREFUSED')) : request.answer(200).send(put()).end(),
    );
    await jest.advanceTimersByTimeAsync(16 * SECOND);
    expect(gaps()).toEqual([1, 2, 4, 8]);
  });

  it('start again after a connection that was good for a minute since its first event', async () => {
    await start(busy);
    await jest.advanceTimersByTimeAsync(SECOND);
    service.answer = (request) => void request.answer(200);
    await jest.advanceTimersByTimeAsync(2 * SECOND);
    const good = service.request(2);
    await jest.advanceTimersByTimeAsync(2 * MINUTE);
    good.send(put());
    service.answer = busy;
    await jest.advanceTimersByTimeAsync(MINUTE);
    good.end();
    await jest.advanceTimersByTimeAsync(3 * SECOND);
    expect(gaps()).toEqual([1, 2, 181, 2]);
  });

  it('go on after a connection that had stood for long but was good for less than a minute', async () => {
    await start(busy);
    await jest.advanceTimersByTimeAsync(SECOND);
    service.answer = (request) => void request.answer(200);
    await jest.advanceTimersByTimeAsync(2 * SECOND);
    const good = service.request(2);
    await jest.advanceTimersByTimeAsync(2 * MINUTE);
    good.send(put());
    await jest.advanceTimersByTimeAsync(59 * SECOND);
    good.end();
    await jest.advanceTimersByTimeAsync(4 * SECOND);
    expect(gaps()).toEqual([1, 2, 183]);
  });

  it('start from the retry field of the service, on this connection and later ones', async () => {
    await start((request) => request.answer(200).send('retry: 250\n').send(put()).end());
    service.answer = busy;
    await jest.advanceTimersByTimeAsync(1.75 * SECOND);
    expect(gaps()).toEqual([0.25, 0.5, 1]);
  });

  it('do not vanish when the service asks for none', async () => {
    await start((request) => request.answer(200).send('retry: 0\n\n').end());
    await jest.advanceTimersByTimeAsync(SECOND);
    expect(service.requests.length).toBeLessThan(12);
  });
});

describe('stream refusal', () => {
  it.each([401, 403, 404])('with %d is told at once, as that of the SDK key', async (code) => {
    await start((request) => request.answer(code).end());
    expect(told.problems).toMatchObject([{ status: code, rejected: true, error: { code: 'SDK_KEY_REJECTED' } }]);
    expect(told.problems[0]?.error.message).not.toContain('sdk-0000');
  });

  it.each([402, 405, 410, 413, 418])('with %d is told at once, as one of the stream', async (code) => {
    await start((request) => request.answer(code).end());
    expect(told.problems).toMatchObject([{ status: code, rejected: true, error: { code: 'STREAM' } }]);
  });

  it('never stops the stream, but makes it slow, whatever comes next', async () => {
    const codes = [503, 401, 503, 401, 401, 403];
    await start((request) => request.answer(codes.shift() ?? 401).end());
    await jest.advanceTimersByTimeAsync(4 * 60 * MINUTE);
    expect(gaps()).toEqual([1, 300, 600, 1200, 2400, 3600, 3600]);
  });

  it('is over after a connection that was good for a minute', async () => {
    await start((request) => request.answer(401).end());
    service.answer = live;
    await jest.advanceTimersByTimeAsync(5 * MINUTE);
    service.answer = busy;
    await jest.advanceTimersByTimeAsync(MINUTE);
    service.request(1).end();
    await jest.advanceTimersByTimeAsync(3 * SECOND);
    expect(gaps()).toEqual([300, 61, 2]);
  });

  it('of another key is forgotten', async () => {
    await start((request) => request.answer(401).end());
    service.answer = busy;
    stream.rotate('sdk-1111-new');
    await jest.advanceTimersByTimeAsync(3 * SECOND);
    expect(gaps()).toEqual([0, 1, 2]);
  });
});

describe('stream watchdog', () => {
  it('ends a connection without a byte for 300 s', async () => {
    await start(live);
    await jest.advanceTimersByTimeAsync(300 * SECOND - 1);
    expect(service.request(0).isAborted).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect(service.request(0).isAborted).toBe(true);
    await jest.advanceTimersByTimeAsync(SECOND);
    expect(service.requests).toHaveLength(2);
    expect(told.problems[0]?.error.message).toContain('No sign of life for 300 s');
  });

  it('ends a request that is not answered for 300 s', async () => {
    await start(() => {});
    await jest.advanceTimersByTimeAsync(300 * SECOND);
    expect(service.request(0).isAborted).toBe(true);
    expect(told.problems).toMatchObject([{ silent: true }]);
    expect(told.attempts).toEqual([{ timestamp: Date.now(), failed: true, durationMillis: 300 * SECOND }]);
  });

  it.each([':\n', ': heartbeat\n', '\n', 'x', event('unknown', 'x')])('is fed by %j', async (bytes) => {
    await start(live);
    for (let n = 0; n < 5; n++) {
      await jest.advanceTimersByTimeAsync(299 * SECOND);
      service.request(0).send(bytes);
    }
    await jest.advanceTimersByTimeAsync(0);
    expect(service.requests).toHaveLength(1);
    expect(told.problems).toEqual([]);
  });
});

describe('stream silence', () => {
  it('is told of a connection that stood for 30 s and brought no event', async () => {
    await start((request) => void request.answer(200).send(': x\n'));
    await jest.advanceTimersByTimeAsync(30 * SECOND);
    service.request(0).end();
    await jest.advanceTimersByTimeAsync(0);
    expect(told.problems).toMatchObject([{ silent: true, rejected: false }]);
  });

  it('is told of a gateway that gives up', async () => {
    await start(() => {});
    await jest.advanceTimersByTimeAsync(60 * SECOND);
    service.request(0).answer(504).end();
    await jest.advanceTimersByTimeAsync(0);
    expect(told.problems).toMatchObject([{ silent: true, status: 504 }]);
  });

  it.each([
    ['that ended sooner', 29, ''],
    ['that brought an event', 40, put()],
  ])('is not told of a connection %s', async (_, seconds, bytes) => {
    await start((request) => void request.answer(200).send(bytes));
    await jest.advanceTimersByTimeAsync(seconds * SECOND);
    service.request(0).end();
    await jest.advanceTimersByTimeAsync(0);
    expect(told.problems).toMatchObject([{ silent: false }]);
  });
});

describe('stream close', () => {
  it.each([
    ['before the answer', () => {}],
    ['on an open connection', live],
    ['during a delay', busy],
    ['during an extended delay', (request: FakeRequest) => void request.answer(401).end()],
  ])('%s leaves nothing behind', async (_, answer) => {
    await start(answer);
    const requests = service.requests.length;
    stream.close();
    await jest.advanceTimersByTimeAsync(0);
    expect(jest.getTimerCount()).toBe(0);
    expect(service.requests.every((request) => request.isAborted)).toBe(true);
    await jest.advanceTimersByTimeAsync(2 * 60 * MINUTE);
    expect(service.requests).toHaveLength(requests);
  });

  it('leaves no reaction to what arrives later', async () => {
    await start((request) => void request.answer(200));
    stream.close();
    service.request(0).send(put()).end();
    await jest.advanceTimersByTimeAsync(MINUTE);
    expect(told.messages).toEqual([]);
    expect(told.problems).toEqual([]);
  });
});

describe('stream', () => {
  it('ends with one report, and not in a loop, when a part of ours is broken', async () => {
    await start(busy, {}, () => {
      throw new TypeError('random is broken');
    });
    await jest.advanceTimersByTimeAsync(MINUTE);
    expect(service.requests).toHaveLength(1);
    expect(told.problems).toMatchObject([
      { status: 503 },
      { rejected: true, error: { cause: { message: 'random is broken' } } },
    ]);
  });

  it('tells when and how fast each attempt was answered', async () => {
    await start(() => {});
    await jest.advanceTimersByTimeAsync(350);
    service.request(0).answer(503).end();
    await jest.advanceTimersByTimeAsync(SECOND);
    await jest.advanceTimersByTimeAsync(70);
    const answeredAt = Date.now();
    service.request(1).answer(200).send(put());
    await jest.advanceTimersByTimeAsync(MINUTE);
    service.request(1).end();
    await jest.advanceTimersByTimeAsync(0);
    expect(told.attempts).toEqual([
      { timestamp: expect.any(Number), failed: true, durationMillis: 350 },
      { timestamp: answeredAt, failed: false, durationMillis: 70 },
    ]);
  });
});
