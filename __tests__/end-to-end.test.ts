import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createClient, type FeatheryClient } from 'feathery-server-sdk';
import {
  ADMIN_TOKEN,
  admin,
  createSetting,
  patchSetting,
  SDK_KEY,
  type Service,
  startService,
} from './support/service.js';

const USER = { key: 'ada@acme.example' };
const MAIN = join(__dirname, '../service/dist/main.js');
const WITHIN_MS = 20_000;

jest.setTimeout(60_000);

describe('end to end', () => {
  let dataDir: string;
  let service: Service;
  const clients: FeatheryClient[] = [];

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'feathery-end-to-end-'));
    service = await startService({ dataDir });
  });

  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await service.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  async function connect(options = {}): Promise<FeatheryClient> {
    const client = createClient(SDK_KEY, {
      serviceUri: service.uri,
      streamInitialReconnectDelayMs: 50,
      diagnosticOptOut: true,
      ...options,
    });
    clients.push(client);
    return client.waitForInitialization({ timeoutMs: WITHIN_MS });
  }

  it('brings a change to every connected client', async () => {
    await createSetting(service.uri, 'pdf-export');
    const both = [await connect(), await connect()];
    expect(both.map((client) => client.variation('pdf-export', USER, true))).toEqual([false, false]);
    const seen = both.map((client) => valueBecomes(client, 'pdf-export', true));
    await patchSetting(service.uri, 'pdf-export', { fallthrough: { variation: 0 } });
    await Promise.all(seen);
  });

  it('brings a setting that is created later, and takes one away that is deleted', async () => {
    const client = await connect();
    expect(client.variationDetail('later', USER, 'mine').reason).toEqual({
      kind: 'ERROR',
      errorKind: 'FLAG_NOT_FOUND',
    });
    const created = valueBecomes(client, 'later', true);
    await createSetting(service.uri, 'later');
    await patchSetting(service.uri, 'later', { fallthrough: { variation: 0 } });
    await created;
    const deleted = valueBecomes(client, 'later', undefined);
    await admin(service.uri, 'DELETE', 'settings/later');
    await deleted;
    expect(client.variationDetail('later', USER, 'mine').reason).toEqual({
      kind: 'ERROR',
      errorKind: 'FLAG_NOT_FOUND',
    });
  });

  it('applies a change of several settings at once', async () => {
    await createSetting(service.uri, 'old-way');
    await createSetting(service.uri, 'new-way');
    await patchSetting(service.uri, 'old-way', { fallthrough: { variation: 0 } });
    const client = await connect();
    const halves: boolean[] = [];
    const look = () =>
      halves.push(client.variation('old-way', USER, false) === client.variation('new-way', USER, false));
    client.on('update', look);
    const seen = valueBecomes(client, 'new-way', true);
    await admin(service.uri, 'POST', 'environments/production/changes', {
      changes: [
        { setting: 'old-way', patch: { fallthrough: { variation: 1 } } },
        { setting: 'new-way', patch: { fallthrough: { variation: 0 } } },
      ],
    });
    await seen;
    expect(halves.length).toBeGreaterThan(0);
    expect(halves).not.toContain(true);
  });

  it('serves what it has while the service is away, and takes up where it left off', async () => {
    await createSetting(service.uri, 'pdf-export');
    const client = await connect();
    const { revision } = client.status();
    const interrupted = nextEvent(client, 'interrupted');
    await service.close();
    await interrupted;
    expect(client.variation('pdf-export', USER, true)).toBe(false);

    const live = nextEvent(client, 'live');
    service = await startService({ dataDir, port: service.port });
    const reconnected = nextStreamRequest(service);
    await live;
    const { request, socket } = await reconnected;
    expect(request.headers['last-event-id']).toMatch(new RegExp(`^[0-9a-f]{16}:${revision}$`));
    expect(socket.bytesWritten).toBeLessThan(1024);

    const seen = valueBecomes(client, 'pdf-export', true);
    await patchSetting(service.uri, 'pdf-export', { fallthrough: { variation: 0 } });
    await seen;
  });

  it('gets what was changed while it was away', async () => {
    await createSetting(service.uri, 'pdf-export');
    const client = await connect();
    const interrupted = nextEvent(client, 'interrupted');
    const { port } = service;
    await service.close();
    await interrupted;

    // The change is made through another address before the client can be back.
    const elsewhere = await startService({ dataDir });
    await patchSetting(elsewhere.uri, 'pdf-export', { fallthrough: { variation: 0 } });
    await elsewhere.close();
    const seen = valueBecomes(client, 'pdf-export', true);
    service = await startService({ dataDir, port });
    await seen;
  });

  it('delivers every count before close resolves', async () => {
    await createSetting(service.uri, 'pdf-export');
    const client = await connect();
    const from = new Date(Date.now() - 3_600_000).toISOString();
    for (let index = 0; index < 1000; index++) client.variation('pdf-export', { key: `user-${index % 50}` }, true);
    client.track('invoice-sent', USER, undefined, 99.5);
    const counts = await client.close();
    expect(counts).toMatchObject({ queued: 0, dropped: { full: 0, refused: 0, expired: 0 } });
    expect(counts.delivered).toBe(counts.accepted);

    const to = new Date(Date.now() + 3_600_000).toISOString();
    const path = `environments/production/analytics?setting=pdf-export&from=${from}&to=${to}`;
    const analytics = await admin<{
      settings: { key: string; total: number; byVariation: { variation: number | null; count: number }[] }[];
      customEvents: { key: string; count: number; sum: number }[];
    }>(service.uri, 'GET', path);
    expect(analytics.settings).toEqual([
      expect.objectContaining({
        key: 'pdf-export',
        total: 1000,
        byVariation: expect.arrayContaining([{ variation: 1, count: 1000 }]),
      }),
    ]);
    expect(analytics.customEvents).toContainEqual(
      expect.objectContaining({ key: 'invoice-sent', count: 1, sum: 99.5 }),
    );
  });

  it('tells the service who is connected and which revision it has', async () => {
    await createSetting(service.uri, 'pdf-export');
    const client = await connect();
    const seen = valueBecomes(client, 'pdf-export', true);
    const revision = await patchSetting(service.uri, 'pdf-export', { fallthrough: { variation: 0 } });
    await seen;
    expect(client.status()).toMatchObject({ state: 'ready', source: 'stream', revision });
    const { connections } = await admin<{ connections: { sdk: string }[] }>(
      service.uri,
      'GET',
      'environments/production/connections',
    );
    expect(connections).toEqual([expect.objectContaining({ sdk: expect.stringMatching(/^FeatheryNodeServer\//) })]);
  });

  it('loses no acknowledged change to kill -9', async () => {
    await service.close();
    const killed = await startProcess(dataDir);
    await createSetting(killed.uri, 'pdf-export');
    let acknowledged = 0;
    for (let index = 0; index < 20; index++) {
      acknowledged = await patchSetting(killed.uri, 'pdf-export', { fallthrough: { variation: index % 2 } });
    }
    const client = createClient(SDK_KEY, { serviceUri: killed.uri, streamInitialReconnectDelayMs: 50 });
    clients.push(client);
    await client.waitForInitialization({ timeoutMs: WITHIN_MS });
    const interrupted = nextEvent(client, 'interrupted');
    await killed.kill();
    await interrupted;
    expect(client.variation('pdf-export', USER, true)).toBe(false);

    service = await startService({ dataDir, port: killed.port });
    const next = await patchSetting(service.uri, 'pdf-export', { fallthrough: { variation: 0 } });
    expect(next).toBe(acknowledged + 1);
    await valueBecomes(client, 'pdf-export', true);
  });
});

/** Resolves when the value for the user is the one wanted. */
async function valueBecomes(client: FeatheryClient, key: string, wanted: unknown): Promise<void> {
  const signal = AbortSignal.timeout(WITHIN_MS);
  for await (const value of client.watch<string, unknown>(key, USER, undefined, { signal })) {
    if (value === wanted) return;
  }
  throw new Error(`"${key}" did not become ${JSON.stringify(wanted)} within ${WITHIN_MS} ms`);
}

function nextEvent(client: FeatheryClient, name: 'interrupted' | 'live'): Promise<unknown> {
  return new Promise((resolve) => client.once(name, () => resolve(undefined)));
}

function nextStreamRequest(service: Service): Promise<{ request: IncomingMessage; socket: Socket }> {
  return new Promise((resolve) => {
    service.onRequest((request) => {
      if (request.url?.startsWith('/all')) resolve({ request, socket: request.socket });
    });
  });
}

/** The service as a process of its own, as it is built. */
async function startProcess(dataDir: string): Promise<{ uri: string; port: number; kill(): Promise<void> }> {
  if (!existsSync(MAIN)) throw new Error('service/dist is missing: npm run build makes it.');
  const child = spawn(process.execPath, [MAIN, 'serve', '--port', '0', '--data-dir', dataDir], {
    env: { ...process.env, FEATHERY_ADMIN_TOKEN: ADMIN_TOKEN, FEATHERY_SDK_KEY: SDK_KEY, FEATHERY_LOG_LEVEL: 'error' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const [, uri] = /^Feathery is ready on (\S+)/.exec(line) ?? [];
    if (uri === undefined) continue;
    const kill = async () => {
      const ended = once(child, 'close');
      child.kill('SIGKILL');
      await ended;
    };
    return { uri, port: Number(new URL(uri).port), kill };
  }
  throw new Error('The service ended before it was ready.');
}
