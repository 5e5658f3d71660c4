import { type ClosableFetch, createFetch, readText } from '../lib/http.js';
import type { TlsOptions } from '../lib/options.js';
import { AUTHORITY, CLIENT, SERVER } from './support/certificates.js';
import { json, ScriptedServer } from './support/sse-server.js';

let server: ScriptedServer;
const fetches: ClosableFetch[] = [];

beforeAll(async () => {
  server = await ScriptedServer.listen([[json({})]], { tls: SERVER });
});

afterEach(() => {
  for (const fetch of fetches.splice(0)) fetch.close();
});

afterAll(() => server.close());

async function ask(tlsParams: TlsOptions | undefined, host = '127.0.0.1'): Promise<string> {
  const fetch = createFetch({ tlsParams, proxyOptions: undefined, keepAlive: false, timeoutMs: 10_000 });
  fetches.push(fetch);
  return readText(await fetch(`https://${host}:${server.port}/`));
}

describe('fetch over TLS', () => {
  it('refuses a certificate of an unknown authority', async () => {
    await expect(ask(undefined)).rejects.toThrow('unable to verify the first certificate');
  });

  it.each([
    ['text', AUTHORITY],
    ['bytes', Buffer.from(AUTHORITY)],
    ['a list', [CLIENT.cert, AUTHORITY]],
  ])('accepts a certificate of an authority given as %s', async (_, ca) => {
    await expect(ask({ ca })).resolves.toBe('{}');
  });

  it('accepts any certificate where verification is off', async () => {
    await expect(ask({ rejectUnauthorized: false })).resolves.toBe('{}');
  });

  it('refuses a certificate for another name, unless that name is expected', async () => {
    await expect(ask({ ca: AUTHORITY, servername: 'other.test' })).rejects.toThrow('does not match');
    await expect(ask({ ca: AUTHORITY, servername: 'feathery.test' })).resolves.toBe('{}');
  });

  it('shows a client certificate', async () => {
    const strict = await ScriptedServer.listen([[json({})]], {
      tls: { ...SERVER, ca: AUTHORITY, requestCert: true, rejectUnauthorized: true },
    });
    try {
      const fetch = createFetch({
        tlsParams: { ca: AUTHORITY, ...CLIENT },
        proxyOptions: undefined,
        keepAlive: false,
        timeoutMs: 10_000,
      });
      fetches.push(fetch);
      await expect(fetch(strict.uri).then(readText)).resolves.toBe('{}');
      const anonymous = createFetch({
        tlsParams: { ca: AUTHORITY },
        proxyOptions: undefined,
        keepAlive: false,
        timeoutMs: 10_000,
      });
      fetches.push(anonymous);
      await expect(anonymous(strict.uri)).rejects.toThrow();
    } finally {
      await strict.close();
    }
  });
});
