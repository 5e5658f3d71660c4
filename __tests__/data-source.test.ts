import { DataSource } from '../lib/data-source.js';
import type { ClientOptions } from '../lib/options.js';
import { type FakeRequest, FakeService } from './support/fake-service.js';
import { Recorder, sourceParts } from './support/recorder.js';
import { put } from './support/sse-server.js';

const SECOND = 1000;
const WATCHDOG = 300 * SECOND;
const CAPABLE = { 'X-Feathery-Protocol': '1' };

let told: Recorder;
let service: FakeService;
let source: DataSource;
let onStream: (request: FakeRequest) => void;
let onPoll: (request: FakeRequest) => void;

const streams = () => service.requests.filter(({ url }) => url.includes('/all') && !url.includes('latest'));
const polls = () => service.requests.filter(({ url }) => url.includes('/sdk/latest-all'));
const polled = (request: FakeRequest) =>
  void request.answer(200).send('{"flags":{"polled":{"key":"polled","version":1}}}').end();
const streamed = (request: FakeRequest) =>
  void request.answer(200, CAPABLE).send(put({ streamed: { key: 'streamed', version: 1 } }, 'e:1'));
const held = (request: FakeRequest) => void request.answer(200, CAPABLE);

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  told = new Recorder();
  onStream = held;
  onPoll = polled;
});

afterEach(async () => {
  source.close();
  await jest.advanceTimersByTimeAsync(0);
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

async function start(options: ClientOptions = {}): Promise<void> {
  service = new FakeService((request) => (request.url.includes('latest') ? onPoll : onStream)(request));
  source = new DataSource(sourceParts({ fetch: service.fetch, handlers: told }, options));
  source.start();
  await jest.advanceTimersByTimeAsync(0);
}

/** Three connections that stand until the watchdog ends them, with the delays between them. */
const untilFallback = () => jest.advanceTimersByTimeAsync(3 * WATCHDOG + 10);

describe('data source', () => {
  it('streams, and does not poll', async () => {
    onStream = streamed;
    await start();
    await jest.advanceTimersByTimeAsync(60 * SECOND);
    expect(source.current).toBe('stream');
    expect(told.keys).toEqual([['streamed']]);
    expect(polls()).toEqual([]);
  });

  it('only polls where no stream is wanted', async () => {
    await start({ stream: false });
    await jest.advanceTimersByTimeAsync(60 * SECOND);
    expect(source.current).toBe('poll');
    expect(polls()).toHaveLength(3);
    expect(streams()).toEqual([]);
  });
});

describe('data source behind a proxy that holds the stream back', () => {
  it('polls after three silent connections', async () => {
    await start();
    await jest.advanceTimersByTimeAsync(3 * WATCHDOG - SECOND);
    expect(source.current).toBe('stream');
    expect(polls()).toEqual([]);
    await jest.advanceTimersByTimeAsync(SECOND + 10);
    expect(source.current).toBe('poll');
    expect(told.keys).toEqual([['polled']]);
    expect(told.problems).toHaveLength(3);
  });

  it('goes on polling at the interval, and trying the stream, one at a time', async () => {
    await start();
    await untilFallback();
    await jest.advanceTimersByTimeAsync(2 * WATCHDOG);
    expect(polls().length).toBeGreaterThanOrEqual(20);
    expect(streams().length).toBeGreaterThanOrEqual(5);
    expect(streams().filter(({ isAborted }) => !isAborted)).toHaveLength(1);
  });

  it('keeps the silence of the stream to itself while polls are good', async () => {
    await start();
    await untilFallback();
    await jest.advanceTimersByTimeAsync(3 * WATCHDOG);
    expect(told.problems).toHaveLength(3);
    onPoll = (request) => void request.answer(503).end();
    await jest.advanceTimersByTimeAsync(30 * SECOND);
    expect(told.problems).toMatchObject([{}, {}, {}, { status: 503 }]);
  });

  it('still tells that the stream is refused', async () => {
    await start();
    await untilFallback();
    onStream = (request) => void request.answer(401).end();
    await jest.advanceTimersByTimeAsync(WATCHDOG + SECOND);
    expect(told.problems).toMatchObject([{}, {}, {}, { status: 401, rejected: true }]);
  });

  it('goes back to the stream with its first message', async () => {
    await start();
    await untilFallback();
    onStream = streamed;
    await jest.advanceTimersByTimeAsync(WATCHDOG + SECOND);
    expect(source.current).toBe('stream');
    expect(told.keys.at(-1)).toEqual(['streamed']);
    const before = polls().length;
    await jest.advanceTimersByTimeAsync(120 * SECOND);
    expect(polls()).toHaveLength(before);
  });

  it('takes no answer of a poll once the stream has delivered', async () => {
    await start();
    await untilFallback();
    onPoll = () => {};
    await jest.advanceTimersByTimeAsync(30 * SECOND);
    streams()
      .at(-1)
      ?.send(put({ streamed: { key: 'streamed', version: 1 } }));
    await jest.advanceTimersByTimeAsync(0);
    const late = polls().at(-1);
    expect(late?.isAborted).toBe(true);
    late?.answer(200).send('{}').end();
    await jest.advanceTimersByTimeAsync(0);
    expect(told.keys.at(-1)).toEqual(['streamed']);
  });

  it('asks the stream for everything after polling, not for what it missed', async () => {
    onStream = streamed;
    await start();
    onStream = held;
    await jest.advanceTimersByTimeAsync(4 * WATCHDOG + SECOND);
    expect(source.current).toBe('poll');
    await jest.advanceTimersByTimeAsync(WATCHDOG + SECOND);
    const positions = streams().map(({ init }) => init.headers?.['Last-Event-ID']);
    expect(positions.slice(0, 2)).toEqual([undefined, 'e:1']);
    expect(positions.at(-1)).toBeUndefined();
  });

  it('starts to count anew with each message', async () => {
    await start();
    await jest.advanceTimersByTimeAsync(2 * WATCHDOG + 10);
    streams().at(-1)?.send(put());
    await jest.advanceTimersByTimeAsync(2 * WATCHDOG + SECOND);
    expect(source.current).toBe('stream');
    await jest.advanceTimersByTimeAsync(2 * WATCHDOG);
    expect(source.current).toBe('poll');
  });

  it('can fall back again', async () => {
    await start();
    await untilFallback();
    onStream = streamed;
    await jest.advanceTimersByTimeAsync(WATCHDOG + SECOND);
    onStream = held;
    await jest.advanceTimersByTimeAsync(4 * WATCHDOG + SECOND);
    expect(source.current).toBe('poll');
  });
});

describe('data source where the service is away', () => {
  it('does not poll, however often the stream fails', async () => {
    onStream = (request) => void request.fail(new Error('ECONNREFUSED'));
    await start();
    await jest.advanceTimersByTimeAsync(20 * 60 * SECOND);
    expect(polls()).toEqual([]);
    expect(told.problems.length).toBeGreaterThan(10);
  });

  it('does not poll when connections end soon and empty', async () => {
    onStream = (request) => void request.answer(200).end();
    await start();
    await jest.advanceTimersByTimeAsync(20 * 60 * SECOND);
    expect(polls()).toEqual([]);
  });
});

describe('data source rotation and close', () => {
  it('gives the new key to the stream and to the polls', async () => {
    await start();
    await untilFallback();
    source.rotate('sdk-1111-new');
    await jest.advanceTimersByTimeAsync(0);
    expect(streams().at(-1)?.init.headers?.Authorization).toBe('sdk-1111-new');
    expect(polls().at(-1)?.init.headers?.Authorization).toBe('sdk-1111-new');
  });

  it('uses the new key for polls that begin later', async () => {
    await start();
    source.rotate('sdk-1111-new');
    await untilFallback();
    expect(polls()[0]?.init.headers?.Authorization).toBe('sdk-1111-new');
  });

  it('ends stream and polls', async () => {
    await start();
    await untilFallback();
    source.close();
    const requests = service.requests.length;
    await jest.advanceTimersByTimeAsync(2 * WATCHDOG);
    expect(service.requests).toHaveLength(requests);
    expect(streams().every(({ isAborted }) => isAborted)).toBe(true);
  });
});
