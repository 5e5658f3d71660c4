import { type ClosableFetch, createFetch, discard, readText } from '../lib/http.js';
import type { ProxyOptions, TlsOptions } from '../lib/options.js';
import { AUTHORITY, SERVER } from './support/certificates.js';
import { ForwardProxy, type ProxyBehaviour } from './support/proxy.js';
import { json, open, ScriptedServer, send, stall, status } from './support/sse-server.js';

const opened: { close(): unknown }[] = [];

afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.close();
});

function keep<Thing extends { close(): unknown }>(thing: Thing): Thing {
  opened.unshift(thing);
  return thing;
}

const plain = async (...answers: Parameters<typeof ScriptedServer.listen>[0]) =>
  keep(await ScriptedServer.listen(answers.length > 0 ? answers : [[json({})]]));

const secure = async () => keep(await ScriptedServer.listen([[json({})]], { tls: SERVER }));

/** A proxy, and a fetch that goes through it. */
async function through(
  behaviour: ProxyBehaviour = {},
  options: Partial<ProxyOptions> & { tlsParams?: TlsOptions; timeoutMs?: number } = {},
): Promise<{ proxy: ForwardProxy; fetch: ClosableFetch }> {
  const proxy = keep(await ForwardProxy.listen(behaviour));
  const { tlsParams = { ca: AUTHORITY }, timeoutMs = 10_000, ...rest } = options;
  const proxyOptions = { host: '127.0.0.1', port: proxy.port, ...rest };
  return { proxy, fetch: keep(createFetch({ tlsParams, proxyOptions, keepAlive: false, timeoutMs })) };
}

describe('fetch through a proxy', () => {
  it('asks for plain targets in absolute form', async () => {
    const server = await plain();
    const { proxy, fetch } = await through();
    await expect(
      fetch(`${server.uri}/all?filter=a%20b`, { headers: { Authorization: 'key' } }).then(readText),
    ).resolves.toBe('{}');
    expect(proxy.lines).toEqual([`GET ${server.uri}/all?filter=a%20b`]);
    const request = await server.exchange(0);
    expect(request.path).toBe('/all?filter=a%20b');
    expect(request.headers).toMatchObject({ host: `127.0.0.1:${server.port}`, authorization: 'key' });
  });

  it('reaches secure targets by CONNECT, and hides the request from the proxy', async () => {
    const server = await secure();
    const { proxy, fetch } = await through();
    await expect(fetch(`${server.uri}/all`, { headers: { Authorization: 'key' } }).then(readText)).resolves.toBe('{}');
    expect(proxy.lines).toEqual([`CONNECT 127.0.0.1:${server.port}`]);
    expect(proxy.requests[0]?.headers.authorization).toBeUndefined();
    expect((await server.exchange(0)).headers).toMatchObject({
      host: `127.0.0.1:${server.port}`,
      authorization: 'key',
    });
  });

  it('uses a tunnel again', async () => {
    const server = await secure();
    const { proxy, fetch } = await through();
    await readText(await fetch(server.uri));
    await readText(await fetch(server.uri));
    expect(proxy.lines).toHaveLength(1);
    expect(server.exchanges).toHaveLength(2);
  });

  it('verifies the certificate of the target behind the tunnel', async () => {
    const server = await secure();
    const { fetch } = await through({}, { tlsParams: {} });
    await expect(fetch(server.uri)).rejects.toThrow('unable to verify the first certificate');
    const careless = await through({}, { tlsParams: { rejectUnauthorized: false } });
    await expect(careless.fetch(server.uri).then(readText)).resolves.toBe('{}');
  });

  it('shows its credentials to the proxy and to nobody else', async () => {
    const [insecureServer, secureServer] = [await plain(), await secure()];
    const { proxy, fetch } = await through({}, { auth: 'me:pass:word' });
    await readText(await fetch(insecureServer.uri));
    await readText(await fetch(secureServer.uri));
    const expected = `Basic ${Buffer.from('me:pass:word').toString('base64')}`;
    expect(proxy.requests.map(({ headers }) => headers['proxy-authorization'])).toEqual([expected, expected]);
    expect((await secureServer.exchange(0)).headers['proxy-authorization']).toBeUndefined();
  });

  it('reaches the proxy itself over TLS', async () => {
    const [insecureServer, secureServer] = [await plain(), await secure()];
    const { proxy, fetch } = await through({ tls: SERVER }, { scheme: 'https' });
    await expect(fetch(insecureServer.uri).then(readText)).resolves.toBe('{}');
    await expect(fetch(secureServer.uri).then(readText)).resolves.toBe('{}');
    expect(proxy.lines).toEqual([`GET ${insecureServer.uri}/`, `CONNECT 127.0.0.1:${secureServer.port}`]);
  });

  it('expects the name of the target from the target only', async () => {
    const server = await secure();
    const { fetch } = await through(
      { tls: SERVER },
      { scheme: 'https', tlsParams: { ca: AUTHORITY, servername: 'feathery.test' } },
    );
    await expect(fetch(server.uri).then(readText)).resolves.toBe('{}');
  });

  it('refuses a proxy with a certificate of an unknown authority', async () => {
    const server = await secure();
    const { fetch } = await through({ tls: SERVER }, { scheme: 'https', tlsParams: {} });
    await expect(fetch(server.uri)).rejects.toThrow('unable to verify the first certificate');
  });

  it('rejects when the proxy refuses the tunnel', async () => {
    const server = await secure();
    const { fetch } = await through({ refuse: 407 });
    await expect(fetch(server.uri)).rejects.toThrow('The proxy answered 407 to CONNECT');
    expect(server.connectionCount).toBe(0);
  });

  it('asks for a tunnel to an IPv6 address in brackets', async () => {
    const { proxy, fetch } = await through({ refuse: 403 });
    await expect(fetch('https://[::1]:1/')).rejects.toThrow('403');
    expect(proxy.lines).toEqual(['CONNECT [::1]:1']);
  });

  it('rejects when there is no proxy', async () => {
    const { proxy, fetch } = await through();
    await proxy.close();
    opened.pop();
    await expect(fetch('https://127.0.0.1:1/')).rejects.toThrow('ECONNREFUSED');
    await expect(fetch('http://127.0.0.1:1/')).rejects.toThrow('ECONNREFUSED');
  });

  it('is ended by its signal while the proxy does not answer, and the proxy sees it', async () => {
    const { proxy, fetch } = await through({ stall: true });
    const abort = new AbortController();
    const pending = fetch('https://127.0.0.1:1/', { signal: abort.signal });
    await proxy.request();
    abort.abort(new Error('enough'));
    await expect(pending).rejects.toThrow('enough');
    await proxy.idle();
  });

  it('is ended by close() while the proxy does not answer', async () => {
    const { proxy, fetch } = await through({ stall: true });
    const pending = fetch('https://127.0.0.1:1/');
    await proxy.request();
    fetch.close();
    await expect(pending).rejects.toThrow('closed');
    await proxy.idle();
  });

  it('limits the time a proxy may take to connect', async () => {
    const { fetch } = await through({ stall: true }, { timeoutMs: 30 });
    await expect(fetch('https://127.0.0.1:1/')).rejects.toThrow('No answer within 30 ms');
  });

  it('passes a stream on as it comes', async () => {
    const server = await plain([open(), send('data: 1\n\n'), stall()]);
    const { fetch } = await through();
    const abort = new AbortController();
    const response = await fetch(server.uri, { signal: abort.signal });
    for await (const chunk of response.body ?? []) {
      expect(Buffer.from(chunk).toString()).toBe('data: 1\n\n');
      break;
    }
    await (await server.exchange(0)).closed;
  });

  it('hands on what a target behind the proxy answers', async () => {
    const server = await plain([status(401)]);
    const { fetch } = await through();
    const response = await fetch(server.uri);
    expect(response.status).toBe(401);
    await discard(response);
  });
});
