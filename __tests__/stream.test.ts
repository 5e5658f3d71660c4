import { type ClosableFetch, createFetch } from '../lib/http.js';
import type { ClientOptions } from '../lib/options.js';
import type { SourceParts } from '../lib/source.js';
import { Stream } from '../lib/stream.js';
import { Recorder, SDK_KEY, sourceParts } from './support/recorder.js';
import {
  type Answer,
  close,
  comment,
  cut,
  event,
  open,
  put,
  redirect,
  ScriptedServer,
  send,
  sendSplit,
  stall,
  status,
} from './support/sse-server.js';

const setting = (key: string, version = 1) => ({ [key]: { key, version } });
const CAPABLE = { 'X-Feathery-Protocol': '1' };

let server: ScriptedServer;
let told: Recorder;
let fetch: ClosableFetch;
let stream: Stream;

beforeEach(() => {
  told = new Recorder();
  fetch = createFetch({ tlsParams: undefined, proxyOptions: undefined, keepAlive: false, timeoutMs: 10_000 });
});

afterEach(async () => {
  stream.close();
  fetch.close();
  await server.close();
});

async function start(answers: Answer[], options: ClientOptions = {}, parts: Partial<SourceParts> = {}): Promise<void> {
  server = await ScriptedServer.listen(answers);
  stream = new Stream(sourceParts({ fetch, handlers: told, ...parts }, { serviceUri: server.uri, ...options }));
  stream.start();
}

describe('stream request', () => {
  it('is a GET with exactly the headers of the protocol', async () => {
    await start([[open(), send(put())]]);
    const { method, path, headers } = await server.exchange(0);
    expect(`${method} ${path}`).toBe('GET /all');
    expect(headers).toEqual({
      host: `127.0.0.1:${server.port}`,
      connection: 'keep-alive',
      authorization: SDK_KEY,
      'user-agent': expect.stringMatching(/^FeatheryNodeServer\/\d/),
      accept: 'text/event-stream',
      'cache-control': 'no-cache',
      'x-launchdarkly-instance-id': '00000000-0000-4000-8000-000000000000',
      'x-feathery-protocol': '1',
    });
  });

  it('carries the filter, and keeps the path of the address', async () => {
    server = await ScriptedServer.listen([[open(), send(put())]]);
    const options = { streamUri: `${server.uri}/relay/eu//`, payloadFilterKey: 'a.b-c_d' };
    stream = new Stream(sourceParts({ fetch, handlers: told }, options));
    stream.start();
    expect((await server.exchange(0)).path).toBe('/relay/eu/all?filter=a.b-c_d');
  });

  it('is made once, however often it is started', async () => {
    await start([[open(), send(put())]]);
    stream.start();
    await told.until(({ messages }) => messages.length === 1);
    expect(server.exchanges).toHaveLength(1);
  });

  it('tells the headers of the answer and the attempt', async () => {
    await start([[open({ 'X-LD-EnvID': 'env-7' }), send(put())]]);
    await told.until(({ messages }) => messages.length === 1);
    expect(told.opened[0]?.get('x-ld-envid')).toBe('env-7');
    expect(told.attempts).toEqual([
      { timestamp: expect.any(Number), failed: false, durationMillis: expect.any(Number) },
    ]);
  });
});

describe('stream messages', () => {
  const script = [
    put(setting('a')),
    event('patch', { path: '/flags/b', data: { key: 'b', version: 2 } }),
    ': heartbeat\n',
    event('delete', { path: '/flags/c', version: 3 }),
  ].join('');

  it('are handed on in order', async () => {
    await start([[open(), send(script)]]);
    await told.until(({ messages }) => messages.length === 3);
    expect(told.messages.map(({ type }) => type)).toEqual(['put', 'changes', 'changes']);
    expect(told.keys).toEqual([['a'], ['b'], ['c']]);
  });

  it('survive a cut at every byte, with any line end and a byte-order mark', async () => {
    for (const end of ['\n', '\r', '\r\n']) {
      const text = Buffer.from(`\ufeff${put(setting('größe-€-😀'))}: heartbeat\n`.replaceAll('\n', end));
      const offsets = Array.from({ length: text.length - 1 }, (_, at) => at + 1);
      const recorder = new Recorder();
      told = recorder;
      await start([[open(), sendSplit(text, ...offsets)]]);
      await recorder.until(({ messages }) => messages.length === 1);
      expect(recorder.keys).toEqual([['größe-€-😀']]);
      stream.close();
      await server.close();
    }
  });

  it('are handed on at once with CR line ends, without waiting for the next byte', async () => {
    await start([[open(), send(put(setting('a')).replaceAll('\n', '\r')), stall()]]);
    await told.until(({ messages }) => messages.length === 1);
  });

  it('of several data lines are one', async () => {
    await start([[open(), send('event: put\ndata: {"data":\ndata:{"flags":{},\ndata: "segments":{}}}\n\n')]]);
    await told.until(({ messages }) => messages.length === 1);
  });

  it('of unknown names are ignored unread, also those that mean something to an EventSource', async () => {
    const unknown = ['error', 'open', 'message', 'message\ndata: more', 'PUT', 'ping'].map((name) =>
      event(name, '{no JSON'),
    );
    await start([[open(), send(`data: nameless\n\n${unknown.join('')}${put(setting('a'))}`)]]);
    await told.until(({ messages }) => messages.length === 1);
    expect(told.problems).toEqual([]);
    expect(server.exchanges).toHaveLength(1);
  });

  it('that are not finished when the connection ends are dropped', async () => {
    await start([
      [open(), send(put(setting('a')).slice(0, -1)), close()],
      [open(), send(put(setting('b')))],
    ]);
    await told.until(({ messages }) => messages.length === 1);
    expect(told.keys).toEqual([['b']]);
  });

  it('of a body without the type of a stream are read too', async () => {
    await start([[open({ 'Content-Type': 'text/plain' }), send(put())]]);
    await told.until(({ messages }) => messages.length === 1);
  });

  it.each([
    ['no JSON', event('put', '{"data":')],
    ['of another shape', event('patch', { path: 7 })],
  ])('that are %s end the connection; the next one begins anew', async (_, bad) => {
    await start([
      [open(), send(put(setting('a')) + bad + event('delete', { path: '/flags/a', version: 9 }))],
      [open(), send(put(setting('b')))],
    ]);
    await told.until(({ messages }) => messages.length === 2);
    expect(told.keys).toEqual([['a'], ['b']]);
    expect(told.problems).toMatchObject([{ rejected: false, error: { code: 'PROTOCOL' } }]);
    await (await server.exchange(0)).closed;
  });

  it('that the receiver cannot take end the connection as well', async () => {
    await start([[open(), send(put())]]);
    told.refuse = new Error('no room');
    await told.until(({ problems }) => problems.length === 1);
    told.refuse = undefined;
    await told.until(({ messages }) => messages.length === 1);
    expect(told.problems[0]?.error).toMatchObject({ code: 'PROTOCOL', cause: { message: 'no room' } });
  });
});

describe('stream reconnect', () => {
  it.each([
    ['ends', close()],
    ['is cut', cut()],
    ['is cut within a message', cut()],
  ])('follows when the connection %s', async (how, end) => {
    const half = how.includes('within') ? send('event: put\ndata: {"da') : comment();
    await start([
      [open(), send(put(setting('a'))), half, end],
      [open(), send(put(setting('b')))],
    ]);
    await told.until(({ messages }) => messages.length === 2);
    expect(told.keys).toEqual([['a'], ['b']]);
    expect(told.problems).toMatchObject([{ rejected: false, error: { code: 'STREAM' } }]);
  });

  it.each([201, 204, 206, 300, 302, 304, 400, 408, 429, 500, 503])('follows a %d', async (code) => {
    await start([[status(code)], [open(), send(put())]]);
    await told.until(({ messages }) => messages.length === 1);
    expect(told.problems).toMatchObject([{ status: code, rejected: false, error: { code: 'STREAM' } }]);
    expect(told.attempts.map(({ failed }) => failed)).toEqual([true, false]);
  });

  it.each([301, 307])('follows a %d without Location', async (code) => {
    await start([[status(code)], [open(), send(put())]]);
    await told.until(({ messages }) => messages.length === 1);
    expect(told.problems).toMatchObject([{ status: code, rejected: false }]);
  });

  it('makes exactly three requests for two failures and a success', async () => {
    await start([[status(503)], [cut()], [open(), send(put()), stall()]]);
    await told.until(({ messages }) => messages.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.exchanges).toHaveLength(3);
    expect(told.attempts.map(({ failed }) => failed)).toEqual([true, true, false]);
  });

  it('has one connection at a time', async () => {
    await start([
      [open(), send(put()), close()],
      [status(503, {}, 'busy')],
      [open(), send(event('put', 'bad')), stall()],
      [open(), send(put())],
    ]);
    await told.until(({ messages }) => messages.length === 2);
    const [first, second, third] = server.exchanges;
    for (const exchange of [first, second, third]) await exchange?.closed;
    expect(server.connections.size).toBe(1);
  });
});

describe('stream redirects', () => {
  it('keeps the address of a 301 for later', async () => {
    await start([[redirect(301, '/moved/all')], [open(), send(put()), close()], [open(), send(put())]]);
    await told.until(({ messages }) => messages.length === 2);
    expect(server.exchanges.map(({ path }) => path)).toEqual(['/all', '/moved/all', '/moved/all']);
    expect(server.exchanges[1]?.headers.authorization).toBe(SDK_KEY);
  });

  it('goes to the address of a 307 once', async () => {
    await start([[redirect(307, '/other/all')], [open(), send(put()), close()], [open(), send(put())]]);
    await told.until(({ messages }) => messages.length === 2);
    expect(server.exchanges.map(({ path }) => path)).toEqual(['/all', '/other/all', '/all']);
  });

  it('gives up a chain that does not end, and tries again', async () => {
    await start([...Array(21).fill([redirect(307, '/all')]), [open(), send(put())]]);
    await told.until(({ messages }) => messages.length === 1);
    expect(told.problems[0]?.error.message).toContain('More than 20 redirects');
  });

  it('takes an address that is none for a failure', async () => {
    await start([[redirect(301, 'http://')], [redirect(307, 'ftp://x/')], [open(), send(put())]]);
    await told.until(({ messages }) => messages.length === 1);
    expect(told.problems).toHaveLength(2);
    expect(server.exchanges.map(({ path }) => path)).toEqual(['/all', '/all', '/all']);
  });
});

describe('stream close', () => {
  it('ends an open connection at once', async () => {
    await start([[open(), send(put()), stall()]]);
    await told.until(({ messages }) => messages.length === 1);
    stream.close();
    stream.close();
    await (await server.exchange(0)).closed;
    expect(told.problems).toEqual([]);
  });

  it('ends a connection that is not answered yet', async () => {
    await start([[stall()]]);
    const exchange = await server.exchange(0);
    stream.close();
    await exchange.closed;
    expect(told.problems).toEqual([]);
  });

  it('is final', async () => {
    await start([[open(), send(put())]]);
    stream.close();
    stream.start();
    stream.rotate('another');
    await new Promise(setImmediate);
    expect(server.exchanges.length).toBeLessThanOrEqual(1);
    expect(told.messages).toEqual([]);
  });
});

describe('stream rotation', () => {
  it('reconnects at once with the new key, after the old connection has ended', async () => {
    await start([
      [open(), send(put()), stall()],
      [open(), send(put()), stall()],
    ]);
    await told.until(({ messages }) => messages.length === 1);
    stream.rotate('sdk-1111-new');
    await told.until(({ messages }) => messages.length === 2);
    expect(server.exchanges.map(({ headers }) => headers.authorization)).toEqual([SDK_KEY, 'sdk-1111-new']);
    await server.exchanges[0]?.closed;
    expect(told.problems).toEqual([]);
  });

  it('cuts the wait after a refusal short', async () => {
    await start([[status(401)], [open(), send(put())]]);
    await told.until(({ problems }) => problems.length === 1);
    stream.rotate('sdk-1111-new');
    await told.until(({ messages }) => messages.length === 1);
    expect(server.exchanges).toHaveLength(2);
  });

  it('goes back to the address that was configured, and to no position', async () => {
    await start([
      [redirect(301, '/moved')],
      [open(CAPABLE), send(put({}, 'e:1')), stall()],
      [open(CAPABLE), send(put({}, 'e:1')), stall()],
    ]);
    await told.until(({ messages }) => messages.length === 1);
    stream.rotate('sdk-1111-new');
    await told.until(({ messages }) => messages.length === 2);
    expect(server.exchanges[2]).toMatchObject({ path: '/all' });
    expect(server.exchanges[2]?.headers).not.toHaveProperty('last-event-id');
  });
});

describe('stream extensions', () => {
  const CHANGES = event(
    'changes',
    { revision: 8, put: [{ path: '/flags/a', data: { key: 'a', version: 8 } }], delete: [] },
    'e1:8',
  );

  it('hands on change sets, and the epoch and revision of each message', async () => {
    await start([
      [open(CAPABLE), send(put(setting('a'), 'e1:7') + CHANGES + event('synced', { revision: 8 }, 'e1:8'))],
    ]);
    await told.until(({ messages }) => messages.length === 3);
    expect(told.messages.map(({ type, meta }) => ({ type, ...meta }))).toEqual([
      { type: 'put', epoch: 'e1', revision: 7 },
      { type: 'changes', epoch: 'e1', revision: 8 },
      { type: 'synced', epoch: 'e1', revision: 8 },
    ]);
  });

  it('asks to resume after the last message applied', async () => {
    await start([
      [open(CAPABLE), send(put(setting('a'), 'e1:7') + CHANGES), close()],
      [open(CAPABLE), send(event('synced', { revision: 8 }, 'e1:8'))],
    ]);
    await told.until(({ messages }) => messages.length === 3);
    expect(server.exchanges.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, 'e1:8']);
  });

  it('asks for everything after a message that could not be applied', async () => {
    await start([
      [open(CAPABLE), send(put({}, 'e1:7') + event('changes', { revision: 8, put: 3 }, 'e1:8'))],
      [open(CAPABLE)],
    ]);
    expect((await server.exchange(1)).headers).not.toHaveProperty('last-event-id');
  });

  it('ignores ids, change sets and marks of a service that has not shown the capability', async () => {
    await start([
      [open(), send(put({}, 'e1:7') + CHANGES + event('synced', {})), close()],
      [open(), send(put())],
    ]);
    await told.until(({ messages }) => messages.length === 2);
    expect(told.messages.map(({ type, meta }) => ({ type, ...meta }))).toEqual([{ type: 'put' }, { type: 'put' }]);
    expect(server.exchanges[1]?.headers).not.toHaveProperty('last-event-id');
  });

  it('asks for everything once its position has been forgotten', async () => {
    await start([[open(CAPABLE), send(put({}, 'e1:7')), stall()], [open(CAPABLE)]]);
    await told.until(({ messages }) => messages.length === 1);
    stream.forgetPosition();
    (await server.exchange(0)).response.end();
    expect((await server.exchange(1)).headers).not.toHaveProperty('last-event-id');
  });
});
