import { FeatheryClient } from '../lib/client.js';
import { createClient, FeatheryError } from '../lib/index.js';
import { Bench, next, off, on, SDK_KEY } from './support/client.js';
import { FakeService } from './support/fake-service.js';
import { close, cut, event, open, put, ScriptedServer, send, stall, status } from './support/sse-server.js';

const ada = { key: 'ada' };

describe('client', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(() => bench.close());

  it('serves what the stream puts and changes, and says so', async () => {
    const server = await bench.serve([open(), send(put({ a: on() })), stall()]);
    const client = bench.connect(server);
    expect(client.initialized()).toBe(false);
    expect(client.variation('a', ada, 'default')).toBe('default');
    expect(await client.waitForInitialization({ timeoutMs: 5000 })).toBe(client);
    expect(client.initialized()).toBe(true);
    expect(client.variation('a', ada, 'default')).toBe(true);
    const updated = next(client, 'update:a');
    (await server.exchange(0)).write(event('patch', { path: '/flags/a', data: off(2) }));
    expect(await updated).toEqual({ key: 'a' });
    expect(client.variation('a', ada, 'default')).toBe(false);
  });

  it('identifies itself with the SDK key and one instance id in every request', async () => {
    const server = await bench.serve([open(), send(put()), stall()]);
    const client = bench.connect(server, { application: { id: 'shop' } });
    await client.waitForInitialization({ timeoutMs: 5000 });
    client.identify(ada);
    await client.flush();
    const requests = [await server.exchange(0), await server.post(0)];
    const ids = requests.map(({ headers }) => headers['x-launchdarkly-instance-id']);
    expect(ids[0]).toBe(ids[1]);
    for (const { headers } of requests) {
      expect(headers).toMatchObject({
        authorization: SDK_KEY,
        'user-agent': expect.stringMatching(/^FeatheryNodeServer\//),
        'x-launchdarkly-tags': 'application-id/shop',
      });
    }
  });

  it('asks for the settings first, then sends the diagnostic event of the start', async () => {
    const service = new FakeService((request) => request.answer(503));
    const fetch = Object.assign(service.fetch, { close: () => {} });
    const options = { serviceUri: 'http://service.test', logger: bench.logger };
    const client = bench.keep(new FeatheryClient(SDK_KEY, options, { fetch }));
    await next(client, 'error');
    expect(service.requests.slice(0, 2).map(({ url }) => new URL(url).pathname)).toEqual(['/all', '/diagnostic']);
  });

  it('polls when the stream is switched off', async () => {
    const body = JSON.stringify({ flags: { a: on() }, segments: {} });
    const server = await bench.serve([status(200, {}, body)]);
    const client = bench.connect(server, { stream: false });
    await client.waitForInitialization({ timeoutMs: 5000 });
    expect((await server.exchange(0)).path).toBe('/sdk/latest-all');
    expect(client.variation('a', ada, false)).toBe(true);
    expect(client.status().source).toBe('poll');
  });

  describe('initialization', () => {
    it('is announced once', async () => {
      const server = await bench.serve([open(), send(put({ a: on() })), close()]);
      const client = bench.connect(server);
      const heard: string[] = [];
      client.on('ready', () => heard.push('ready'));
      client.on('live', () => heard.push('live'));
      client.on('interrupted', () => heard.push('interrupted'));
      await next(client, 'live');
      expect(heard.slice(0, 3)).toEqual(['ready', 'interrupted', 'live']);
    });

    it('is rejected at once by the first refusal, and comes true later without a restart', async () => {
      const server = await bench.serve([status(401)], [open(), send(put({ a: on() })), stall()]);
      const client = bench.connect(server);
      const failed = next(client, 'failed');
      await expect(client.waitForInitialization({ timeoutMs: 60_000 })).rejects.toMatchObject({
        code: 'SDK_KEY_REJECTED',
      });
      expect(await failed).toMatchObject({ code: 'SDK_KEY_REJECTED' });
      expect(client.status()).toMatchObject({ state: 'failed', lastError: { code: 'SDK_KEY_REJECTED' } });
      await expect(client.waitForInitialization({ timeoutMs: 1 })).rejects.toMatchObject({ code: 'SDK_KEY_REJECTED' });
      expect(bench.lines.filter((line) => line.startsWith('error:'))).toHaveLength(1);
      expect(bench.lines.join()).not.toContain(SDK_KEY);
      client.rotate('another-key');
      await client.waitForInitialization({ timeoutMs: 5000 });
      expect(client.variation('a', ada, false)).toBe(true);
      expect(client.status().state).toBe('ready');
    });

    it('can time out and come true later', async () => {
      const server = await bench.serve([open(), stall()]);
      const client = bench.connect(server);
      await expect(client.waitForInitialization({ timeoutMs: 10 })).rejects.toMatchObject({
        code: 'INITIALIZATION_TIMEOUT',
      });
      expect(client.status().state).toBe('initializing');
      const waits = [client.waitForInitialization({ timeoutMs: 5000 }), client.waitForInitialization()];
      (await server.exchange(0)).write(put({ a: on() }));
      expect(await Promise.all(waits)).toEqual([client, client]);
    });

    it('is not failed by what can be tried again', async () => {
      const server = await bench.serve([status(503)], [cut()], [open(), send(put({ a: on() })), stall()]);
      const client = bench.connect(server);
      await client.waitForInitialization({ timeoutMs: 5000 });
      expect(server.exchanges).toHaveLength(3);
      expect(bench.lines.filter((line) => line.startsWith('warn:'))).toHaveLength(2);
    });

    it('warns when it is waited for without a limit, or for long', async () => {
      const client = bench.keep(createClient('', { offline: true, logger: bench.logger }));
      await client.waitForInitialization({ timeoutMs: 60_000 });
      expect(bench.lines).toEqual([]);
      await client.waitForInitialization();
      await client.waitForInitialization({ timeoutMs: 60_001 });
      expect(bench.lines).toHaveLength(2);
    });

    it('ends for those who wait when the client is closed', async () => {
      const server = await bench.serve([open(), stall()]);
      const client = bench.connect(server);
      const waiting = client.waitForInitialization({ timeoutMs: 60_000 });
      await Promise.all([expect(waiting).rejects.toMatchObject({ code: 'CLIENT_CLOSED' }), client.close()]);
      await expect(client.waitForInitialization({ timeoutMs: 1 })).rejects.toMatchObject({ code: 'CLIENT_CLOSED' });
    });
  });

  describe('an interrupted connection', () => {
    it('leaves the last settings in use and is told honestly', async () => {
      const server = await bench.serve([open(), send(put({ a: on() })), stall()], [stall()]);
      const client = bench.connect(server);
      await client.waitForInitialization({ timeoutMs: 5000 });
      expect(client.status()).toMatchObject({ state: 'ready', source: 'stream', dataAgeMs: 0, lastError: null });
      const interrupted = next(client, 'interrupted');
      (await server.exchange(0)).response.destroy();
      expect(await interrupted).toBeInstanceOf(FeatheryError);
      const { state, source, lastError, since } = client.status();
      expect({ state, source, code: lastError?.code }).toEqual({
        state: 'interrupted',
        source: 'stream',
        code: 'STREAM',
      });
      expect(since).toBeLessThanOrEqual(Date.now());
      expect(client.variation('a', ada, false)).toBe(true);
    });

    it('comes after a message that is no JSON, too, with the data kept', async () => {
      const server = await bench.serve(
        [open(), send(put({ a: on() })), send(event('patch', '{"path":')), stall()],
        [open(), send(put({ a: off(2) })), stall()],
      );
      const client = bench.connect(server);
      const error = await next(client, 'error');
      expect(error).toMatchObject({ code: 'PROTOCOL' });
      expect(client.variation('a', ada, 'default')).toBe(true);
      await next(client, 'live');
      expect(client.variation('a', ada, 'default')).toBe(false);
    });
  });

  describe('listeners', () => {
    it('that throw or reject disturb nobody', async () => {
      const server = await bench.serve([open(), send(put({ a: on() })), stall()]);
      const client = bench.connect(server);
      client.on('ready', () => {
        throw new Error('thrown');
      });
      client.on('ready', () => Promise.reject(new Error('rejected')));
      await next(client, 'ready');
      expect(client.variation('a', ada, false)).toBe(true);
      await new Promise(setImmediate);
      expect(bench.lines).toEqual([
        'error: A listener of "ready" failed: thrown',
        'error: A listener of "ready" failed: rejected',
      ]);
    });

    it('can be taken away', async () => {
      const server = await bench.serve([open(), send(put({ a: on() })), stall()]);
      const client = bench.connect(server);
      const heard: string[] = [];
      const listener = () => heard.push('no');
      client.on('update', listener).off('update', listener);
      await client.waitForInitialization({ timeoutMs: 5000 });
      expect(heard).toEqual([]);
    });

    it('are not needed: an error without one is logged', async () => {
      const server = await bench.serve([status(500)], [open(), send(put()), stall()]);
      await bench.connect(server).waitForInitialization({ timeoutMs: 5000 });
      expect(bench.lines).toEqual([expect.stringMatching(/^warn: .*500/)]);
    });

    it('hear of settings affected through prerequisites and segments', async () => {
      const dependent = on(1, { prerequisites: [{ key: 'a', variation: 0 }] });
      const server = await bench.serve([open(), send(put({ a: on(), b: dependent, c: on() })), stall()]);
      const client = bench.connect(server);
      await client.waitForInitialization({ timeoutMs: 5000 });
      const keys: string[] = [];
      client.on('update', ({ key }) => keys.push(key));
      (await server.exchange(0)).write(event('patch', { path: '/flags/a', data: off(2) }));
      await next(client, 'update:b');
      expect(keys.sort()).toEqual(['a', 'b']);
    });
  });

  describe('offline', () => {
    it('is initialized, asks nobody and gives default values', async () => {
      const server = await bench.serve([status(500)]);
      const client = bench.connect(server, { offline: true });
      const ready = next(client, 'ready');
      expect(client.variationDetail('a', ada, 'default')).toEqual({
        value: 'default',
        variationIndex: null,
        reason: { kind: 'ERROR', errorKind: 'CLIENT_NOT_READY' },
      });
      await ready;
      expect(client.initialized()).toBe(true);
      expect(client.allSettings(ada).toJSON()).toEqual({ $flagsState: {}, $valid: false });
      client.track('event', ada);
      await client.flush();
      expect(client.status()).toMatchObject({ source: 'none', dataAgeMs: null, analytics: { accepted: 0 } });
      expect(server.connectionCount).toBe(0);
    });

    it('needs no SDK key; everything else does', () => {
      expect(() => createClient('')).toThrow(expect.objectContaining({ code: 'SDK_KEY_NOT_SET' }));
      expect(() => createClient(undefined as never)).toThrow(FeatheryError);
      bench.keep(createClient('', { offline: true }));
    });
  });

  it('announces analytics that the service refuses, and keeps them', async () => {
    const server = bench.keep(
      await ScriptedServer.listen([[open(), send(put()), stall()]], { posts: [[status(401)]] }),
    );
    const client = bench.connect(server);
    const error = next(client, 'error');
    client.track('done', ada);
    await client.flush();
    expect(await error).toMatchObject({ code: 'EVENTS' });
    expect(client.status()).toMatchObject({ lastError: { code: 'EVENTS' }, analytics: { accepted: 2, queued: 2 } });
    await client.close({ timeoutMs: 10 });
  });

  it('says when the SDK key cannot be one, without showing it', async () => {
    const server = await bench.serve([status(401)]);
    bench.keep(createClient('the-key\n', { serviceUri: server.uri, sendEvents: false, logger: bench.logger }));
    expect(bench.lines).toEqual([expect.stringMatching(/^error: The SDK key has/)]);
    expect(bench.lines.join()).not.toContain('the-key');
  });

  describe('closing', () => {
    it('delivers what was accepted, tells the counts, and is the same promise each time', async () => {
      const server = await bench.serve([open(), send(put({ a: on() })), stall()]);
      const client = bench.connect(server);
      await client.waitForInitialization({ timeoutMs: 5000 });
      client.variation('a', ada, false);
      client.track('done', ada);
      const closing = client.close();
      expect(client.close()).toBe(closing);
      const counts = await closing;
      expect(counts.accepted).toBeGreaterThan(0);
      expect(counts).toMatchObject({ delivered: counts.accepted, queued: 0 });
      const kinds = JSON.parse(String(await (await server.post(0)).body)).map(({ kind }: { kind: string }) => kind);
      expect(kinds.sort()).toEqual(['custom', 'index', 'summary']);
      await (await server.exchange(0)).closed;
      expect(client.status().state).toBe('closed');
      expect(client.variation('a', ada, false)).toBe(true);
    });

    it('does not wait for a service that does not answer', async () => {
      const server = await bench.serve([open(), send(put({ a: on() })), stall()]);
      const silent = bench.keep(await ScriptedServer.listen([[stall()]], { posts: [[stall()]] }));
      const client = bench.connect(server, { eventsUri: silent.uri });
      await client.waitForInitialization({ timeoutMs: 5000 });
      client.track('lost', ada);
      const { accepted, dropped } = await client.close({ timeoutMs: 50 });
      expect(dropped.expired).toBe(accepted);
      expect(accepted).toBeGreaterThan(0);
    });

    it('is what disposing does', async () => {
      const server = await bench.serve([open(), send(put()), stall()]);
      const client = bench.connect(server);
      await client[Symbol.asyncDispose]();
      expect(client.status().state).toBe('closed');
    });
  });

  it('reconnects with another key and serves the present settings meanwhile', async () => {
    const server = await bench.serve([open(), send(put({ a: on() })), stall()], [open(), stall()]);
    const client = bench.connect(server);
    await client.waitForInitialization({ timeoutMs: 5000 });
    client.rotate('another-key');
    const exchange = await server.exchange(1);
    expect(exchange.headers.authorization).toBe('another-key');
    expect(client.variation('a', ada, 'default')).toBe(true);
    const updated = next(client, 'update:a');
    exchange.write(put({ a: off(2) }));
    await updated;
    expect(client.variation('a', ada, 'default')).toBe(false);
    await (await server.exchange(0)).closed;
  });
});
