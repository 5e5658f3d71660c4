import type { AddressInfo } from 'node:net';
import { SESSION_LIFETIME_MS } from '../../src/sessions.js';
import { type SignedIn, signInAs } from '../support/access.js';
import { ADMIN_TOKEN, openTestApp, SDK_KEY, type TestApp } from '../support/app.js';
import { SseClient } from '../support/sse-client.js';

let service: TestApp;
let now: number;
let address: string;
let clients: SseClient[];

beforeEach(async () => {
  now = Date.now();
  service = await openTestApp({ now: () => now, config: { ingestWindowMs: 0, maxWatchers: 2, heartbeatMs: 100 } });
  await service.app.listen({ port: 0, host: '127.0.0.1' });
  address = `http://127.0.0.1:${(service.app.server.address() as AddressInfo).port}`;
  clients = [];
});

afterEach(async () => {
  for (const client of clients) client.close();
  await service.close();
});

async function open(path: string, headers: Record<string, string>): Promise<SseClient> {
  const client = await SseClient.open(address + path, headers);
  clients.push(client);
  return client;
}

const watch = () => open('/api/v1/environments/production/live', { authorization: `Bearer ${ADMIN_TOKEN}` });
const stream = (instanceId: string) =>
  open('/all', { authorization: SDK_KEY, 'x-feathery-protocol': '1', 'x-launchdarkly-instance-id': instanceId });

async function admin(method: 'POST' | 'PUT' | 'PATCH', path: string, payload: object) {
  const answer = await service.app.inject({ method, url: `/api/v1${path}`, headers: service.asAdmin, payload });
  return answer.json();
}

function report(instanceId: string, revision: number) {
  return service.app.inject({
    method: 'POST',
    url: '/sdk/receipts',
    headers: { authorization: SDK_KEY },
    payload: { instanceId, revision },
  });
}

/** The next event of a name; others are passed over. */
async function nextOf(client: SseClient, name: string) {
  for (;;) {
    const { event, data } = await client.next();
    if (event === name) return data;
  }
}

describe('live', () => {
  it('begins with where things stand', async () => {
    await stream('i-1');
    const watcher = await watch();
    expect(await watcher.next()).toMatchObject({
      event: 'hello',
      data: { environment: 'production', revision: expect.any(Number), connected: 1, reporting: 1 },
    });
  });

  it('tells who changed what, in words', async () => {
    await admin('POST', '/settings', { key: 'a', type: 'boolean' });
    const watcher = await watch();
    const { revision } = await admin('PATCH', '/environments/production/settings/a?comment=for%20the%20demo', {
      on: true,
    });
    const change = await nextOf(watcher, 'change');
    expect(change).toMatchObject({ revision, items: [{ kind: 'setting', key: 'a', summary: 'turned on' }] });
    expect(change.author).toEqual(expect.any(String));
    expect(Date.parse(change.at)).not.toBeNaN();
  });

  it('tells what else was done, wherever it was, and only what is new', async () => {
    await admin('POST', '/environments', { key: 'staging', name: 'Staging' });
    const watcher = await watch();
    // What was done a moment before may be unknown to who has just come.
    expect((await nextOf(watcher, 'audit')).actions).toContainEqual({
      action: 'environment.create',
      environment: 'staging',
    });
    await admin('PUT', '/environments/staging/freeze', { reason: 'holidays' });
    expect(await nextOf(watcher, 'audit')).toEqual({
      actions: [{ action: 'environment.freeze', environment: 'staging' }],
    });
    await admin('POST', '/members', { email: 'ed@example.test', role: 'editor' });
    expect(await nextOf(watcher, 'audit')).toEqual({ actions: [{ action: 'member.create', environment: null }] });
  });

  it('follows a change until every server that reports has it', async () => {
    await admin('POST', '/settings', { key: 'a', type: 'boolean' });
    const server = await stream('i-1');
    await server.next();
    const watcher = await watch();
    const { revision } = await admin('PATCH', '/environments/production/settings/a', { on: true });
    const landingOf = async () => {
      for (;;) {
        const landing = await nextOf(watcher, 'landing');
        if (landing.revision === revision) return landing;
      }
    };
    expect(await landingOf()).toMatchObject({ revision, applied: 0, connected: 1, waiting: ['i-1'], done: false });
    expect((await report('i-1', revision)).statusCode).toBe(202);
    const landing = await landingOf();
    expect(landing).toMatchObject({ revision, applied: 1, connected: 1, waiting: [], done: true });
    expect(landing.slowestMs).toBeGreaterThanOrEqual(0);
  });

  it('tells when servers come and go', async () => {
    const watcher = await watch();
    const server = await stream('i-1');
    expect(await nextOf(watcher, 'connections')).toEqual({ connected: 1, reporting: 1 });
    server.close();
    expect(await nextOf(watcher, 'connections')).toEqual({ connected: 0, reporting: 0 });
  });

  it('tells what is counted', async () => {
    const watcher = await watch();
    const features = { a: { default: 0, contextKinds: ['user'], counters: [{ variation: 0, version: 1, count: 3 }] } };
    await service.app.inject({
      method: 'POST',
      url: '/bulk',
      headers: { authorization: SDK_KEY },
      payload: [
        { kind: 'summary', startDate: 1, endDate: Date.now(), features },
        {
          kind: 'custom',
          key: 'purchase',
          creationDate: Date.now(),
          metricValue: 2.5,
          context: { kind: 'user', key: 'u' },
        },
      ],
    });
    expect(await nextOf(watcher, 'evaluations')).toEqual({ settings: { a: 3 } });
    expect(await nextOf(watcher, 'custom')).toEqual({ events: { purchase: { count: 1, sum: 2.5 } } });
  });

  it('takes a bounded number of watchers, and nobody who may not look', async () => {
    await watch();
    await watch();
    expect((await watch()).status).toBe(503);
    expect((await open('/api/v1/environments/production/live', {})).status).toBe(401);
    expect((await open('/api/v1/environments/none/live', { authorization: `Bearer ${ADMIN_TOKEN}` })).status).toBe(404);
  });
});

describe('live, for those whose access ends', () => {
  const PATH = '/api/v1/environments/production/live';

  async function call(method: 'POST' | 'DELETE', path: string, payload?: object, headers = service.asAdmin) {
    const url = `/api/v1${path}`;
    const answer = await service.app.inject({ method, url, headers, ...(payload && { payload }) });
    return answer.body === '' ? undefined : answer.json();
  }

  it.each<[string, (member: SignedIn) => Promise<unknown>]>([
    [
      'signs out',
      ({ headers }) => service.app.inject({ method: 'DELETE', url: '/api/v1/session', headers: { ...headers } }),
    ],
    ['is removed', ({ id }) => call('DELETE', `/members/${id}`)],
    ['is signed out by an admin', ({ id }) => call('DELETE', `/members/${id}/sessions`)],
  ])('ends when the member %s, and only then', async (_what, end) => {
    const [leaving, staying] = [await signInAs(service, 'viewer'), await signInAs(service, 'editor')];
    const watcher = await open(PATH, { ...leaving.headers });
    const other = await open(PATH, { ...staying.headers });
    await end(leaving);
    await watcher.closed;
    expect((await open(PATH, { ...leaving.headers })).status).toBe(401);
    await admin('POST', '/settings', { key: 'a', type: 'boolean' });
    expect(await nextOf(other, 'change')).toMatchObject({ items: [{ key: 'a' }] });
  });

  it('ends when a session expires', async () => {
    const watcher = await open(PATH, { ...(await signInAs(service, 'viewer')).headers });
    now += SESSION_LIFETIME_MS;
    await watcher.closed;
  });

  it('ends when a token is revoked or expires', async () => {
    const create = (expiresAt: number | null) =>
      call('POST', '/tokens', { name: 't', role: 'viewer', expiresAt: expiresAt && new Date(expiresAt).toISOString() });
    const [revoked, expiring] = [await create(null), await create(now + 60_000)];
    const watchers = await Promise.all(
      [revoked, expiring].map(({ secret }) => open(PATH, { authorization: `Bearer ${secret}` })),
    );
    await call('DELETE', `/tokens/${revoked.token.id}`);
    await watchers[0]?.closed;
    expect(watchers[1]?.isClosed).toBe(false);
    now += 60_000;
    await watchers[1]?.closed;
  });
});

describe('POST /sdk/receipts', () => {
  it('says anew how often reports are wanted', async () => {
    const answer = await report('stranger', 1);
    expect([answer.statusCode, answer.headers['x-feathery-receipts']]).toEqual([202, 'interval-ms=20']);
  });

  it('takes no offence at a report that says nothing', async () => {
    const answer = await service.app.inject({
      method: 'POST',
      url: '/sdk/receipts',
      headers: { authorization: SDK_KEY },
      payload: { revision: 'x' },
    });
    expect(answer.statusCode).toBe(202);
  });

  it('answers 401 to an unknown key', async () => {
    const answer = await service.app.inject({ method: 'POST', url: '/sdk/receipts', payload: {} });
    expect(answer.statusCode).toBe(401);
  });
});

describe('GET connections', () => {
  it('lists who is connected, those behind first', async () => {
    await admin('POST', '/settings', { key: 'a', type: 'boolean' });
    const [first, second] = [await stream('i-1'), await stream('i-2')];
    await Promise.all([first.next(), second.next()]);
    const { revision } = await admin('PATCH', '/environments/production/settings/a', { on: true });
    await Promise.all([first.next(), second.next()]);
    await report('i-1', revision);
    await report('i-2', revision - 1);
    const { connections, ...totals } = (
      await service.app.inject({ url: '/api/v1/environments/production/connections', headers: service.asAdmin })
    ).json();
    expect(totals).toEqual({ revision, connected: 2, reporting: 2, nodes: { total: 1, answered: 1 } });
    expect(connections).toMatchObject([
      { instanceId: 'i-2', revision: revision - 1, confirmed: true },
      { instanceId: 'i-1', revision, confirmed: true, address: '127.0.0.1' },
    ]);
    expect(connections[1].lagMs).toBeGreaterThanOrEqual(0);
  });
});
