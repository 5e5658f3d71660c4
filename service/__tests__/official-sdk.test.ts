// The official server-side SDK against our service: what it expects and we do not say shows here.
import type { AddressInfo } from 'node:net';
import { init, type LDClient } from '@launchdarkly/node-server-sdk';
import { openTestApp, SDK_KEY, type TestApp } from './support/app.js';

const USER = { kind: 'user', key: 'user@test.com', name: 'Anna', plan: 'gold' };

let service: TestApp;
let client: LDClient;

beforeEach(async () => {
  service = await openTestApp();
  await service.app.listen({ port: 0, host: '127.0.0.1' });
});

afterEach(async () => {
  client.close();
  await service.close();
});

async function connect(options: { stream?: boolean } = {}): Promise<void> {
  const address = `http://127.0.0.1:${(service.app.server.address() as AddressInfo).port}`;
  client = init(SDK_KEY, {
    baseUri: address,
    streamUri: address,
    eventsUri: address,
    diagnosticOptOut: false,
    logger: { error() {}, warn() {}, info() {}, debug() {} },
    ...options,
  });
  await client.waitForInitialization({ timeout: 10 });
}

async function admin(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, payload?: object) {
  const answer = await service.app.inject({
    method,
    url: `/api/v1${path}`,
    headers: service.asAdmin,
    ...(payload && { payload }),
  });
  if (answer.statusCode >= 300) throw new Error(answer.body);
  return answer.statusCode === 204 ? undefined : answer.json();
}

function updateOf(key: string): Promise<void> {
  return new Promise((resolve) => {
    client.once(`update:${key}`, () => resolve());
  });
}

describe('the official Node SDK', () => {
  it('connects, evaluates, and takes over a patch and a deletion as they happen', async () => {
    await admin('POST', '/settings', { key: 'your.setting.key', type: 'boolean' });
    await connect();
    expect(await client.variation('your.setting.key', USER, true)).toBe(false);

    const patched = updateOf('your.setting.key');
    await admin('PATCH', '/environments/production/settings/your.setting.key', { on: true });
    await patched;
    expect(await client.variationDetail('your.setting.key', USER, false)).toEqual({
      value: true,
      variationIndex: 0,
      reason: { kind: 'FALLTHROUGH' },
    });

    const deleted = updateOf('your.setting.key');
    await admin('DELETE', '/settings/your.setting.key');
    await deleted;
    expect((await client.variationDetail('your.setting.key', USER, 'mine')).reason).toEqual({
      kind: 'ERROR',
      errorKind: 'FLAG_NOT_FOUND',
    });
  });

  it('is served by segments, rules and organizations as the admin set them', async () => {
    await admin('POST', '/settings', { key: 'by-segment', type: 'boolean' });
    await admin('POST', '/environments/production/segments', {
      key: 'beta',
      includedContexts: [{ contextKind: 'organization', values: ['acme'] }],
    });
    await admin('PATCH', '/environments/production/settings/by-segment', {
      on: true,
      fallthrough: { variation: 1 },
      rules: [{ id: 'r', variation: 0, clauses: [{ attribute: '', op: 'segmentMatch', values: ['beta'] }] }],
    });
    await connect();
    const ofAcme = { kind: 'multi', user: { key: 'u' }, organization: { key: 'acme' } } as const;
    expect(await client.variation('by-segment', ofAcme, false)).toBe(true);
    expect(await client.variation('by-segment', { kind: 'user', key: 'u' }, true)).toBe(false);
  });

  it('polls, if that is preferred', async () => {
    await admin('POST', '/settings', {
      key: 'polled',
      type: 'string',
      variations: [{ value: 'one' }, { value: 'two' }],
    });
    await connect({ stream: false });
    expect(await client.variation('polled', USER, 'mine')).toBe('two');
  });

  it('sends its events, and they are counted', async () => {
    await admin('POST', '/settings', { key: 'counted', type: 'boolean' });
    await connect();
    for (let call = 0; call < 5; call++) await client.variation('counted', USER, true);
    await client.variation('no-such-setting', USER, true);
    client.track('purchase', USER, undefined, 99.5);
    await client.flush();

    const { settings, customEvents } = await admin('GET', '/environments/production/analytics');
    expect(settings).toMatchObject([
      { key: 'counted', total: 5, byVariation: [{ variation: 1, count: 5 }] },
      { key: 'no-such-setting', total: 1, byVariation: [{ variation: null, count: 1 }] },
    ]);
    expect(customEvents).toEqual([{ key: 'purchase', count: 1, sum: 99.5 }]);
    const { contexts } = await admin('GET', '/environments/production/contexts?kind=user');
    expect(contexts).toMatchObject([{ key: 'user@test.com', name: 'Anna', attributes: { plan: 'gold' } }]);
  });

  it('is listed among the connections', async () => {
    await connect();
    const { connections } = await admin('GET', '/environments/production/connections');
    expect(connections).toMatchObject([{ sdk: expect.stringContaining('NodeJSClient'), confirmed: false }]);
  });
});
