// docs/protocol.md, sections 4.4 to 4.7, as a service sees them.

import {
  CLOCK,
  data,
  live,
  Outsider,
  putOf,
  requestsTo,
  SDK_KEY,
  serving,
  settle,
  until,
} from '../support/outsider.js';
import {
  status as answer,
  close,
  cut,
  event,
  open,
  redirect,
  type Step,
  send,
  sendSplit,
} from '../support/sse-server.js';

const ALICE = { key: 'alice' };
const patchOf = (key: string, item: object) => event('patch', { path: `/flags/${key}`, data: { key, ...item } });

describe('the connection of the stream', () => {
  let outside: Outsider;

  beforeEach(() => {
    outside = new Outsider();
  });

  afterEach(async () => {
    jest.useRealTimers();
    await outside.close();
  });

  describe('SSE (4.4)', () => {
    const settings = { a: serving('ä€😀') };

    it.each(['\n', '\r', '\r\n'])('reads line ends %j, split at every byte', async (lineEnd) => {
      const text = Buffer.from(`\uFEFF: hello${lineEnd}${putOf(settings).replaceAll('\n', lineEnd)}`);
      const offsets = [...text.keys()].slice(1);
      const server = await outside.serve([[open(), sendSplit(text, ...offsets)]]);
      const client = outside.client(server);
      await client.waitForInitialization({ timeoutMs: 4000 });
      expect(client.variation('a', ALICE, '')).toBe('ä€😀');
    });

    it('joins several data lines, removes one blank, and skips an event without data', async () => {
      const json = JSON.stringify({ path: '/', data: data({ a: serving(' x') }) }, null, 1);
      const lines = json.split('\n').map((line, index) => `data:${index % 2 ? ' ' : ''}${line}`);
      const server = await outside.serve([[open(), send(`event: put\n\nevent:put\n${lines.join('\n')}\n\n`)]]);
      const client = outside.client(server);
      await client.waitForInitialization({ timeoutMs: 4000 });
      expect(client.variation('a', ALICE, '')).toBe(' x');
    });

    it('does not dispatch an event that the end cuts off', async () => {
      const server = await outside.serve([
        [open(), send(putOf({ a: serving(1) })), send(patchOf('a', serving(2, { version: 2 })).slice(0, -1)), close()],
        [open()],
      ]);
      const client = outside.client(server);
      await server.exchange(1);
      expect(client.variation('a', ALICE, 0)).toBe(1);
    });

    it('reads tens of megabytes in one line within seconds', async () => {
      const padding = 'x'.repeat(1000);
      const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`s${index}`, serving(padding)]));
      const text = Buffer.from(putOf(many));
      const pieces = Array.from({ length: Math.ceil(text.length / 65_536) }, (_, index) =>
        send(text.subarray(index * 65_536, (index + 1) * 65_536)),
      );
      const server = await outside.serve([[open(), ...pieces]]);
      const client = outside.client(server);
      await client.waitForInitialization({ timeoutMs: 8000 });
      expect(client.variation('s19999', ALICE, '')).toBe(padding);
    }, 15_000);

    it('counts comments as activity, and takes 300 s of silence for a dead connection', async () => {
      jest.useFakeTimers(CLOCK);
      let sendComment = () => {};
      const server = await outside.serve([
        [
          open(),
          send(putOf()),
          (exchange) => {
            sendComment = () => exchange.write(':\n');
          },
        ],
        [open()],
      ]);
      const client = outside.client(server);
      await client.waitForInitialization({ timeoutMs: 4000 });
      jest.advanceTimersByTime(299_000);
      sendComment();
      await settle();
      jest.advanceTimersByTime(299_000);
      await settle();
      expect((await server.exchange(0)).isClosed).toBe(false);
      jest.advanceTimersByTime(1500);
      await (await server.exchange(0)).closed;
      jest.advanceTimersByTime(1000);
      await server.exchange(1);
    });
  });

  describe('reconnecting (4.5)', () => {
    /** Delays in ms that pass, by the clock of the test, before each further request. */
    async function delays(
      answers: Parameters<Outsider['serve']>[0],
      count: number,
      options: object,
    ): Promise<number[]> {
      jest.useFakeTimers({ ...CLOCK, now: 1_000_000 });
      const server = await outside.serve(answers);
      outside.client(server, { sendEvents: false, ...options });
      const waited: number[] = [];
      await server.exchange(0);
      for (let n = 1; n <= count; n++) {
        await settle(25);
        expect(server.exchanges).toHaveLength(n);
        const before = Date.now();
        while (server.exchanges.length === n) {
          await jest.advanceTimersToNextTimerAsync();
          await settle(15);
        }
        waited.push(Date.now() - before);
      }
      return waited;
    }

    it('doubles from the initial delay up to 30 s, less up to half', async () => {
      const waited = await delays([[answer(503)]], 7, { streamInitialReconnectDelayMs: 1000 });
      for (const [index, ms] of waited.entries()) {
        const base = Math.min(1000 * 2 ** index, 30_000);
        expect(ms).toBeGreaterThanOrEqual(base / 2);
        expect(ms).toBeLessThanOrEqual(base);
      }
    });

    it('doubles from 300 s up to an hour after a refusal, less up to half', async () => {
      const waited = await delays([[answer(401)], [answer(503)], [answer(403)]], 6, {});
      for (const [index, ms] of waited.entries()) {
        const base = Math.min(300_000 * 2 ** index, 3_600_000);
        expect(ms).toBeGreaterThanOrEqual(base / 2);
        expect(ms).toBeLessThanOrEqual(base);
      }
    });

    it('waits also after a clean end, and an unhealthy connection does not start the delays anew', async () => {
      const waited = await delays([[open(), send(putOf()), close()]], 4, { streamInitialReconnectDelayMs: 10_000 });
      expect(waited[0]).toBeGreaterThanOrEqual(5000);
      expect(waited[2]).toBeGreaterThanOrEqual(15_000);
    });

    it('takes its base from a retry field', async () => {
      const [first] = await delays([[open(), send(`retry: 8000\n\n${putOf()}`), close()]], 1, {});
      expect(first).toBeGreaterThanOrEqual(4000);
      expect(first).toBeLessThanOrEqual(8000);
    });

    it('starts the delays anew after a connection that was good for a minute', async () => {
      jest.useFakeTimers(CLOCK);
      const drop: (() => void)[] = [];
      const server = await outside.serve([
        [answer(503)],
        [answer(503)],
        [answer(503)],
        [open(), send(putOf()), ({ response }) => void drop.push(() => response.destroy())],
        [open()],
      ]);
      const client = outside.client(server, { streamInitialReconnectDelayMs: 1000, sendEvents: false });
      await server.exchange(0);
      for (let n = 1; n <= 3; n++) {
        while (server.exchanges.length === n) {
          await jest.advanceTimersByTimeAsync(500);
          await settle(10);
        }
      }
      await until(() => client.initialized());
      await jest.advanceTimersByTimeAsync(61_000);
      drop[0]?.();
      await settle();
      await jest.advanceTimersByTimeAsync(1000);
      await server.exchange(4);
    });

    it('makes three requests when two fail, one at a time, and none after', async () => {
      const server = await outside.serve([[cut()], [answer(500)], live({ a: serving(1) })]);
      const client = outside.client(server);
      await client.waitForInitialization({ timeoutMs: 4000 });
      await settle(60);
      expect(server.exchanges).toHaveLength(3);
    });
  });

  describe('status codes (4.6, 4.6.1)', () => {
    it('follows a 301 at once and for good', async () => {
      const target = await outside.serve([[open(), send(putOf()), close()], live()]);
      const server = await outside.serve([[redirect(301, `${target.uri}/moved`)]]);
      outside.client(server);
      const second = await target.exchange(1);
      expect([server.exchanges.length, second.path]).toEqual([1, '/moved']);
      expect(second.headers.authorization).toBe(SDK_KEY);
    });

    it('follows a 307 at once, and asks the first address again later', async () => {
      const target = await outside.serve([[open(), send(putOf()), close()], live()]);
      const server = await outside.serve([[redirect(307, `${target.uri}/elsewhere`)]]);
      outside.client(server);
      await target.exchange(1);
      expect(server.exchanges).toHaveLength(2);
      const [first] = target.exchanges;
      expect(first?.headers).toMatchObject({ authorization: SDK_KEY, accept: 'text/event-stream' });
    });

    it('does not wait for the body of a redirect', async () => {
      const unfinished: Step = ({ response }) => void response.writeHead(307, { Location: '/there' }).write('moved');
      const server = await outside.serve([[unfinished], live()]);
      await outside.client(server).waitForInitialization({ timeoutMs: 4000 });
      expect(server.exchanges.at(-1)?.path).toBe('/there');
    });

    it('follows relative addresses, and 20 of them', async () => {
      const hops = Array.from({ length: 20 }, (_, index) => [redirect(307, `/hop${index}`)]);
      const server = await outside.serve([...hops, live()]);
      await outside.client(server).waitForInitialization({ timeoutMs: 4000 });
      expect(server.exchanges.at(-1)?.path).toBe('/hop19');
    });

    it.each([204, 201, 302, 303, 304, 308, 300, 400, 408, 429, 500, 502, 503, 504, 599])(
      'takes %d for a failed attempt',
      async (code) => {
        const server = await outside.serve([
          [answer(code, code < 400 && code >= 300 ? { Location: '/other' } : {})],
          live(),
        ]);
        const client = outside.client(server);
        await client.waitForInitialization({ timeoutMs: 4000 });
        expect(requestsTo(server, '/all')).toHaveLength(2);
        expect(outside.errors()).toEqual([]);
        expect(outside.warnings()).not.toEqual([]);
      },
    );

    it.each([301, 307])('takes a %d without Location for a failed attempt', async (code) => {
      const server = await outside.serve([[answer(code)], live()]);
      await outside.client(server).waitForInitialization({ timeoutMs: 4000 });
      expect(server.exchanges).toHaveLength(2);
    });

    it.each([401, 402, 403, 404, 405, 409, 410, 413, 418, 422, 451])(
      'fails on %d, and comes back after 150 to 300 s',
      async (code) => {
        jest.useFakeTimers(CLOCK);
        const server = await outside.serve([[answer(code)], live({ a: serving(1) })]);
        const client = outside.client(server, { sendEvents: false });
        const failed = jest.fn();
        client.on('failed', failed);
        await expect(client.waitForInitialization({ timeoutMs: 4000 })).rejects.toThrow();
        expect(failed).toHaveBeenCalledTimes(1);
        expect(outside.errors()).toHaveLength(1);
        await jest.advanceTimersByTimeAsync(149_000);
        await settle(15);
        expect(server.exchanges).toHaveLength(1);
        await jest.advanceTimersByTimeAsync(152_000);
        await until(() => client.initialized());
        expect(client.variation('a', ALICE, 0)).toBe(1);
        expect(failed).toHaveBeenCalledTimes(1);
        await expect(client.waitForInitialization({ timeoutMs: 4000 })).resolves.toBe(client);
      },
    );

    it('goes on with what it has when it is refused later', async () => {
      const server = await outside.serve([[open(), send(putOf({ a: serving(1) })), close()], [answer(401)]]);
      const client = outside.client(server);
      await until(() => outside.errors().length > 0);
      expect(client.initialized()).toBe(true);
      expect(client.variation('a', ALICE, 0)).toBe(1);
      await expect(client.waitForInitialization({ timeoutMs: 10 })).resolves.toBe(client);
    });
  });

  it('ends the connection at once when closed, and connects no more (4.7)', async () => {
    const { client, server } = await outside.connected();
    const startedAt = performance.now();
    const first = await server.exchange(0);
    await client.close();
    await first.closed;
    expect(performance.now() - startedAt).toBeLessThan(1000);
    const failing = await outside.serve([[answer(503)]]);
    const other = outside.client(failing, { streamInitialReconnectDelayMs: 20 });
    await failing.exchange(0);
    await settle();
    await other.close();
    const count = failing.exchanges.length;
    await settle(80);
    expect(failing.exchanges).toHaveLength(count);
  });
});
