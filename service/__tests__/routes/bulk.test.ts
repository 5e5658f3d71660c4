import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Config } from '../../src/config.js';
import { openTestApp, SDK_KEY, type TestApp } from '../support/app.js';

const NOW = Date.UTC(2030, 0, 15, 12, 30, 20);
const MINUTE = 60_000;

let service: TestApp;

async function start(config: Partial<Config> = {}, dataDir?: string): Promise<void> {
  service = await openTestApp({
    config: { ingestWindowMs: 0, ...config },
    now: () => NOW,
    ...(dataDir && { dataDir }),
  });
}

afterEach(() => service.close());

function summary(features: Record<string, object[]>, endDate = NOW) {
  const entries = Object.entries(features).map(([key, counters]) => [
    key,
    { default: null, contextKinds: ['user'], counters },
  ]);
  return { kind: 'summary', startDate: endDate - 1000, endDate, features: Object.fromEntries(entries) };
}

function send(body: unknown, headers: Record<string, string> = {}) {
  return service.app.inject({
    method: 'POST',
    url: '/bulk',
    headers: { authorization: SDK_KEY, 'content-type': 'application/json', ...headers },
    payload: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
  });
}

async function analytics(query = '') {
  const answer = await service.app.inject({
    url: `/api/v1/environments/production/analytics${query}`,
    headers: service.asAdmin,
  });
  return answer.json();
}

async function contexts(query = '') {
  const answer = await service.app.inject({
    url: `/api/v1/environments/production/contexts${query}`,
    headers: service.asAdmin,
  });
  return answer.json().contexts;
}

describe('POST /bulk', () => {
  it('answers 202 with a Date, and what it took is counted by setting, variation and version', async () => {
    await start();
    const counters = [
      { variation: 0, version: 7, value: true, count: 12 },
      { variation: 1, version: 7, value: false, count: 3 },
      { variation: 0, version: 8, value: true, count: 5 },
      { version: 8, value: 'x', count: 2 },
    ];
    const answer = await send([summary({ a: counters, unknown: [{ unknown: true, value: 1, count: 4 }] })]);
    expect(answer.statusCode).toBe(202);
    const { settings } = await analytics();
    expect(settings).toEqual([
      {
        key: 'a',
        total: 22,
        byVariation: [
          { variation: 0, count: 17 },
          { variation: 1, count: 3 },
          { variation: null, count: 2 },
        ],
        byVersion: [
          { version: 7, count: 15 },
          { version: 8, count: 7 },
        ],
        series: [{ start: '2030-01-15T12:00:00.000Z', counts: { 0: 17, 1: 3, default: 2 } }],
      },
      expect.objectContaining({ key: 'unknown', total: 4, byVersion: [{ version: null, count: 4 }] }),
    ]);
  });

  it('counts a payload once however often it is sent, one after the other and at once', async () => {
    await start();
    const headers = { 'x-launchdarkly-payload-id': randomUUID() };
    const body = [summary({ a: [{ variation: 0, version: 1, count: 1 }] })];
    const answers = await Promise.all([send(body, headers), send(body, headers)]);
    answers.push(await send(body, headers));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([202, 202, 202]);
    expect((await analytics()).settings[0].total).toBe(1);
  });

  it('counts a payload once across a restart', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'feathery-test-'));
    const headers = { 'x-launchdarkly-payload-id': randomUUID() };
    const body = [summary({ a: [{ variation: 0, version: 1, count: 1 }] })];
    await start({}, dataDir);
    await send(body, headers);
    await service.close();
    await start({}, dataDir);
    expect((await send(body, headers)).statusCode).toBe(202);
    expect((await analytics()).settings[0].total).toBe(1);
    rmSync(dataDir, { recursive: true });
  });

  it('adds up payloads that have no id', async () => {
    await start();
    const body = [summary({ a: [{ variation: 0, version: 1, count: 1 }] })];
    await send(body);
    await send(body);
    expect((await analytics()).settings[0].total).toBe(2);
  });

  it('keeps counts per minute, hour and day', async () => {
    await start();
    const counters = [{ variation: 0, version: 1, count: 1 }];
    await send([
      summary({ a: counters }),
      summary({ a: counters }, NOW - MINUTE),
      summary({ a: counters }, NOW - 61 * MINUTE),
    ]);
    const starts = async (resolution: string) =>
      (await analytics(`?setting=a&resolution=${resolution}`)).settings[0].series.map(
        ({ start }: { start: string }) => start,
      );
    expect(await starts('minute')).toEqual([
      '2030-01-15T11:29:00.000Z',
      '2030-01-15T12:29:00.000Z',
      '2030-01-15T12:30:00.000Z',
    ]);
    expect(await starts('hour')).toEqual(['2030-01-15T11:00:00.000Z', '2030-01-15T12:00:00.000Z']);
    expect(await starts('day')).toEqual(['2030-01-15T00:00:00.000Z']);
  });

  it('takes gzip', async () => {
    await start();
    const body = gzipSync(JSON.stringify([summary({ a: [{ variation: 0, version: 1, count: 1 }] })]));
    expect((await send(body, { 'content-encoding': 'gzip' })).statusCode).toBe(202);
    expect((await analytics()).settings[0].total).toBe(1);
  });

  it('adds up custom events and their values', async () => {
    await start();
    const event = (metricValue?: number) => ({
      kind: 'custom',
      key: 'purchase',
      creationDate: NOW,
      context: { kind: 'user', key: 'u' },
      metricValue,
    });
    await send([event(40), event(59.5), event(), { ...event(0), key: 'visit' }]);
    expect((await analytics()).customEvents).toEqual([
      { key: 'purchase', count: 3, sum: 99.5 },
      { key: 'visit', count: 1, sum: 0 },
    ]);
  });

  it('remembers users and organizations with their attributes and with whom they were seen', async () => {
    await start();
    const context = {
      kind: 'multi',
      user: { key: 'u', name: 'Una', plan: 'gold', _meta: { redactedAttributes: ['email'] } },
      organization: { key: 'acme', size: 5 },
    };
    await send([{ kind: 'index', creationDate: NOW - MINUTE, context }]);
    await send([{ kind: 'feature', key: 'a', creationDate: NOW, value: 1, contextKeys: { user: 'u' } }]);
    expect(await contexts('?kind=user')).toEqual([
      {
        kind: 'user',
        key: 'u',
        name: 'Una',
        attributes: { name: 'Una', plan: 'gold' },
        companions: { organization: 'acme' },
        firstSeen: '2030-01-15T12:29:20.000Z',
        lastSeen: expect.any(String),
      },
    ]);
    expect(await contexts('?q=ACM')).toMatchObject([{ kind: 'organization', key: 'acme', attributes: { size: 5 } }]);
  });

  it('stores no attribute that its sender marked as private', async () => {
    await start();
    const context = {
      kind: 'user',
      key: 'u',
      email: 'u@test.com',
      plan: 'x',
      _meta: { privateAttributes: ['email', '/plan/name'] },
    };
    await send([{ kind: 'identify', creationDate: NOW, context }]);
    expect((await contexts())[0].attributes).toEqual({});
  });

  it('ignores what it does not know and counts the rest', async () => {
    await start();
    const answer = await send([
      { kind: 'from-the-future', anything: [1] },
      null,
      7,
      { kind: 'summary', features: 'none' },
      { kind: 'custom', key: 12, context: { kind: 'user', key: 'u' } },
      { kind: 'index', context: { kind: 'user' } },
      summary({ a: [{ variation: 0, version: 1, count: -3 }, 'x' as never, { variation: 0, version: 1, count: 2 }] }),
    ]);
    expect(answer.statusCode).toBe(202);
    expect((await analytics()).settings).toMatchObject([{ key: 'a', total: 2 }]);
  });

  it.each([
    ['without a key', 401, () => send([], { authorization: '' })],
    ['with an unknown key', 401, () => send([], { authorization: 'sdk-unknown' })],
    ['that is not JSON', 400, () => send('{')],
    ['that is empty', 400, () => send('')],
    ['that is no array', 400, () => send({})],
    ['that calls itself gzip and is not', 400, () => send('[]', { 'content-encoding': 'gzip' })],
    ['that is too large', 413, () => send(`["${'x'.repeat(5000)}"]`)],
    ['that inflates to too much', 413, () => send(gzipSync(Buffer.alloc(100_000, 32)), { 'content-encoding': 'gzip' })],
    ['of a type it does not know', 202, () => send('[]', { 'content-type': 'text/plain' })],
    ['of a type that is none', 202, () => send('[]', { 'content-type': 'events' })],
    ['that names gzip in other ways', 202, () => send(gzipSync('[]'), { 'content-encoding': 'X-GZIP' })],
  ])('answers a body %s with %d', async (_what, status, attempt) => {
    await start({ maxEventsBytes: 4096, maxInflatedBytes: 50_000 });
    expect((await attempt()).statusCode).toBe(status);
  });

  it('answers 503 when too much is waiting, and takes more afterwards', async () => {
    await start({ maxIngestBytes: 100, ingestWindowMs: 50 });
    const body = [summary({ a: [{ variation: 0, version: 1, count: 1 }] })];
    const small = [{ kind: 'x' }];
    expect((await send(body)).statusCode).toBe(503);
    expect((await send(small)).statusCode).toBe(202);
    expect(service.parts.ingest.waitingBytes).toBe(0);
  });

  it('answers 500 when the database cannot store it, and counts it when it is sent again', async () => {
    await start();
    const headers = { 'x-launchdarkly-payload-id': randomUUID() };
    const body = [summary({ a: [{ variation: 0, version: 1, count: 1 }] })];
    await service.parts.database.schema.alterTable('evaluation_counts').renameTo('gone').execute();
    expect((await send(body, headers)).statusCode).toBe(500);
    await service.parts.database.schema.alterTable('gone').renameTo('evaluation_counts').execute();
    expect((await send(body, headers)).statusCode).toBe(202);
    expect((await analytics()).settings[0].total).toBe(1);
  });

  it('counts a bounded number of keys that a program makes up', async () => {
    await start({ maxUnknownKeys: 3 });
    const features = Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => [`made-up-${index}`, [{ unknown: true, count: 1 }]]),
    );
    await send([summary(features)]);
    expect((await analytics()).settings).toHaveLength(3);
  });

  it('takes a wrong clock for now, and what is very old for a day old', async () => {
    await start();
    const counters = [{ variation: 0, version: 1, count: 1 }];
    await send([summary({ a: counters }, NOW + 10 * 86_400_000), summary({ a: counters }, 12)]);
    const { settings } = await analytics('?setting=a&from=2030-01-01T00:00:00Z&resolution=day');
    expect(settings[0].series.map(({ start }: { start: string }) => start)).toEqual([
      '2030-01-14T00:00:00.000Z',
      '2030-01-15T00:00:00.000Z',
    ]);
  });
});

describe('POST /diagnostic', () => {
  it('is acknowledged', async () => {
    await start();
    const answer = await service.app.inject({
      method: 'POST',
      url: '/diagnostic',
      headers: { authorization: SDK_KEY },
      payload: { kind: 'diagnostic-init', creationDate: NOW },
    });
    expect(answer.statusCode).toBe(202);
  });
});
