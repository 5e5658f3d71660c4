// docs/protocol.md, section 5, as a service sees it.
import { gzipSync } from 'node:zlib';
import { CLOCK, data, Outsider, SDK_KEY, serving, settle, until } from '../support/outsider.js';
import {
  type Answer,
  status as answer,
  cut,
  json,
  redirect,
  type ScriptedServer,
  stall,
  wait,
} from '../support/sse-server.js';

const ALICE = { key: 'alice' };
const dataOf = (value: unknown, headers = {}): Answer => [
  json(data({ a: serving(value, { version: Date.now() }) }), headers),
];

describe('polling', () => {
  let outside: Outsider;

  beforeEach(() => {
    outside = new Outsider();
    jest.useFakeTimers(CLOCK);
  });

  afterEach(async () => {
    jest.useRealTimers();
    await outside.close();
  });

  async function polling(answers: readonly Answer[], options = {}) {
    const server = await outside.serve(answers);
    const client = outside.client(server, { stream: false, sendEvents: false, ...options });
    await server.exchange(0);
    return { server, client, value: (): unknown => client.variation('a', ALICE, 'default') };
  }

  /** Lets so much time pass, and the network answer. */
  async function pass(ms: number): Promise<void> {
    await jest.advanceTimersByTimeAsync(ms);
    await settle(20);
  }

  it('is a GET with the headers of the protocol but Accept and Cache-Control (5.1)', async () => {
    const { client, server } = await polling([dataOf(1)], { payloadFilterKey: 'eu' });
    await client.waitForInitialization({ timeoutMs: 3000 });
    const { method, path, headers } = await server.exchange(0);
    expect({ method, path }).toEqual({ method: 'GET', path: '/sdk/latest-all?filter=eu' });
    expect(headers).toMatchObject({ authorization: SDK_KEY, 'accept-encoding': 'gzip' });
    for (const name of ['accept', 'cache-control', 'if-none-match', 'content-length'])
      expect(headers).not.toHaveProperty(name);
    expect(headers['user-agent']).toBeDefined();
    expect(headers['x-launchdarkly-instance-id']).toBeDefined();
  });

  it('takes a body that is not wrapped, lacks a collection, or is compressed (5.1)', async () => {
    const packed = gzipSync(JSON.stringify({ flags: data({ a: serving('packed') }).flags, news: 5 }));
    const { client, value } = await polling([[answer(200, { 'Content-Encoding': 'gzip' }, packed)]]);
    await client.waitForInitialization({ timeoutMs: 3000 });
    expect(value()).toBe('packed');
  });

  it('polls at once, then from start to start every 30 s, and never less (5.3)', async () => {
    const { server, value } = await polling([dataOf(1), dataOf(2), dataOf(3)], { pollIntervalMs: 500 });
    expect(outside.warnings().join()).toContain('pollIntervalMs');
    await settle(20);
    expect(value()).toBe(1);
    await pass(29_900);
    expect(server.exchanges).toHaveLength(1);
    await pass(100);
    expect(value()).toBe(2);
    await pass(30_000);
    expect(server.exchanges).toHaveLength(3);
  });

  it('counts the time of a slow poll in, and never has two open (5.3)', async () => {
    const { server } = await polling([[stall()], dataOf(2)], { timeoutMs: 45_000 });
    await pass(40_000);
    expect(server.exchanges).toHaveLength(1);
    await pass(6000);
    await server.exchange(1);
    expect(outside.warnings()).toHaveLength(1);
  });

  it('gives a request 10 s (5.3)', async () => {
    const { server } = await polling([[stall()], dataOf(2)]);
    await pass(9500);
    expect((await server.exchange(0)).isClosed).toBe(false);
    await pass(600);
    await (await server.exchange(0)).closed;
    await pass(19_000);
    expect(server.exchanges).toHaveLength(1);
    await pass(1000);
    expect(server.exchanges).toHaveLength(2);
  });

  it('sends the ETag of the last good answer, and is content with 304 (5.2)', async () => {
    const { server, client, value } = await polling([
      dataOf(1, { ETag: 'W/"one"' }),
      [answer(304)],
      [answer(200, { ETag: '"bad"' }, '{ no JSON')],
      [answer(503, { ETag: '"worse"' })],
      dataOf(2),
      [answer(304)],
    ]);
    await settle(20);
    for (let n = 0; n < 5; n++) await pass(30_000);
    const sent = server.exchanges.map(({ headers }) => headers['if-none-match']);
    expect(sent).toEqual([undefined, 'W/"one"', 'W/"one"', 'W/"one"', 'W/"one"', undefined]);
    expect(value()).toBe(2);
    expect(client.initialized()).toBe(true);
  });

  it('is not initialized by a 304 without data (5.2)', async () => {
    const { client } = await polling([[answer(304)]]);
    await settle(20);
    expect(client.initialized()).toBe(false);
  });

  it.each<[string, Answer]>([
    ['400', [answer(400)]],
    ['408', [answer(408)]],
    ['429', [answer(429)]],
    ['500', [answer(500)]],
    ['a cut connection', [cut()]],
    ['a body that is no JSON', [answer(200, {}, '<html>')]],
    ['a body that is an array', [json([])]],
    ['flags that are a list', [json({ flags: [] })]],
    [
      'a body that ends too early',
      [({ response }) => void response.writeHead(200, { 'Content-Length': '100' }).write('{"fl'), wait(5), cut()],
    ],
  ])('keeps the data after %s and tries at the next interval (5.4)', async (_what, bad) => {
    const { server, client, value } = await polling([dataOf(1), bad, dataOf(2)]);
    jest.useFakeTimers(CLOCK);
    await settle(20);
    await jest.advanceTimersByTimeAsync(30_000);
    await until(() => server.exchanges.length === 2);
    await settle(20);
    await jest.advanceTimersByTimeAsync(10);
    await until(() => outside.warnings().length > 0, 'a warning');
    expect(value()).toBe(1);
    expect(client.initialized()).toBe(true);
    await pass(30_000);
    await until(() => value() === 2, 'the next poll');
    expect(outside.errors()).toEqual([]);
  });

  it('does not fail on a first error that can pass', async () => {
    const { client, value } = await polling([[answer(503)], dataOf(1)]);
    await settle(20);
    expect(client.status().state).toBe('initializing');
    await pass(30_000);
    expect(value()).toBe(1);
  });

  it('follows redirects', async () => {
    const { client, value } = await polling([[redirect(301, '/a')], [redirect(307, '/b')], dataOf(1)]);
    await client.waitForInitialization({ timeoutMs: 3000 });
    expect(value()).toBe(1);
  });

  it.each([401, 403, 404, 405])(
    'fails on %d, waits 300 s and twice as long each time, less up to half (5.5)',
    async (code) => {
      const { server, client } = await polling([
        [answer(code)],
        [answer(code)],
        [answer(503)],
        dataOf(1),
        dataOf(2),
        dataOf(3),
        dataOf(4),
      ]);
      await expect(client.waitForInitialization({ timeoutMs: 3000 })).rejects.toThrow();
      expect(outside.errors()).toHaveLength(1);
      const waits: number[] = [];
      for (let n = 1; n <= 6; n++) {
        await settle(15);
        const before = Date.now();
        while (server.exchanges.length === n) {
          await jest.advanceTimersToNextTimerAsync();
          await settle(15);
        }
        waits.push(Date.now() - before);
      }
      const within = (index: number, base: number) => {
        expect(waits[index]).toBeGreaterThanOrEqual(base / 2);
        expect(waits[index]).toBeLessThanOrEqual(base);
      };
      within(0, 300_000);
      within(1, 600_000);
      within(2, 1_200_000);
      within(3, 1_200_000);
      expect(waits.slice(4)).toEqual([30_000, 30_000]);
      expect(client.initialized()).toBe(true);
    },
  );

  it('tells of what differs in version, appeared and disappeared (5.6, 8.7)', async () => {
    const item = (version: number) => serving(version, { version });
    const { client } = await polling([
      [json(data({ same: item(1), older: item(5), gone: item(1) }))],
      [json(data({ same: item(1), older: item(4), fresh: item(1) }))],
    ]);
    await settle(20);
    const updates: string[] = [];
    client.on('update', ({ key }) => updates.push(key));
    await pass(30_000);
    expect(updates.sort()).toEqual(['fresh', 'gone', 'older']);
  });

  it('ends at once when closed', async () => {
    const { server, client } = await polling([[stall()]]);
    await client.close();
    await (await server.exchange(0)).closed;
    await pass(90_000);
    expect(server.exchanges).toHaveLength(1);
  });

  it('takes megabytes in many chunks', async () => {
    const body = JSON.stringify(
      data(Object.fromEntries(Array.from({ length: 3000 }, (_, n) => [`s${n}`, serving('x'.repeat(1000))]))),
    );
    const chunks: Answer = [
      async ({ response }: { response: ScriptedServer['exchanges'][number]['response'] }) => {
        response.writeHead(200);
        for (let start = 0; start < body.length; start += 50_000) response.write(body.slice(start, start + 50_000));
        response.end();
      },
    ];
    const { client } = await polling([chunks]);
    await until(() => client.initialized());
    expect(client.variation('s2999', ALICE, '')).toHaveLength(1000);
  });
});
