import { createClient, type FeatheryClient } from '../lib/index.js';
import { type FaultServer, faultServer, settings } from '../lib/testing.js';
import { next } from './support/client.js';

const ada = { key: 'ada' };
const quiet = { error() {}, warn() {}, info() {}, debug() {} };

describe('fault server', () => {
  let server: FaultServer;
  let client: FeatheryClient;
  beforeEach(async () => {
    server = await faultServer({ settings: settings({ a: 1 }) });
    client = createClient(server.sdkKey, {
      serviceUri: server.uri,
      streamInitialReconnectDelayMs: 1,
      diagnosticOptOut: true,
      logger: quiet,
    });
    await client.waitForInitialization({ timeoutMs: 5000 });
  });
  afterEach(async () => {
    await client.close();
    await server.close();
  });

  it('serves settings and their changes, and takes analytics in', async () => {
    expect(client.variation('a', ada, 0)).toBe(1);
    const updated = next(client, 'update:a');
    server.settings.set('a', 2);
    await updated;
    expect(client.variation('a', ada, 0)).toBe(2);
    client.track('done', ada);
    await client.flush();
    expect((server.events as { kind: string }[]).map(({ kind }) => kind).sort()).toEqual([
      'custom',
      'index',
      'summary',
    ]);
    expect(server.requests[0]).toEqual({ method: 'GET', path: '/all', status: 200 });
    expect(server.openStreams).toBe(1);
  });

  it('can drop connections', async () => {
    const interrupted = next(client, 'interrupted');
    server.drop();
    await interrupted;
    await next(client, 'live');
    expect(client.variation('a', ada, 0)).toBe(1);
  });

  it('can answer with a status until it recovers', async () => {
    const interrupted = next(client, 'interrupted');
    server.fail(503);
    await interrupted;
    await next(client, 'error');
    server.settings.set('a', 2);
    server.recover();
    await next(client, 'live');
    expect(client.variation('a', ada, 0)).toBe(2);
  });

  it('can refuse the key, and accept another', async () => {
    const refused = new Promise((resolve) =>
      client.on('error', (error) => error.code === 'SDK_KEY_REJECTED' && resolve(error)),
    );
    server.expireKey('the-next-key');
    await refused;
    expect(client.variation('a', ada, 0)).toBe(1);
    client.rotate('the-next-key');
    await next(client, 'live');
    expect(server.sdkKey).toBe('the-next-key');
  });

  it('can fall silent and catch up', async () => {
    server.stall();
    server.settings.set('a', 2);
    const other = createClient(server.sdkKey, { serviceUri: server.uri, logger: quiet, sendEvents: false });
    await expect(other.waitForInitialization({ timeoutMs: 30 })).rejects.toMatchObject({
      code: 'INITIALIZATION_TIMEOUT',
    });
    await other.close();
    expect(client.variation('a', ada, 0)).toBe(1);
    const updated = next(client, 'update:a');
    server.recover();
    await updated;
    expect(client.variation('a', ada, 0)).toBe(2);
  });

  it('can be slow', async () => {
    server.slow(30);
    const startedAt = performance.now();
    client.track('slow', ada);
    await client.flush();
    expect(performance.now() - startedAt).toBeGreaterThan(25);
  });

  it('speaks polling too, and knows no other address', async () => {
    const polling = createClient(server.sdkKey, { serviceUri: server.uri, stream: false, logger: quiet });
    await polling.waitForInitialization({ timeoutMs: 5000 });
    expect(polling.variation('a', ada, 0)).toBe(1);
    await polling.close();
    const elsewhere = await fetch(`${server.uri}/else`, { headers: { authorization: server.sdkKey } });
    expect(elsewhere.status).toBe(404);
    expect((await fetch(`${server.uri}/all`)).status).toBe(401);
  });
});
