// docs/protocol.md, section 11, and what the SDK does when its connection or its key changes.
import * as feathery from 'feathery-server-sdk';
import {
  bodyOf,
  CLOCK,
  data,
  live,
  Outsider,
  requestsTo,
  SDK_KEY,
  serving,
  settle,
  until,
} from '../support/outsider.js';
import { type Answer, close, event, open, send, stall } from '../support/sse-server.js';

const ALICE = { key: 'alice' };
const EPOCH = '00112233aabbccdd';
const CAPABLE = { 'X-Feathery-Protocol': '1' };
const putAt = (revision: number, settings: Record<string, object>, epoch = EPOCH) =>
  event('put', { path: '/', data: data(settings) }, `${epoch}:${revision}`);
const changesAt = (revision: number, put: object[], deleted: object[] = []) =>
  event('changes', { revision, put, delete: deleted }, `${EPOCH}:${revision}`);
const item = (key: string, value: unknown, version: number) => ({
  path: `/flags/${key}`,
  data: { key, ...serving(value, { version }) },
});

describe('between our own two ends', () => {
  let outside: Outsider;

  beforeEach(() => {
    outside = new Outsider();
  });

  afterEach(async () => {
    jest.useRealTimers();
    await outside.close();
  });

  const capable = (...texts: string[]): Answer => [open(CAPABLE), ...texts.map((text) => send(text))];

  describe('resume', () => {
    it('asks for what it missed, and is told that this is all', async () => {
      const server = await outside.serve([
        [...capable(putAt(7, { a: serving(1) })), close()],
        capable(changesAt(8, [item('a', 2, 8)]), event('synced', { revision: 9 }, `${EPOCH}:9`)),
      ]);
      const client = outside.client(server);
      expect((await server.exchange(0)).headers).not.toHaveProperty('last-event-id');
      expect((await server.exchange(1)).headers['last-event-id']).toBe(`${EPOCH}:7`);
      await until(() => client.status().revision === 9);
      expect(client.variation('a', ALICE, 0)).toBe(2);
      expect(client.status()).toMatchObject({ state: 'ready', source: 'stream' });
    });

    it('is not ready again before it is told so', async () => {
      let release = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      const server = await outside.serve([
        [...capable(putAt(7, { a: serving(1) })), close()],
        [...capable(changesAt(8, [item('a', 2, 8)])), () => held, send(event('synced', { revision: 8 }, `${EPOCH}:8`))],
      ]);
      const client = outside.client(server);
      await until(() => client.status().revision === 8);
      expect(client.status().state).toBe('interrupted');
      release();
      await until(() => client.status().state === 'ready');
    });

    it('takes a put of another epoch as everything, and asks from there', async () => {
      const server = await outside.serve([
        [...capable(putAt(7, { a: serving(1), gone: serving(1) })), close()],
        [...capable(putAt(2, { a: serving(3) }, 'ffff')), close()],
        capable(event('synced', { revision: 2 }, 'ffff:2')),
      ]);
      const client = outside.client(server);
      expect((await server.exchange(2)).headers['last-event-id']).toBe('ffff:2');
      await until(() => client.status().state === 'ready');
      expect([client.variation('a', ALICE, 0), client.variation('gone', ALICE, 0), client.status().revision]).toEqual([
        3, 0, 2,
      ]);
    });

    it('asks for everything after a message that made no sense', async () => {
      const server = await outside.serve([
        capable(putAt(7, { a: serving(1) }), event('changes', { put: [] }, `${EPOCH}:8`)),
        capable(putAt(8, {})),
      ]);
      outside.client(server);
      expect((await server.exchange(1)).headers).not.toHaveProperty('last-event-id');
    });

    it('means nothing where the service has not shown the capability', async () => {
      const server = await outside.serve([
        [open(), send(putAt(7, { a: serving(1) }) + changesAt(8, [item('a', 2, 8)]) + event('synced', 'no JSON'))],
      ]);
      const client = outside.client(server);
      await client.waitForInitialization({ timeoutMs: 4000 });
      await settle();
      expect(client.variation('a', ALICE, 0)).toBe(1);
      expect([server.exchanges.length, client.status().revision]).toEqual([1, null]);
    });
  });

  it('applies the changes of one revision all at once, by version', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const server = await outside.serve([
      [
        ...capable(putAt(7, { a: serving(1), b: serving(1), old: serving(1), kept: serving(1, { version: 9 }) })),
        () => held,
        send(
          changesAt(
            8,
            [item('a', 2, 8), item('b', 2, 8), item('kept', 2, 8), { path: '/news/x', data: {} }],
            [{ path: '/flags/old', version: 8 }],
          ),
        ),
      ],
    ]);
    const client = outside.client(server);
    await client.waitForInitialization({ timeoutMs: 4000 });
    const seen: unknown[] = [];
    client.on('update', ({ key }) =>
      seen.push([
        key,
        ...['a', 'b', 'old', 'kept'].map((one) => client.variation(one, ALICE, 0)),
        client.status().revision,
      ]),
    );
    release();
    await until(() => seen.length === 3);
    expect(seen).toEqual(['a', 'b', 'old'].map((key) => [key, 2, 2, 0, 1, 8]));
  });

  it('sends receipts for the newest revision, at most one for each interval', async () => {
    jest.useFakeTimers(CLOCK);
    const steps: (() => void)[] = [];
    const next = () => new Promise<void>((resolve) => steps.push(resolve));
    const server = await outside.serve([
      [
        open({ ...CAPABLE, 'X-Feathery-Receipts': 'interval-ms=1000' }),
        send(putAt(7, {})),
        next,
        send(changesAt(8, [item('a', 1, 8)])),
        send(changesAt(9, [item('a', 2, 9)])),
      ],
    ]);
    const client = outside.client(server);
    await until(() => client.status().revision === 7 && steps.length > 0);
    const receipts = () => Promise.all(requestsTo(server, '/sdk/receipts').map(bodyOf));
    for (let n = 0; n < 4; n++) {
      await jest.advanceTimersByTimeAsync(500);
      await settle(10);
    }
    expect((await receipts()).map(({ revision }) => revision)).toEqual([7]);
    steps[0]?.();
    await until(() => client.status().revision === 9);
    for (let n = 0; n < 6; n++) {
      await jest.advanceTimersByTimeAsync(500);
      await settle(10);
    }
    const sent = await receipts();
    expect(sent.at(-1)).toMatchObject({
      instanceId: (await server.exchange(0)).headers['x-launchdarkly-instance-id'],
      revision: 9,
    });
    expect(sent.length).toBeLessThanOrEqual(3);
    const [request] = requestsTo(server, '/sdk/receipts');
    expect(request?.headers).toMatchObject({ authorization: SDK_KEY });
  });

  it('sends no receipts unasked', async () => {
    const server = await outside.serve([capable(putAt(7, {}))]);
    const client = outside.client(server);
    await until(() => client.status().revision === 7);
    await settle();
    expect(server.posts).toEqual([]);
  });

  it('goes on under another key with the same client and the present settings', async () => {
    const server = await outside.serve([live({ a: serving(1) }), [stall()]]);
    feathery.setSdkKey('key-one-000001', { serviceUri: server.uri, logger: outside.logger, diagnosticOptOut: true });
    const client = outside.keep(feathery.get());
    await client.waitForInitialization({ timeoutMs: 4000 });
    const first = await server.exchange(0);
    feathery.setSdkKey('key-two-000002');
    const second = await server.exchange(1);
    await first.closed;
    expect([first.headers.authorization, second.headers.authorization]).toEqual(['key-one-000001', 'key-two-000002']);
    expect(second.headers).not.toHaveProperty('last-event-id');
    expect(feathery.get()).toBe(client);
    expect(client.variation('a', ALICE, 0)).toBe(1);
    client.identify(ALICE);
    await client.flush();
    expect((await server.post(0)).headers.authorization).toBe('key-two-000002');
    await client.close();
    const other = outside.keep(feathery.get());
    expect(other).not.toBe(client);
  });

  it('falls back to polling where the stream brings nothing, and returns', async () => {
    jest.useFakeTimers(CLOCK);
    let brings = false;
    const server = await outside.serve([
      [
        async ({ path, response }) => {
          if (path === '/sdk/latest-all') response.end(JSON.stringify(data({ a: serving('polled') })));
          else {
            response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
            if (brings) response.write(event('put', { data: data({ a: serving('streamed') }) }));
          }
        },
      ],
    ]);
    const client = outside.client(server, { sendEvents: false });
    for (let n = 0; n < 3; n++) {
      await until(() => requestsTo(server, '/all').length === n + 1);
      await settle(10);
      await jest.advanceTimersByTimeAsync(300_000);
      await settle(10);
      await jest.advanceTimersByTimeAsync(1000);
    }
    await until(() => client.status().source === 'poll');
    expect(client.variation('a', ALICE, '')).toBe('polled');
    brings = true;
    for (let n = 0; n < 3 && client.status().source === 'poll'; n++) {
      await jest.advanceTimersByTimeAsync(301_000);
      await settle(30);
    }
    expect([client.status().source, client.variation('a', ALICE, '')]).toEqual(['stream', 'streamed']);
    const polls = requestsTo(server, '/sdk/latest-all').length;
    await jest.advanceTimersByTimeAsync(60_000);
    expect(requestsTo(server, '/sdk/latest-all')).toHaveLength(polls);
  });
});
