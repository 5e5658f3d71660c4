import { getEventListeners, once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { type ClosableFetch, createFetch, discard, type Fetch, follow, readText } from '../lib/http.js';
import {
  type Answer,
  close,
  cut,
  json,
  open,
  redirect,
  ScriptedServer,
  type Step,
  send,
  stall,
  status,
  wait,
} from './support/sse-server.js';

let fetch: ClosableFetch;
const opened: { close(): unknown }[] = [];

beforeEach(() => {
  fetch = createFetch({ tlsParams: undefined, proxyOptions: undefined, keepAlive: false, timeoutMs: 10_000 });
});

afterEach(async () => {
  fetch.close();
  for (const thing of opened.splice(0)) await thing.close();
});

async function serve(...answers: Answer[]): Promise<ScriptedServer> {
  const server = await ScriptedServer.listen(answers, { posts: answers });
  opened.push(server);
  return server;
}

/** A server that accepts connections and says nothing. */
async function mute(): Promise<{ uri: string; socket: Promise<Socket> }> {
  const server: Server = createServer();
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push({
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  });
  const { port } = server.address() as AddressInfo;
  return { uri: `127.0.0.1:${port}`, socket: once(server, 'connection').then(([socket]) => socket as Socket) };
}

describe('fetch', () => {
  it('sends method, headers and body, and reads status, headers and body', async () => {
    const server = await serve([status(201, { 'X-Thing': 'ü', Date: 'Sun, 06 Nov 1994 08:49:37 GMT' }, 'grüße')]);
    const response = await fetch(`${server.uri}/prefix/bulk?x=1`, {
      method: 'POST',
      headers: { Authorization: 'key', 'Content-Type': 'application/json' },
      body: '[1]',
    });
    expect(response.status).toBe(201);
    expect(response.headers.get('DATE')).toBe('Sun, 06 Nov 1994 08:49:37 GMT');
    expect(response.headers.get('x-other')).toBeNull();
    await expect(readText(response)).resolves.toBe('grüße');
    const request = await server.post(0);
    expect(request.path).toBe('/prefix/bulk?x=1');
    expect(request.headers).toMatchObject({
      authorization: 'key',
      'content-length': '3',
      'content-type': 'application/json',
    });
    expect((await request.body).toString()).toBe('[1]');
  });

  it('resolves when the headers are there, before the body is', async () => {
    const server = await serve([open({ Date: 'now' }), stall()]);
    const response = await fetch(server.uri);
    expect(response.headers.get('date')).toBe('now');
  });

  it('does not follow redirects', async () => {
    const server = await serve([redirect(301, '/elsewhere')]);
    const response = await fetch(server.uri);
    expect(response.status).toBe(301);
    await discard(response);
    expect(server.exchanges).toHaveLength(1);
  });

  it('uses a connection again once its answer has been read', async () => {
    const server = await serve([json({})]);
    await readText(await fetch(server.uri));
    await discard(await fetch(server.uri));
    await discard(await fetch(server.uri, { method: 'POST', body: 'x' }));
    expect(server.connectionCount).toBe(1);
  });

  it('decodes gzip', async () => {
    const server = await serve([status(200, { 'Content-Encoding': 'gzip' }, gzipSync('x'.repeat(100_000)))]);
    await expect(readText(await fetch(server.uri))).resolves.toHaveLength(100_000);
  });

  it('rejects a body that is no gzip although it says so', async () => {
    const server = await serve([status(200, { 'Content-Encoding': 'gzip' }, 'plain')]);
    await expect(readText(await fetch(server.uri))).rejects.toThrow('incorrect header check');
  });

  it('rejects a gzip body that ends too soon', async () => {
    const server = await serve([status(200, { 'Content-Encoding': 'gzip' }, gzipSync('text').subarray(0, 15))]);
    await expect(readText(await fetch(server.uri))).rejects.toThrow('unexpected end of file');
  });

  it('resolves a body without a length when the answer ends', async () => {
    const server = await serve([open(), send('data: 1\n'), close()]);
    await expect(readText(await fetch(server.uri))).resolves.toBe('data: 1\n');
  });

  it('rejects a body that is cut off', async () => {
    const server = await serve([open(), send('data'), cut()]);
    await expect(readText(await fetch(server.uri))).rejects.toThrow('aborted');
  });

  it('rejects when nobody listens', async () => {
    const { port } = await serve();
    await opened.splice(0)[0]?.close();
    await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow('ECONNREFUSED');
  });

  it('rejects when the answer is a change of protocol', async () => {
    const server = await serve([
      ({ response }) =>
        void response.socket?.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
    ]);
    await expect(fetch(server.uri)).rejects.toThrow('without an answer');
  });

  it('rejects other schemes, and header values that HTTP does not allow', async () => {
    await expect(fetch('ftp://127.0.0.1/')).rejects.toThrow('Only http and https');
    await expect(fetch('http://127.0.0.1/', { headers: { Authorization: 'a\nb' } })).rejects.toThrow(
      'Invalid character',
    );
  });

  it('takes an IPv6 address', async () => {
    await expect(fetch('http://[::1]:1/')).rejects.toThrow('::1:1');
  });

  it('is ended by its signal before the headers, and the server sees it', async () => {
    const server = await serve([stall()]);
    const abort = new AbortController();
    const pending = fetch(server.uri, { signal: abort.signal });
    const exchange = await server.exchange(0);
    abort.abort(new Error('enough'));
    await expect(pending).rejects.toThrow('enough');
    await exchange.closed;
  });

  it('is ended by its signal while the body comes, and the server sees it', async () => {
    const server = await serve([open(), stall()]);
    const abort = new AbortController();
    const text = readText(await fetch(server.uri, { signal: abort.signal }));
    abort.abort(new Error('enough'));
    await expect(text).rejects.toThrow('enough');
    await (await server.exchange(0)).closed;
  });

  it('makes no request with a signal that is aborted already', async () => {
    const server = await serve([json({})]);
    await expect(fetch(server.uri, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    expect(server.connectionCount).toBe(0);
  });

  it('is ended by its signal when the answer is there and not read yet', async () => {
    const server = await serve([json({})]);
    const abort = new AbortController();
    const response = await fetch(server.uri, { signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(readText(response)).rejects.toThrow('enough');
    await (await server.exchange(0)).closed;
  });

  it('leaves no listener on its signal', async () => {
    const server = await serve([json({})]);
    const { signal } = new AbortController();
    const response = await fetch(server.uri, { signal });
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await readText(response);
    await new Promise(setImmediate);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('rejects when the headers take longer than the limit', async () => {
    const server = await serve([stall()]);
    await expect(fetch(server.uri, { timeoutMs: 20 })).rejects.toThrow('No answer within 20 ms');
    await (await server.exchange(0)).closed;
  });

  it('rejects when the body stops for longer than the limit', async () => {
    const server = await serve([open(), send('x'), stall()]);
    const response = await fetch(server.uri, { timeoutMs: 40 });
    await expect(readText(response)).rejects.toThrow('No answer within 40 ms');
  });

  it('limits the time to connect, where there is no limit for the answer', async () => {
    const { uri, socket } = await mute();
    const impatient = createFetch({ tlsParams: undefined, proxyOptions: undefined, keepAlive: false, timeoutMs: 30 });
    opened.push(impatient);
    const pending = impatient(`https://${uri}`);
    await Promise.all([socket, expect(pending).rejects.toThrow('No answer within 30 ms')]);
  });

  it('lets the answer take its time once it is connected', async () => {
    const server = await serve([wait(60), status(200)]);
    const impatient = createFetch({ tlsParams: undefined, proxyOptions: undefined, keepAlive: false, timeoutMs: 30 });
    opened.push(impatient);
    const response = await impatient(server.uri);
    expect(response.status).toBe(200);
    await discard(response);
  });

  it('ends everything when it is closed, and rejects from then on', async () => {
    const server = await serve([open(), stall()], [stall()]);
    const text = readText(await fetch(server.uri));
    const pending = fetch(server.uri);
    const second = await server.exchange(1);
    fetch.close();
    await expect(text).rejects.toThrow('closed');
    await expect(pending).rejects.toThrow('closed');
    await second.closed;
    await expect(fetch(server.uri)).rejects.toThrow('closed');
    expect(server.exchanges).toHaveLength(2);
  });
});

describe('body', () => {
  it('longer than the limit is rejected and its connection closed', async () => {
    const server = await serve([open(), send('x'.repeat(2000)), stall()]);
    await expect(readText(await fetch(server.uri), 1000)).rejects.toThrow('longer than 1000 bytes');
    await (await server.exchange(0)).closed;
  });

  it('that nobody wants never rejects, and is not read without end', async () => {
    const server = await serve([open(), send('x'.repeat(100_000)), stall()], [open(), cut()]);
    await discard(await fetch(server.uri));
    await (await server.exchange(0)).closed;
    await discard(await fetch(server.uri));
  });

  it('loses a byte-order mark, so that it can be parsed', async () => {
    const server = await serve([status(200, {}, '\ufeff{}')]);
    await expect(readText(await fetch(server.uri))).resolves.toBe('{}');
  });
});

describe('follow', () => {
  const headers = { Authorization: 'key' };

  it('goes to the Location of 301 and 307, relative ones too, with the same headers', async () => {
    const server = await serve([redirect(301, '/b?x=1')], [redirect(307, 'c')], [json({})]);
    const followed = await follow(fetch, `${server.uri}/a`, () => ({ headers }));
    expect(followed).toMatchObject({ url: `${server.uri}/c`, lastingUrl: `${server.uri}/b?x=1` });
    await discard(followed.response);
    expect(server.exchanges.map(({ path }) => path)).toEqual(['/a', '/b?x=1', '/c']);
    expect(server.exchanges.map((exchange) => exchange.headers.authorization)).toEqual(['key', 'key', 'key']);
  });

  it('keeps the address before the first temporary redirect', async () => {
    const server = await serve([redirect(307, '/b')], [redirect(301, '/c')], [json({})]);
    const { response, lastingUrl } = await follow(fetch, `${server.uri}/a`, () => ({ headers }));
    expect(lastingUrl).toBe(`${server.uri}/a`);
    await discard(response);
  });

  it('does not wait for the body of a redirect', async () => {
    const unfinished: Step = ({ response }) => void response.writeHead(301, { Location: '/b' }).write('moved');
    const server = await serve([unfinished], [json({})]);
    const controller = new AbortController();
    const { response } = await follow(fetch, `${server.uri}/a`, () => ({ headers, signal: controller.signal }));
    expect(response.status).toBe(200);
    await discard(response);
    controller.abort();
    await (await server.exchange(0)).closed;
  });

  it.each([302, 303, 308])('hands a %d on', async (code) => {
    const server = await serve([redirect(code, '/b')]);
    const { response } = await follow(fetch, server.uri, () => ({}));
    expect(response.status).toBe(code);
    await discard(response);
  });

  it('hands a redirect without Location on', async () => {
    const server = await serve([status(301)]);
    const { response } = await follow(fetch, server.uri, () => ({}));
    expect(response.status).toBe(301);
    await discard(response);
  });

  it('gives up after 20 redirects', async () => {
    const server = await serve([redirect(307, '/again')]);
    await expect(follow(fetch, server.uri, () => ({}))).rejects.toThrow('More than 20 redirects');
    expect(server.exchanges).toHaveLength(21);
  });

  it('asks for the headers of each address', async () => {
    const asked: string[] = [];
    const answers = [301, 200];
    const fake: Fetch = async () => ({
      status: answers.shift() ?? 0,
      headers: { get: () => 'https://b.test/' },
      body: null,
    });
    await follow(fake, 'https://a.test/', (url) => {
      asked.push(url);
      return {};
    });
    expect(asked).toEqual(['https://a.test/', 'https://b.test/']);
  });
});
