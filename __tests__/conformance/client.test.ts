// docs/protocol.md, sections 8.1 to 8.5, as an application and a service see it.
import { CLOCK, flushed, live, Outsider, putOf, SDK_KEY, serving, settle, until } from '../support/outsider.js';
import { status as answer, close, open, send, stall } from '../support/sse-server.js';

const ALICE = { key: 'alice' };

describe('the client', () => {
  let outside: Outsider;

  beforeEach(() => {
    outside = new Outsider();
  });

  afterEach(async () => {
    jest.useRealTimers();
    await outside.close();
  });

  describe('initialization (8.2)', () => {
    it('resolves with the client, before and after, and says ready once', async () => {
      const server = await outside.serve([[open(), send(putOf()), close()], live()]);
      const client = outside.client(server);
      const ready = jest.fn();
      client.on('ready', ready);
      expect(client.initialized()).toBe(false);
      await expect(
        Promise.all([
          client.waitForInitialization({ timeoutMs: 4000 }),
          client.waitForInitialization({ timeoutMs: 4000 }),
        ]),
      ).resolves.toEqual([client, client]);
      await server.exchange(1);
      await settle();
      await expect(client.waitForInitialization({ timeoutMs: 1 })).resolves.toBe(client);
      expect(ready).toHaveBeenCalledTimes(1);
      expect(client.initialized()).toBe(true);
    });

    it('takes a timeout for no failure', async () => {
      let release = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      const server = await outside.serve([[stall(held), open(), send(putOf())]]);
      const client = outside.client(server);
      const failed = jest.fn();
      client.on('failed', failed);
      await expect(client.waitForInitialization({ timeoutMs: 10 })).rejects.toThrow();
      const again = client.waitForInitialization({ timeoutMs: 4000 });
      release();
      await expect(again).resolves.toBe(client);
      expect(failed).not.toHaveBeenCalled();
    });

    it('warns of waiting without a limit or for more than a minute', async () => {
      const { client } = await outside.connected();
      await client.waitForInitialization({ timeoutMs: 60_000 });
      expect(outside.warnings()).toEqual([]);
      await client.waitForInitialization();
      await client.waitForInitialization({ timeoutMs: 60_001 });
      expect(outside.warnings()).toHaveLength(2);
    });

    it('rejects at the first refusal with a code, ever after too, and unheard by nobody', async () => {
      const unhandled = jest.fn();
      process.on('unhandledRejection', unhandled);
      const server = await outside.serve([[answer(401)]]);
      const client = outside.client(server);
      const failed = jest.fn();
      client.on('failed', failed);
      await until(() => failed.mock.calls.length > 0);
      await expect(client.waitForInitialization({ timeoutMs: 4000 })).rejects.toMatchObject({
        code: 'SDK_KEY_REJECTED',
      });
      await expect(client.waitForInitialization({ timeoutMs: 4000 })).rejects.toMatchObject({
        code: 'SDK_KEY_REJECTED',
      });
      await settle();
      expect(failed.mock.calls).toEqual([[expect.objectContaining({ code: 'SDK_KEY_REJECTED' })]]);
      expect(unhandled).not.toHaveBeenCalled();
      process.off('unhandledRejection', unhandled);
      client.identify(ALICE);
      client.track('x', ALICE);
      expect(client.variation('a', ALICE, 'd')).toBe('d');
      expect((await flushed(client, server)).map(({ kind }) => kind)).toEqual(['identify', 'custom']);
    });

    it('tells of each problem, and throws none when nobody listens', async () => {
      const server = await outside.serve([[answer(503)], [answer(500)], live()]);
      const client = outside.client(server);
      const problem = jest.fn();
      client.on('error', problem);
      await client.waitForInitialization({ timeoutMs: 4000 });
      expect(problem).toHaveBeenCalledTimes(2);
      const deaf = outside.client(await outside.serve([[answer(503)], live()]));
      await expect(deaf.waitForInitialization({ timeoutMs: 4000 })).resolves.toBe(deaf);
      expect(outside.warnings()).toHaveLength(3);
    });
  });

  describe('headers (8.3)', () => {
    it('has tags sorted by key, without the bad ones, and the wrapper, in all its requests', async () => {
      const { client, server } = await outside.connected(
        {},
        {
          application: { version: '4.2.0', id: 'shop', name: 'bad name', versionName: 'x'.repeat(64) },
          wrapperName: 'my-framework',
          wrapperVersion: '2.1',
          diagnosticOptOut: false,
        },
      );
      client.identify(ALICE);
      await client.flush();
      const requests = [await server.exchange(0), ...server.posts];
      expect(requests.map(({ path }) => path).sort()).toEqual(['/all', '/bulk', '/diagnostic']);
      for (const { headers } of requests) {
        expect(headers['x-launchdarkly-tags']).toBe(
          `application-id/shop application-version/4.2.0 application-version-name/${'x'.repeat(64)}`,
        );
        expect(headers['x-launchdarkly-wrapper']).toBe('my-framework/2.1');
        expect(headers.authorization).toBe(SDK_KEY);
      }
      expect(new Set(requests.map(({ headers }) => headers['x-launchdarkly-instance-id'])).size).toBe(1);
      expect(new Set(requests.map(({ headers }) => headers['user-agent'])).size).toBe(1);
      expect(outside.warnings()).toHaveLength(1);
    });

    it('has a wrapper without version, none without name, and another instance for each client', async () => {
      const server = await outside.serve([live()]);
      for (const options of [{ wrapperName: 'only' }, { wrapperVersion: '1' }, { application: { id: '!' } }]) {
        await outside.client(server, options).waitForInitialization({ timeoutMs: 4000 });
      }
      const [first, second, third] = server.exchanges.map(({ headers }) => headers);
      expect([first, second].map((headers) => headers?.['x-launchdarkly-wrapper'])).toEqual(['only', undefined]);
      expect(third).not.toHaveProperty('x-launchdarkly-tags');
      expect(first?.['x-launchdarkly-instance-id']).not.toBe(second?.['x-launchdarkly-instance-id']);
    });
  });

  it('offline, connects to nothing and is ready at once (8.4)', async () => {
    const server = await outside.serve([live({ a: serving(1) })]);
    const client = outside.client(server, { offline: true, diagnosticOptOut: false });
    const ready = jest.fn();
    client.on('ready', ready);
    await client.waitForInitialization({ timeoutMs: 100 });
    expect(ready).toHaveBeenCalledTimes(1);
    expect(client.initialized()).toBe(true);
    expect(client.variationDetail('a', ALICE, 'd')).toEqual({
      value: 'd',
      variationIndex: null,
      reason: { kind: 'ERROR', errorKind: 'CLIENT_NOT_READY' },
    });
    expect(client.variationDetail('a', {} as never, 'd').reason).toEqual({
      kind: 'ERROR',
      errorKind: 'CLIENT_NOT_READY',
    });
    expect(client.allSettings(ALICE).toJSON()).toEqual({ $flagsState: {}, $valid: false });
    client.identify(ALICE);
    client.track('x', ALICE);
    await client.flush();
    await client.close();
    expect([server.exchanges, server.posts]).toEqual([[], []]);
  });

  describe('close (8.5)', () => {
    it('is idempotent, flushes once, goes on evaluating, and asks for nothing more', async () => {
      const { client, server } = await outside.connected({ a: serving(1) });
      client.variation('a', ALICE, 0);
      const first = client.close();
      expect(client.close()).toBe(first);
      const counts = await first;
      expect(counts).toEqual({ accepted: 2, delivered: 2, queued: 0, dropped: { full: 0, refused: 0, expired: 0 } });
      await (await server.exchange(0)).closed;
      expect(client.variation('a', ALICE, 0)).toBe(1);
      client.identify(ALICE);
      client.track('x', ALICE);
      await client.flush();
      await settle();
      expect([server.exchanges.length, server.posts.length]).toEqual([1, 1]);
      expect(client.status().state).toBe('closed');
      await expect(client.waitForInitialization({ timeoutMs: 10 })).resolves.toBe(client);
    });

    it('rejects who waits', async () => {
      const server = await outside.serve([[stall()]]);
      const client = outside.client(server);
      const waiting = client.waitForInitialization({ timeoutMs: 4000 });
      void client.close();
      await expect(waiting).rejects.toMatchObject({ code: 'CLIENT_CLOSED' });
    });

    it('disposes', async () => {
      const { client, server } = await outside.connected();
      await client[Symbol.asyncDispose]();
      await (await server.exchange(0)).closed;
    });

    it('leaves no timer', async () => {
      jest.useFakeTimers(CLOCK);
      const { client } = await outside.connected({}, { diagnosticOptOut: false });
      expect(jest.getTimerCount()).toBeGreaterThan(0);
      await client.close();
      await settle(10);
      expect(jest.getTimerCount()).toBe(0);
    });
  });
});
