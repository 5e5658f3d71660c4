// docs/protocol.md, 8.1: certificates and proxies, for stream, polling and events alike.
import type { ClientOptions } from 'feathery-server-sdk';
import { AUTHORITY, SERVER } from '../support/certificates.js';
import { data, live, Outsider, requestsTo, serving, settle, until } from '../support/outsider.js';
import { ForwardProxy } from '../support/proxy.js';
import { json } from '../support/sse-server.js';

const ALICE = { key: 'alice' };
const TRUSTED = { tlsParams: { ca: AUTHORITY } };

describe('connections', () => {
  let outside: Outsider;

  beforeEach(() => {
    outside = new Outsider();
  });

  afterEach(async () => {
    await outside.close();
  });

  async function reaches(mode: 'stream' | 'poll', secure: boolean, options: ClientOptions) {
    const settings = { a: serving('there') };
    const answers = mode === 'stream' ? live(settings) : [json(data(settings))];
    const server = await outside.serve([answers], secure ? { tls: SERVER } : {});
    const client = outside.client(server, { stream: mode === 'stream', diagnosticOptOut: false, ...options });
    await client.waitForInitialization({ timeoutMs: 4000 });
    expect(client.variation('a', ALICE, 'd')).toBe('there');
    await client.flush();
    await until(() => server.posts.length === 2);
    expect(server.posts.map(({ path }) => path).sort()).toEqual(['/bulk', '/diagnostic']);
    return { client, server };
  }

  describe.each(['stream', 'poll'] as const)('%s and events', (mode) => {
    it('trust a custom authority', async () => {
      await reaches(mode, true, TRUSTED);
    });

    it('trust anyone where verification is skipped', async () => {
      await reaches(mode, true, { tlsParams: { rejectUnauthorized: false } });
    });

    it('verify certificates by default, and take a failure for a network error', async () => {
      const server = await outside.serve([live()], { tls: SERVER });
      const client = outside.client(server, { stream: mode === 'stream' });
      client.identify(ALICE);
      await until(() => outside.warnings().length > 0);
      await settle();
      expect(client.status().state).toBe('initializing');
      expect(outside.errors()).toEqual([]);
      expect([server.exchanges, server.posts]).toEqual([[], []]);
    });

    it('go through a proxy in absolute form for http', async () => {
      const proxy = outside.keep(await ForwardProxy.listen());
      const { server } = await reaches(mode, false, {
        proxyOptions: { host: '127.0.0.1', port: proxy.port, auth: 'user:secret' },
      });
      const path = mode === 'stream' ? '/all' : '/sdk/latest-all';
      expect([...proxy.lines].sort()).toEqual(
        [`GET ${server.uri}${path}`, `POST ${server.uri}/bulk`, `POST ${server.uri}/diagnostic`].sort(),
      );
      for (const { headers } of proxy.requests) {
        expect(headers['proxy-authorization']).toBe(`Basic ${Buffer.from('user:secret').toString('base64')}`);
        expect(headers.host).toBe(new URL(server.uri).host);
      }
    });

    it('go through a proxy by CONNECT for https', async () => {
      const proxy = outside.keep(await ForwardProxy.listen());
      const { server } = await reaches(mode, true, {
        ...TRUSTED,
        proxyOptions: { host: '127.0.0.1', port: proxy.port },
      });
      expect(new Set(proxy.lines)).toEqual(new Set([`CONNECT 127.0.0.1:${server.port}`]));
    });
  });

  it('verify certificates behind a proxy too', async () => {
    const proxy = outside.keep(await ForwardProxy.listen());
    const server = await outside.serve([live()], { tls: SERVER });
    outside.client(server, { proxyOptions: { host: '127.0.0.1', port: proxy.port }, sendEvents: false });
    await until(() => outside.warnings().length > 0);
    expect(requestsTo(server, '/all')).toEqual([]);
  });

  it('say in the diagnostic event that there is a proxy', async () => {
    const proxy = outside.keep(await ForwardProxy.listen());
    const { server } = await reaches('stream', false, {
      proxyOptions: { host: '127.0.0.1', port: proxy.port, auth: 'a:b' },
    });
    const [request] = requestsTo(server, '/diagnostic');
    const { configuration } = JSON.parse((await request?.body)?.toString() ?? '');
    expect(configuration).toMatchObject({ usingProxy: true, usingProxyAuthenticator: true });
  });

  it('are taken up again after the proxy has been away', async () => {
    const proxy = outside.keep(await ForwardProxy.listen());
    const { client, server } = await reaches('stream', true, {
      ...TRUSTED,
      proxyOptions: { host: '127.0.0.1', port: proxy.port },
    });
    for (const socket of proxy.sockets) socket.destroy();
    await server.exchange(1);
    await until(() => client.status().state === 'ready');
  });
});
