import { gzipSync } from 'node:zlib';
import { createFetch } from '../lib/http.js';
import type { ClientOptions } from '../lib/options.js';
import { Poll } from '../lib/poll.js';
import { type FakeRequest, FakeService } from './support/fake-service.js';
import { Recorder, SDK_KEY, sourceParts } from './support/recorder.js';
import { cut, json, open, redirect, ScriptedServer, send, status } from './support/sse-server.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const data = (...keys: string[]) => ({
  flags: Object.fromEntries(keys.map((key) => [key, { key, version: 1 }])),
  segments: {},
});

let told: Recorder;
let service: FakeService;
let poll: Poll;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  told = new Recorder();
});

afterEach(async () => {
  poll.close();
  await jest.advanceTimersByTimeAsync(0);
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

async function start(answer: (request: FakeRequest) => void, options: ClientOptions = {}, random = () => 0) {
  service = new FakeService(answer);
  const parts = sourceParts(
    { fetch: service.fetch, handlers: told, random },
    { pollUri: 'http://poll.test', ...options },
  );
  poll = new Poll(parts);
  poll.start();
  await jest.advanceTimersByTimeAsync(0);
}

const gaps = () => service.times.slice(1).map((time, at) => (time - (service.times[at] ?? 0)) / SECOND);

const answer =
  (code: number, body: unknown = '', headers: Record<string, string> = {}) =>
  (request: FakeRequest) =>
    void request
      .answer(code, headers)
      .send(typeof body === 'string' ? body : JSON.stringify(body))
      .end();

describe('poll request', () => {
  it('goes to the address with exactly the headers of the protocol', async () => {
    await start(answer(200, data()));
    const { url, init } = service.request(0);
    expect(url).toBe('http://poll.test/sdk/latest-all');
    expect(init.headers).toEqual({
      Authorization: SDK_KEY,
      'User-Agent': expect.stringMatching(/^FeatheryNodeServer\//),
      'X-LaunchDarkly-Instance-Id': expect.any(String),
      'Accept-Encoding': 'gzip',
    });
    expect(init.timeoutMs).toBe(10_000);
  });

  it('carries the filter, and keeps the path of the address', async () => {
    await start(answer(200, data()), { pollUri: 'http://poll.test/relay/', payloadFilterKey: 'a.b' });
    expect(service.request(0).url).toBe('http://poll.test/relay/sdk/latest-all?filter=a.b');
  });

  it('has the time limit that was set', async () => {
    await start(answer(200, data()), { timeoutMs: 4000 });
    expect(service.request(0).init.timeoutMs).toBe(4000);
  });
});

describe('poll', () => {
  it('hands the data on, with the headers before it', async () => {
    await start(answer(200, data('a'), { 'X-LD-EnvID': 'env-7' }));
    expect(told.keys).toEqual([['a']]);
    expect(told.messages[0]?.meta).toEqual({});
    expect(told.opened[0]?.get('x-ld-envid')).toBe('env-7');
    expect(told.attempts).toEqual([]);
  });

  it('takes a body without either collection', async () => {
    await start(answer(200, {}));
    expect(told.keys).toEqual([[]]);
  });

  it('repeats at the interval, from start to start', async () => {
    await start((request) => setTimeout(answer(200, data()), 7 * SECOND, request));
    await jest.advanceTimersByTimeAsync(100 * SECOND);
    expect(gaps()).toEqual([30, 30, 30]);
  });

  it('takes no chance with the interval', async () => {
    await start(answer(200, data()), { pollIntervalMs: 45_000 }, () => 0.9);
    await jest.advanceTimersByTimeAsync(100 * SECOND);
    expect(gaps()).toEqual([45, 45]);
  });

  it('keeps the interval when the clock is set back', async () => {
    await start((request) => {
      jest.setSystemTime(Date.now() - 60 * MINUTE);
      answer(200, data())(request);
    });
    await jest.advanceTimersByTimeAsync(60 * SECOND);
    expect(service.requests).toHaveLength(3);
  });

  it('never has two requests open: a slow one is followed at once', async () => {
    await start(() => {});
    await jest.advanceTimersByTimeAsync(50 * SECOND);
    expect(service.requests).toHaveLength(1);
    answer(200, data())(service.request(0));
    await jest.advanceTimersByTimeAsync(1);
    expect(service.requests).toHaveLength(2);
  });
});

describe('poll cache', () => {
  const tagged = answer(200, data('a'), { ETag: '"v1"' });

  it('sends the tag of the last data, and takes 304 for good', async () => {
    await start(tagged);
    service.answer = answer(304, '', { 'X-LD-EnvID': 'env-7' });
    await jest.advanceTimersByTimeAsync(MINUTE);
    expect(service.requests.map(({ init }) => init.headers?.['If-None-Match'])).toEqual([undefined, '"v1"', '"v1"']);
    expect(told).toMatchObject({ unchanged: 2, problems: [] });
    expect(told.messages).toHaveLength(1);
    expect(told.opened[1]?.get('X-LD-EnvID')).toBe('env-7');
  });

  it('forgets the tag with an answer that has none', async () => {
    await start(tagged);
    service.answer = answer(200, data());
    await jest.advanceTimersByTimeAsync(MINUTE);
    expect(service.request(2).init.headers).not.toHaveProperty('If-None-Match');
  });

  it('remembers no tag of data that could not be read or taken', async () => {
    await start(answer(200, '{"flags":', { ETag: '"bad"' }));
    service.answer = tagged;
    told.refuse = new Error('no room');
    await jest.advanceTimersByTimeAsync(30 * SECOND);
    told.refuse = undefined;
    await jest.advanceTimersByTimeAsync(30 * SECOND);
    expect(service.requests.map(({ init }) => init.headers?.['If-None-Match'])).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(told.messages).toHaveLength(1);
  });

  it('keeps the tag through a failure', async () => {
    await start(tagged);
    service.answer = answer(500);
    await jest.advanceTimersByTimeAsync(30 * SECOND);
    service.answer = answer(304);
    await jest.advanceTimersByTimeAsync(30 * SECOND);
    expect(service.request(2).init.headers).toMatchObject({ 'If-None-Match': '"v1"' });
    expect(told.unchanged).toBe(1);
  });

  it('takes a 304 that was not asked for as a failure', async () => {
    await start(answer(304));
    expect(told).toMatchObject({ unchanged: 0, problems: [{ status: 304, rejected: false }] });
  });

  it('sends the tag only to the address that gave it', async () => {
    await start((request) => {
      if (request.url === 'http://poll.test/sdk/latest-all')
        answer(307, '', { Location: 'http://other.test/all' })(request);
      else tagged(request);
    });
    await jest.advanceTimersByTimeAsync(30 * SECOND);
    expect(service.requests.map(({ url, init }) => [url.slice(7, 12), init.headers?.['If-None-Match']])).toEqual([
      ['poll.', undefined],
      ['other', undefined],
      ['poll.', undefined],
      ['other', '"v1"'],
    ]);
  });
});

describe('poll failure', () => {
  it.each([201, 204, 302, 400, 408, 429, 500, 503])('with %d is told, and the pace stays', async (code) => {
    await start(answer(code));
    await jest.advanceTimersByTimeAsync(MINUTE);
    expect(gaps()).toEqual([30, 30]);
    expect(told.problems[0]).toMatchObject({ status: code, rejected: false, error: { code: 'POLL' } });
  });

  it.each([
    ['the network fails', (request: FakeRequest) => void request.fail(new Error('ECONNREFUSED')), 'POLL'],
    [
      'the body breaks off',
      (request: FakeRequest) => void request.answer(200).send('{').fail(new Error('aborted')),
      'POLL',
    ],
    ['the body is no JSON', answer(200, '<html>'), 'PROTOCOL'],
    ['the body has another shape', answer(200, { flags: [] }), 'PROTOCOL'],
  ])('is told when %s, and the pace stays', async (_, failing, code) => {
    await start(failing);
    service.answer = answer(200, data('a'));
    await jest.advanceTimersByTimeAsync(30 * SECOND);
    expect(told.problems).toMatchObject([{ rejected: false, error: { code } }]);
    expect(told.keys).toEqual([['a']]);
  });

  it.each([401, 403, 404, 405])('with %d is told as refusal, and polling goes on slowly', async (code) => {
    await start(answer(code));
    await jest.advanceTimersByTimeAsync(4 * 60 * MINUTE);
    expect(told.problems[0]).toMatchObject({ status: code, rejected: true });
    expect(told.problems[0]?.error.code).toBe(code === 405 ? 'POLL' : 'SDK_KEY_REJECTED');
    expect(gaps()).toEqual([300, 600, 1200, 2400, 3600, 3600]);
  });

  it('by refusal is over after two good polls in a row', async () => {
    await start(answer(401));
    service.answer = answer(200, data(), { ETag: '"1"' });
    await jest.advanceTimersByTimeAsync(300 * SECOND);
    service.answer = answer(304);
    await jest.advanceTimersByTimeAsync(300 * SECOND + MINUTE);
    expect(gaps()).toEqual([300, 300, 30, 30]);
  });
});

it('polling ends with one report, and not in a loop, when a part of ours is broken', async () => {
  await start(answer(401), {}, () => {
    throw new TypeError('random is broken');
  });
  await jest.advanceTimersByTimeAsync(MINUTE);
  expect(service.requests).toHaveLength(1);
  expect(told.problems).toMatchObject([{ status: 401 }, { error: { cause: { message: 'random is broken' } } }]);
});

describe('poll close', () => {
  it('ends the request, and reacts to nothing any more', async () => {
    await start(() => {});
    poll.close();
    expect(service.request(0).isAborted).toBe(true);
    service.request(0).answer(200).send('{}').end();
    await jest.advanceTimersByTimeAsync(MINUTE);
    expect(told).toMatchObject({ messages: [], problems: [] });
    expect(service.requests).toHaveLength(1);
  });

  it('ends a body that is on its way', async () => {
    await start((request) => void request.answer(200).send('{'));
    poll.close();
    service.request(0).send('}').end();
    await jest.advanceTimersByTimeAsync(MINUTE);
    expect(told).toMatchObject({ messages: [], problems: [] });
  });

  it('ends the wait, twice if need be, and is final', async () => {
    await start(answer(200, data()));
    poll.close();
    poll.close();
    poll.start();
    poll.rotate('sdk-1111-new');
    await jest.advanceTimersByTimeAsync(MINUTE);
    expect(service.requests).toHaveLength(1);
  });
});

describe('poll rotation', () => {
  it('polls at once with the new key, for everything', async () => {
    await start(answer(200, data(), { ETag: '"1"' }));
    poll.rotate('sdk-1111-new');
    await jest.advanceTimersByTimeAsync(0);
    expect(service.request(1).init.headers).toMatchObject({ Authorization: 'sdk-1111-new' });
    expect(service.request(1).init.headers).not.toHaveProperty('If-None-Match');
  });

  it('gives up the request under way, and the slow pace', async () => {
    await start(answer(401));
    poll.rotate('sdk-1111-new');
    service.answer = () => {};
    await jest.advanceTimersByTimeAsync(0);
    poll.rotate('sdk-2222-new');
    service.answer = answer(200, data());
    await jest.advanceTimersByTimeAsync(30 * SECOND);
    expect(service.requests.map(({ isAborted }) => isAborted)).toEqual([true, true, false, false]);
    expect(gaps()).toEqual([0, 0, 30]);
  });
});

describe('poll over the network', () => {
  let server: ScriptedServer;
  const fetch = createFetch({ tlsParams: undefined, proxyOptions: undefined, keepAlive: false, timeoutMs: 1000 });

  beforeEach(() => jest.useRealTimers());
  afterEach(async () => {
    poll.close();
    await server.close();
    jest.useFakeTimers();
  });
  afterAll(() => fetch.close());

  async function startOn(...answers: Parameters<typeof ScriptedServer.listen>[0]) {
    server = await ScriptedServer.listen(answers);
    poll = new Poll(sourceParts({ fetch, handlers: told }, { serviceUri: server.uri, timeoutMs: 1000 }));
    poll.start();
  }

  it('reads megabytes in chunks, with gzip', async () => {
    const keys = Array.from({ length: 20_000 }, (_, n) => `setting-${n}`);
    await startOn([status(200, { 'Content-Encoding': 'gzip' }, gzipSync(JSON.stringify(data(...keys))))]);
    await told.until(({ messages }) => messages.length === 1);
    expect(told.keys[0]).toHaveLength(20_000);
    expect((await server.exchange(0)).headers['accept-encoding']).toBe('gzip');
  });

  it('follows a redirect', async () => {
    await startOn([redirect(301, '/moved')], [json(data('a'))]);
    await told.until(({ messages }) => messages.length === 1);
    expect((await server.exchange(1)).headers.authorization).toBe(SDK_KEY);
  });

  it('gives up a body that stops coming', async () => {
    await startOn([open(), send('{"flags"')]);
    await told.until(({ problems }) => problems.length === 1);
    expect(told.problems[0]?.error.message).toContain('No answer within 1000 ms');
    await (await server.exchange(0)).closed;
  });

  it('takes a body that is cut off for a failure', async () => {
    await startOn([open(), send('{"flags":{}}'), cut()]);
    await told.until(({ problems }) => problems.length === 1);
    expect(told.messages).toEqual([]);
  });
});
