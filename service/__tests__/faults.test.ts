// What may go wrong around a running service: it says so, goes on with what still works, and loses nothing that it has
// acknowledged.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { apiOf, createSettings, IN_PRODUCTION } from './support/api.js';
import { ADMIN_TOKEN, openTestApp, SDK_KEY, type TestApp } from './support/app.js';
import { buildProgram, type Program, type Running } from './support/process.js';
import { SseClient } from './support/sse-client.js';

const DAY_MS = 86_400_000;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'feathery-faults-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a full disk', () => {
  // The system refuses to let a file grow beyond this, as a full disk would.
  const FULL_AT_KIB = 1500;
  const ENV = { FEATHERY_ADMIN_TOKEN: ADMIN_TOKEN, FEATHERY_SDK_KEY: SDK_KEY, FEATHERY_LOG_LEVEL: 'error' };

  let program: Program;
  beforeAll(() => {
    program = buildProgram();
  }, 60_000);
  afterAll(() => program.remove());

  const start = (through?: readonly string[]) =>
    program.start(['serve', '--port', '0', '--data-dir', join(folder, 'data')], ENV, through);
  const limited = ['bash', '-c', `ulimit -S -f ${FULL_AT_KIB}; exec "$@"`, 'bash'];

  async function createSegment({ address }: Running, number: number) {
    const answer = await fetch(`${address}/api/v1${IN_PRODUCTION}/segments`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({ key: `s${number}`, included: ['x'.repeat(1000), `${number}`.repeat(500)] }),
    });
    return { status: answer.status, body: (await answer.json()) as { code?: string; detail?: string } };
  }

  it('refuses changes and analytics with 503, goes on serving, and keeps what it acknowledged', async () => {
    const service = await start(limited);
    const stream = await SseClient.open(`${service.address}/all`, { authorization: SDK_KEY });
    await stream.next();
    let stored = 0;
    let answer = await createSegment(service, stored);
    for (; answer.status === 201; answer = await createSegment(service, stored)) stored += 1;
    expect([answer.status, answer.body.code]).toEqual([503, 'database_unavailable']);
    expect(stored).toBeGreaterThan(5);

    const bulk = await fetch(`${service.address}/bulk`, {
      method: 'POST',
      headers: { authorization: SDK_KEY, 'x-launchdarkly-payload-id': 'p'.repeat(100) },
      body: JSON.stringify(Array.from({ length: 500 }, (_, n) => ({ kind: 'custom', key: `${n}`, creationDate: 1 }))),
    });
    expect(bulk.status).toBe(503);
    const poll = await fetch(`${service.address}/sdk/latest-all`, { headers: { authorization: SDK_KEY } });
    expect([poll.status, Object.keys(((await poll.json()) as { segments: object }).segments).length]).toEqual([
      200,
      stored,
    ]);
    expect(stream.isClosed).toBe(false);
    expect(service.stderr.join('\n')).toMatch(/SQLITE_(FULL|IOERR)/);
    stream.close();
    await service.end('SIGKILL');

    const again = await start();
    const list = await fetch(`${again.address}/api/v1${IN_PRODUCTION}/segments?limit=500`, {
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    });
    expect(((await list.json()) as { segments: unknown[] }).segments).toHaveLength(stored);
    expect((await createSegment(again, stored)).status).toBe(201);
    await again.end('SIGTERM');
  }, 60_000);

  it('takes an unacknowledged payload when it comes again and there is room, and counts it once', async () => {
    const service = await openTestApp({ config: { ingestWindowMs: 0, databaseUrl: undefined } });
    const { app, parts } = service;
    const bulk = () =>
      app.inject({
        method: 'POST',
        url: '/bulk',
        headers: { authorization: SDK_KEY, 'x-launchdarkly-payload-id': 'one' },
        payload: Array.from({ length: 2000 }, (_, n) => ({ kind: 'custom', key: `${n}`, creationDate: Date.now() })),
      });
    await sql`pragma max_page_count = 1`.execute(parts.database);
    expect((await bulk()).statusCode).toBe(503);
    await sql`pragma max_page_count = 1000000`.execute(parts.database);
    expect([(await bulk()).statusCode, (await bulk()).statusCode]).toEqual([202, 202]);
    expect(parts.ingest.counts).toMatchObject({ payloads: 1, duplicates: 1 });
    await service.close();
  });
});

describe('a database file damaged while the service runs', () => {
  it('is told as unavailable, with the damage in the log; what is in memory goes on', async () => {
    const service = await openTestApp({ dataDir: folder, config: { databaseUrl: undefined } });
    const api = apiOf(service);
    for (let number = 0; number < 30; number++) await createSettings(api, `setting-${number}`);
    const poll = () => service.app.inject({ url: '/sdk/latest-all', headers: service.asSdk });
    await poll();
    const { database } = service.parts;
    // All of it in the file, and as little as may be in memory.
    await sql`pragma wal_checkpoint(truncate)`.execute(database);
    await sql`pragma cache_size = 1`.execute(database);
    const file = join(folder, 'feathery.db');
    writeFileSync(file, readFileSync(file).fill('x', 4096));
    const { status, body } = await api.get('/audit');
    expect([status, body.code, body.detail]).toEqual([503, 'database_unavailable', expect.stringMatching(/damaged/)]);
    const answer = await poll();
    expect([answer.statusCode, Object.keys(answer.json().flags)]).toEqual([
      200,
      expect.arrayContaining(['setting-29']),
    ]);
    await service.close();
  });
});

describe('a clock that is set back by a day', () => {
  let service: TestApp;
  let time: number;
  beforeEach(async () => {
    time = Date.now();
    service = await openTestApp({ now: () => time, config: { ingestWindowMs: 0 } });
  });
  afterEach(() => service.close());

  it('keeps revisions, versions and the audit in order', async () => {
    const api = apiOf(service);
    await createSettings(api, 'before');
    time -= DAY_MS;
    await createSettings(api, 'after');
    const { body } = await api.patch(`${IN_PRODUCTION}/settings/before`, { on: true });
    expect(body.setting.version).toBe(body.revision);
    const { entries } = (await api.get('/audit')).body as { entries: { action: string; revision: number | null }[] };
    expect(entries.slice(0, 3).map(({ action }) => action)).toEqual([
      'setting.change',
      'setting.create',
      'setting.create',
    ]);
    const found = (await api.get('/settings')).body.settings as { key: string }[];
    expect(found.map(({ key }) => key).sort()).toEqual(['after', 'before']);
  });

  it('takes analytics, once each', async () => {
    const bulk = (id: string) =>
      service.app.inject({
        method: 'POST',
        url: '/bulk',
        headers: { ...service.asSdk, 'x-launchdarkly-payload-id': id },
        payload: [{ kind: 'custom', key: 'purchase', creationDate: time }],
      });
    await bulk('one');
    time -= DAY_MS;
    expect([(await bulk('one')).statusCode, (await bulk('two')).statusCode]).toEqual([202, 202]);
    expect(service.parts.ingest.counts).toMatchObject({ payloads: 2, duplicates: 1 });
    await service.parts.retention.run();
    expect((await bulk('two')).statusCode).toBe(202);
    expect(service.parts.ingest.counts).toMatchObject({ payloads: 2, duplicates: 2 });
  });

  it('keeps keys and tokens working, and limits as they were', async () => {
    const api = apiOf(service);
    expect((await api.get('/settings')).status).toBe(200);
    time -= DAY_MS;
    for (let count = 0; count < 20; count++) expect((await api.get('/settings')).status).toBe(200);
    expect((await service.app.inject({ url: '/sdk/latest-all', headers: service.asSdk })).statusCode).toBe(200);
  });
});
