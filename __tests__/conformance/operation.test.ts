// What the SDK promises to long-running servers beyond the protocol, as an application sees it.
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as feathery from 'feathery-server-sdk';
import { settings as settingsOf } from 'feathery-server-sdk/testing';
import { data, live, Outsider, SDK_KEY, serving, settle, until } from '../support/outsider.js';
import { type Answer, status as answer, close, event, open, send, stall } from '../support/sse-server.js';

const ALICE = { key: 'alice' };
const EPOCH = '00112233aabbccdd';
const CAPABLE = { 'X-Feathery-Protocol': '1' };
const putAt = (revision: number, settings: Record<string, object>, epoch = EPOCH) =>
  event('put', { path: '/', data: data(settings) }, `${epoch}:${revision}`);

describe('in a long-running server', () => {
  let outside: Outsider;

  beforeEach(() => {
    outside = new Outsider();
  });

  afterEach(async () => {
    jest.useRealTimers();
    await outside.close();
  });

  const capable = (...texts: string[]): Answer => [open(CAPABLE), ...texts.map((text) => send(text))];

  it('says how it is, and interrupted and live as that changes', async () => {
    const server = await outside.serve([
      [...capable(putAt(7, { a: serving(1) })), close()],
      [answer(503)],
      capable(event('synced', { revision: 7 }, `${EPOCH}:7`)),
    ]);
    const client = outside.client(server);
    const said: string[] = [];
    for (const name of ['ready', 'interrupted', 'live', 'failed'] as const) client.on(name, () => said.push(name));
    await until(() => said.includes('live'));
    expect(said).toEqual(['ready', 'interrupted', 'live']);
    const { since, ...status } = client.status();
    expect(status).toEqual({
      state: 'ready',
      source: 'stream',
      revision: 7,
      dataAgeMs: 0,
      lastError: { code: 'STREAM', message: expect.any(String), at: expect.any(Number) },
      analytics: { accepted: 0, delivered: 0, queued: 0, dropped: { full: 0, refused: 0, expired: 0 } },
    });
    expect(since).toBeLessThanOrEqual(Date.now());
  });

  it('accounts for everything it accepted, whatever becomes of it', async () => {
    const server = await outside.serve([live({ a: serving(1, { trackEvents: true }) })], {
      posts: [[answer(413)], [answer(202)]],
    });
    const client = outside.client(server, { capacity: 4 });
    await client.waitForInitialization({ timeoutMs: 4000 });
    const identity = () => {
      const { accepted, delivered, queued, dropped } = client.status().analytics;
      expect(accepted).toBe(delivered + queued + dropped.full + dropped.refused + dropped.expired);
      return accepted;
    };
    for (let n = 0; n < 10; n++) {
      client.variation('a', { key: `u${n}` }, 0);
      identity();
    }
    expect(identity()).toBe(30);
    const flush = client.flush();
    identity();
    await flush;
    identity();
    client.track('x', ALICE);
    expect(await client.close()).toEqual({
      accepted: 32,
      delivered: 2,
      queued: 0,
      dropped: { full: 16, refused: 14, expired: 0 },
    });
  });

  it('closes within its time, whatever the service does', async () => {
    const server = await outside.serve([live({ a: serving(1) })], { posts: [[stall()]] });
    const client = outside.client(server);
    await client.waitForInitialization({ timeoutMs: 4000 });
    client.variation('a', ALICE, 0);
    const startedAt = performance.now();
    expect(await client.close({ timeoutMs: 100 })).toEqual({
      accepted: 2,
      delivered: 0,
      queued: 0,
      dropped: { full: 0, refused: 0, expired: 2 },
    });
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });

  describe('files', () => {
    let folder: string;

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'feathery-conformance-'));
    });

    afterEach(async () => {
      await outside.close();
      await rm(folder, { recursive: true });
    });

    it('serves the last known settings from its cache until the service answers', async () => {
      const path = join(folder, 'cache.json');
      const first = await outside.connected({ a: serving('cached') }, { cache: { path } });
      await first.client.close();
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      expect(await readFile(path, 'utf8')).not.toContain(SDK_KEY);
      let release = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      const server = await outside.serve([[() => held, ...live({ a: serving('fresh', { version: 2 }) })]]);
      const client = outside.client(server, { cache: { path } });
      expect(client.variation('a', ALICE, '')).toBe('cached');
      expect(client.status()).toMatchObject({ source: 'cache', state: 'initializing', dataAgeMs: expect.any(Number) });
      expect(client.initialized()).toBe(false);
      release();
      await client.waitForInitialization({ timeoutMs: 4000 });
      expect([client.variation('a', ALICE, ''), client.status().source]).toEqual(['fresh', 'stream']);
    });

    it.each(['', '{', 'null', '{"format":999}', 'x'.repeat(1000)])(
      'ignores a cache of %j, and says so',
      async (text) => {
        const path = join(folder, 'cache.json');
        await writeFile(path, text);
        const { client } = await outside.connected({ a: serving(1) }, { cache: { path } });
        expect(outside.lines.join()).toContain('cache');
        expect(client.variation('a', ALICE, 0)).toBe(1);
      },
    );

    it('keeps what it could not deliver for the next start, which sends it once', async () => {
      const broken = await outside.serve([live({ a: serving(1) })], { posts: [[answer(503)]] });
      const options = { spoolDir: folder };
      const client = outside.client(broken, { ...options, eventsUri: `${broken.uri}/events` });
      await client.waitForInitialization({ timeoutMs: 4000 });
      client.variation('a', ALICE, 0);
      expect(await client.close({ timeoutMs: 400 })).toMatchObject({ accepted: 2, queued: 2, delivered: 0 });
      const before = (await broken.post(0)).headers['x-launchdarkly-payload-id'];
      outside.client(broken, { ...options, eventsUri: `${broken.uri}/events` });
      const adopted = await broken.post(broken.posts.length);
      expect(adopted.headers['x-launchdarkly-payload-id']).toBe(before);
    });

    it('takes settings from a file, again when it changes', async () => {
      const path = join(folder, 'settings.json');
      await writeFile(path, JSON.stringify({ values: { a: 1 } }));
      const client = outside.keep(
        feathery.createClient('', {
          dataSource: feathery.fileSource(path, { intervalMs: 20 }),
          logger: outside.logger,
        }),
      );
      await client.waitForInitialization({ timeoutMs: 4000 });
      expect([client.variation('a', ALICE, 0), client.status().source]).toEqual([1, 'test']);
      await writeFile(path, JSON.stringify({ values: { a: 22 } }));
      await until(() => client.variation('a', ALICE, 0) === 22);
    });
  });

  it('answers a request from one moment, deep in its calls', async () => {
    const settings = settingsOf({ a: 'one' });
    const client = outside.keep(feathery.createClient('', { dataSource: settings, logger: outside.logger }));
    await client.runWith(ALICE, async () => {
      settings.set('a', 'two');
      await Promise.resolve();
      expect(feathery.variation('a', '')).toBe('one');
      expect(client.variation('a', ALICE, '')).toBe('two');
    });
    expect(feathery.variationDetail('a', 'd').reason).toEqual({ kind: 'ERROR', errorKind: 'USER_NOT_SPECIFIED' });
  });

  it('follows a value, the latest one for who is slow', async () => {
    const settings = settingsOf({ a: 1 });
    const client = outside.keep(feathery.createClient('', { dataSource: settings, logger: outside.logger }));
    const abort = new AbortController();
    const seen: unknown[] = [];
    for await (const value of client.watch('a', ALICE, 0, { signal: abort.signal })) {
      seen.push(value);
      if (seen.length === 1) for (const next of [2, 3, 4]) settings.set('a', next);
      else abort.abort();
    }
    expect(seen).toEqual([1, 4]);
    const called: unknown[] = [];
    const ended = client.watch('a', ALICE, 0, (value) => called.push(value));
    settings.set('a', 5);
    await settle(10);
    ended();
    settings.set('a', 6);
    await settle(10);
    expect(called.at(-1)).toBe(5);
  });
});
