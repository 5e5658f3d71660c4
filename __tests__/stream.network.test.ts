import { type ClosableFetch, createFetch } from '../lib/http.js';
import type { ClientOptions } from '../lib/options.js';
import { Stream } from '../lib/stream.js';
import { AUTHORITY, SERVER } from './support/certificates.js';
import { ForwardProxy } from './support/proxy.js';
import { Recorder, sourceParts } from './support/recorder.js';
import { open, put, ScriptedServer, send } from './support/sse-server.js';

let server: ScriptedServer;
let proxy: ForwardProxy;
let told: Recorder;
let fetch: ClosableFetch;
let stream: Stream;
const unhandled = jest.fn();

beforeAll(() => process.on('unhandledRejection', unhandled));
afterAll(() => process.off('unhandledRejection', unhandled));

beforeEach(async () => {
  told = new Recorder();
  proxy = await ForwardProxy.listen();
});

afterEach(async () => {
  stream.close();
  await proxy.close();
  await server.close();
  fetch.close();
  expect(unhandled).not.toHaveBeenCalled();
});

/** A stream from a server that sends a `put` and stays, with what this test is about in the options. */
async function start(tls: typeof SERVER | undefined, options: ClientOptions, throughProxy = false): Promise<void> {
  server = await ScriptedServer.listen([[open(), send(put())]], tls && { tls });
  const proxyOptions = throughProxy ? { host: '127.0.0.1', port: proxy.port } : undefined;
  const parts = sourceParts(
    { fetch: (url, init) => fetch(url, init), handlers: told },
    { serviceUri: server.uri, ...options, ...(proxyOptions && { proxyOptions }) },
  );
  fetch = createFetch(parts.options);
  stream = new Stream(parts);
  stream.start();
}

describe('stream over the network', () => {
  it.each([
    ['with an authority of our own', { ca: AUTHORITY }],
    ['without verification', { rejectUnauthorized: false }],
  ])('comes over TLS %s', async (_, tlsParams) => {
    await start(SERVER, { tlsParams });
    await told.until(({ messages }) => messages.length === 1);
  });

  it('tries again soon when the certificate cannot be verified', async () => {
    await start(SERVER, {});
    await told.until(({ problems }) => problems.length === 4);
    expect(told.problems[0]).toMatchObject({ rejected: false, error: { code: 'STREAM' } });
    expect(told.problems[0]?.error.message).toContain('unable to verify');
    expect(server.exchanges).toEqual([]);
  });

  it.each([
    ['a plain', undefined, /^GET http:\/\/127.0.0.1:\d+\/all$/],
    ['a secure', SERVER, /^CONNECT 127.0.0.1:\d+$/],
  ])('comes through a proxy from %s service, and ends there at once on close', async (_, tls, line) => {
    await start(tls, { tlsParams: { ca: AUTHORITY } }, true);
    await told.until(({ messages }) => messages.length === 1);
    expect(proxy.lines).toEqual([expect.stringMatching(line)]);
    stream.close();
    await (await server.exchange(0)).closed;
    await proxy.idle();
  });

  it('is tried again when the service goes away and comes back', async () => {
    await start(undefined, {});
    await told.until(({ messages }) => messages.length === 1);
    const { port } = server;
    await server.close();
    await told.until(({ problems }) => problems.length >= 3);
    server = await ScriptedServer.listen([[open(), send(put())]], { port });
    await told.until(({ messages }) => messages.length === 2);
    expect(server.exchanges).toHaveLength(1);
  });
});
