import type { AddressInfo } from 'node:net';
import type { Config } from '../../src/config.js';
import { openTestApp, SDK_KEY, type TestApp } from '../support/app.js';
import { SseClient } from '../support/sse-client.js';

const CAPABLE = { authorization: SDK_KEY, 'x-feathery-protocol': '1', 'x-launchdarkly-instance-id': 'i-1' };

let service: TestApp;
let address: string;
let clients: SseClient[];

async function start(config: Partial<Config> = {}): Promise<void> {
  service = await openTestApp({ config });
  await service.app.listen({ port: 0, host: '127.0.0.1' });
  address = `http://127.0.0.1:${(service.app.server.address() as AddressInfo).port}`;
  clients = [];
}

async function connect(
  headers: Record<string, string> = { authorization: SDK_KEY },
  path = '/all',
): Promise<SseClient> {
  const client = await SseClient.open(address + path, headers);
  clients.push(client);
  return client;
}

async function admin(method: 'POST' | 'PATCH' | 'DELETE', path: string, payload?: object) {
  const answer = await service.app.inject({
    method,
    url: `/api/v1${path}`,
    headers: service.asAdmin,
    ...(payload && { payload }),
  });
  if (answer.statusCode >= 300) throw new Error(answer.body);
  return answer.statusCode === 204 ? undefined : answer.json();
}

const createSetting = (key: string) => admin('POST', '/settings', { key, type: 'boolean' });
const turn = (key: string, on: boolean) => admin('PATCH', `/environments/production/settings/${key}`, { on });

afterEach(async () => {
  for (const client of clients) client.close();
  await service.close();
});

describe('GET /all', () => {
  it('begins with a put of everything and the path /, with the headers of an event stream', async () => {
    await start();
    await createSetting('a');
    const client = await connect();
    expect(client.status).toBe(200);
    expect(client.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
    });
    expect(client.headers).not.toHaveProperty('content-encoding');
    expect(client.headers).not.toHaveProperty('x-feathery-protocol');
    const put = await client.next();
    expect(put).toMatchObject({ event: 'put', data: { path: '/' } });
    expect(Object.keys(put.data.data.flags)).toEqual(['a']);
    expect(put.data.data.segments).toEqual({});
  });

  it('sends each change as a patch and a deletion with its version', async () => {
    await start();
    await createSetting('a');
    const client = await connect();
    await client.next();
    const { revision } = await turn('a', true);
    expect(await client.next()).toMatchObject({
      event: 'patch',
      data: { path: '/flags/a', data: { key: 'a', on: true, version: revision } },
    });
    await admin('DELETE', '/settings/a');
    expect(await client.next()).toMatchObject({ event: 'delete', data: { path: '/flags/a', version: revision + 1 } });
  });

  it('sends what changed together to a capable client as one event, to others in order of need', async () => {
    await start();
    await createSetting('dependent');
    await createSetting('required');
    const plain = await connect();
    const capable = await connect(CAPABLE);
    await plain.next();
    await capable.next();
    await admin('POST', '/environments/production/changes', {
      changes: [
        { setting: 'dependent', patch: { prerequisites: [{ key: 'required', variation: 0 }] } },
        { setting: 'required', patch: { on: true } },
      ],
    });
    const whole = await capable.next();
    expect(whole.event).toBe('changes');
    expect(whole.data.put.map(({ path }: { path: string }) => path).sort()).toEqual([
      '/flags/dependent',
      '/flags/required',
    ]);
    expect((await plain.next()).data.path).toBe('/flags/required');
    expect((await plain.next()).data.path).toBe('/flags/dependent');
  });

  it('answers the capability and says how often receipts are wanted', async () => {
    await start();
    const client = await connect(CAPABLE);
    expect(client.headers['x-feathery-protocol']).toBe('1');
    expect(client.headers['x-feathery-receipts']).toMatch(/^interval-ms=\d+$/);
  });

  it('accepts the older form of the Authorization header', async () => {
    await start();
    expect((await connect({ authorization: `api_key ${SDK_KEY}` })).status).toBe(200);
  });

  it('answers 401 without a key and with an unknown one, and 404 to a filter nobody has made', async () => {
    await start();
    expect((await connect({})).status).toBe(401);
    expect((await connect({ authorization: 'sdk-unknown' })).status).toBe(401);
    expect((await connect({ authorization: SDK_KEY }, '/all?filter=none')).status).toBe(404);
    expect((await connect({ authorization: SDK_KEY }, '/all?filter=')).status).toBe(200);
  });

  it('keeps a silent stream alive with comments', async () => {
    await start({ heartbeatMs: 100 });
    const client = await connect();
    await client.next();
    await client.until(() => client.comments > 1);
    expect(client.isClosed).toBe(false);
  });

  it('answers 503 with Retry-After when there are as many streams as allowed', async () => {
    await start({ maxStreamsPerKey: 1 });
    const first = await connect();
    await first.next();
    const refused = await connect();
    expect(refused.status).toBe(503);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('ends the streams of an SDK key that has expired', async () => {
    await start();
    const { sdkKey, secret } = await admin('POST', '/environments/production/sdk-keys', { name: 'second' });
    const client = await connect({ authorization: secret });
    const other = await connect();
    await client.next();
    await admin('DELETE', `/environments/production/sdk-keys/${sdkKey.id}`);
    await client.closed;
    expect(other.isClosed).toBe(false);
  });

  it('asks clients to come back spread over time when the service stops', async () => {
    await start();
    const client = await connect();
    await client.next();
    await service.app.close();
    await client.closed;
    expect(client.retryMs).toBeGreaterThanOrEqual(1000);
  });

  it('closes a reader that takes nothing, and the others get every change meanwhile', async () => {
    await start({ maxWaitingBytes: 1024 });
    await admin('POST', '/settings', {
      key: 'large',
      type: 'string',
      variations: [{ value: 'x'.repeat(200_000) }, { value: 'y' }],
    });
    const stuck = await SseClient.open(`${address}/all`, { authorization: SDK_KEY });
    clients.push(stuck);
    stuck.pause();
    const reader = await connect();
    await reader.next();
    for (let round = 0; service.parts.streaming.hub.counts.dropped === 0; round++) {
      expect(round).toBeLessThan(200);
      const { revision } = await turn('large', round % 2 === 0);
      expect((await reader.next()).data.data.version).toBe(revision);
    }
    expect(service.parts.streaming.hub.size).toBe(1);
  });
});

describe('a returning client', () => {
  async function positionOf(client: SseClient): Promise<string> {
    return (await client.next()).id as string;
  }

  it('that missed nothing is told so in less than 1 KB', async () => {
    await start();
    await createSetting('a');
    const first = await connect(CAPABLE);
    const id = await positionOf(first);
    const again = await connect({ ...CAPABLE, 'last-event-id': id });
    expect(await again.next()).toMatchObject({ event: 'synced', id });
    expect(again.bytes).toBeLessThan(1024);
  });

  it('gets only the change sets it missed, then synced, then what comes', async () => {
    await start();
    await createSetting('a');
    const first = await connect(CAPABLE);
    const id = await positionOf(first);
    await turn('a', true);
    const { revision } = await turn('a', false);
    const again = await connect({ ...CAPABLE, 'last-event-id': id });
    expect((await again.next()).data.revision).toBe(revision - 1);
    expect((await again.next()).data.revision).toBe(revision);
    expect(await again.next()).toMatchObject({ event: 'synced', data: { revision } });
    await turn('a', true);
    expect(await again.next()).toMatchObject({ event: 'changes', data: { revision: revision + 1 } });
  });

  it.each([
    ['is from another epoch', (id: string) => id.replace(/^.{16}/, 'f'.repeat(16))],
    ['is ahead of the service', (id: string) => id.replace(/\d+$/, '999999')],
    ['is nothing the service wrote', () => 'what'],
  ])('gets everything when its position %s', async (_why, change) => {
    await start();
    const first = await connect(CAPABLE);
    const id = change(await positionOf(first));
    const again = await connect({ ...CAPABLE, 'last-event-id': id });
    expect((await again.next()).event).toBe('put');
  });

  it('gets everything when it missed more than is bridged', async () => {
    await start({ maxResumeChanges: 1 });
    await createSetting('a');
    const id = await positionOf(await connect(CAPABLE));
    await turn('a', true);
    await turn('a', false);
    const again = await connect({ ...CAPABLE, 'last-event-id': id });
    expect((await again.next()).event).toBe('put');
  });

  it('without the capability always gets everything, whatever it last saw', async () => {
    await start();
    const id = await positionOf(await connect(CAPABLE));
    const again = await connect({ authorization: SDK_KEY, 'last-event-id': id });
    expect((await again.next()).event).toBe('put');
  });
});
