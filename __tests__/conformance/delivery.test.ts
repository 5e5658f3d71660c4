// docs/protocol.md, section 6.1, as a service sees it.
import {
  bodyOf,
  CLOCK,
  Outsider,
  payloadsOf,
  requestsTo,
  SDK_KEY,
  serving,
  settle,
  until,
} from '../support/outsider.js';
import { type Answer, status as answer, cut, type Exchange, stall } from '../support/sse-server.js';

const ALICE = { kind: 'user', key: 'alice', plan: 'gold' };
const BOB = { key: 'bob' };
const UUID4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('delivery of events', () => {
  let outside: Outsider;

  beforeEach(() => {
    outside = new Outsider();
  });

  afterEach(async () => {
    jest.useRealTimers();
    await outside.close();
  });

  it('is a POST of an array with exactly the headers of the protocol', async () => {
    const { client, server } = await outside.connected();
    client.identify(ALICE);
    await client.flush();
    const [request] = requestsTo(server, '/bulk');
    const stream = await server.exchange(0);
    const {
      host: _host,
      connection: _connection,
      'content-length': _length,
      'user-agent': agent,
      ...headers
    } = request?.headers ?? {};
    expect(headers).toEqual({
      authorization: SDK_KEY,
      'content-type': 'application/json',
      'x-launchdarkly-event-schema': '4',
      'x-launchdarkly-payload-id': expect.stringMatching(UUID4),
      'x-launchdarkly-instance-id': stream.headers['x-launchdarkly-instance-id'],
    });
    expect(agent).toBe(stream.headers['user-agent']);
    expect(request?.method).toBe('POST');
  });

  it('compresses on request', async () => {
    const { client, server } = await outside.connected({}, { enableEventCompression: true, diagnosticOptOut: false });
    client.identify(ALICE);
    await client.flush();
    for (const path of ['/bulk', '/diagnostic']) {
      const [request] = requestsTo(server, path) as [Exchange];
      expect(request.headers).toMatchObject({ 'content-encoding': 'gzip', 'content-type': 'application/json' });
      expect(await bodyOf(request)).toMatchObject(
        path === '/bulk' ? [{ kind: 'identify' }] : { kind: 'diagnostic-init' },
      );
    }
  });

  it('gives each payload an id of its own', async () => {
    const { client, server } = await outside.connected();
    for (const key of ['a', 'b']) {
      client.identify({ key });
      await client.flush();
    }
    const ids = requestsTo(server, '/bulk').map(({ headers }) => headers['x-launchdarkly-payload-id']);
    expect(new Set(ids).size).toBe(2);
  });

  it.each<[string, Answer]>([
    ['a cut connection', [cut()]],
    ['400', [answer(400)]],
    ['408', [answer(408)]],
    ['429', [answer(429)]],
    ['500', [answer(500)]],
    ['503', [answer(503)]],
  ])('tries again once a second after %s, with the same payload', async (_what, bad) => {
    jest.useFakeTimers(CLOCK);
    const { client, server } = await outside.answered([bad, [answer(202)]]);
    client.identify(ALICE);
    const ended = jest.fn();
    void client.flush().then(ended);
    await until(() => requestsTo(server, '/bulk').length === 1);
    await settle(20);
    await jest.advanceTimersByTimeAsync(900);
    await settle(15);
    expect(requestsTo(server, '/bulk')).toHaveLength(1);
    expect(ended).not.toHaveBeenCalled();
    await jest.advanceTimersByTimeAsync(200);
    await until(() => ended.mock.calls.length > 0);
    const attempts = requestsTo(server, '/bulk');
    expect(attempts).toHaveLength(2);
    const [first, second] = attempts as [Exchange, Exchange];
    expect(second.headers['x-launchdarkly-payload-id']).toBe(first.headers['x-launchdarkly-payload-id']);
    expect(second.headers['content-length']).toBe(first.headers['content-length']);
    expect(await bodyOf(second)).toMatchObject([{ kind: 'identify', context: { key: 'alice' } }]);
    expect(client.status().analytics).toMatchObject({ accepted: 1, delivered: 1, queued: 0 });
  });

  it('takes no answer within the timeout for a failure', async () => {
    jest.useFakeTimers(CLOCK);
    const { client, server } = await outside.answered([[stall()], [answer(202)]], { timeoutMs: 2000 });
    client.identify(ALICE);
    const flush = client.flush();
    await until(() => requestsTo(server, '/bulk').length === 1);
    await jest.advanceTimersByTimeAsync(2000);
    await settle(15);
    await jest.advanceTimersByTimeAsync(1000);
    await flush;
    expect(requestsTo(server, '/bulk')).toHaveLength(2);
  });

  it('goes on with new payloads after two failures, and loses none', async () => {
    jest.useFakeTimers(CLOCK);
    const { client, server } = await outside.answered([[answer(503)], [answer(503)], [answer(202)]]);
    client.identify(ALICE);
    const first = client.flush();
    await until(() => requestsTo(server, '/bulk').length === 1);
    await settle(15);
    await jest.advanceTimersByTimeAsync(1000);
    await first;
    expect(requestsTo(server, '/bulk')).toHaveLength(2);
    client.identify(BOB);
    await client.flush();
    await jest.advanceTimersByTimeAsync(3000);
    await until(() => client.status().analytics.delivered === 2);
    const ids = requestsTo(server, '/bulk').map(({ headers }) => headers['x-launchdarkly-payload-id']);
    expect(new Set(ids).size).toBe(2);
  });

  it('drops a payload that is too large, without another attempt, and carries on', async () => {
    const { client, server } = await outside.answered([[answer(413)], [answer(202)]]);
    client.identify(ALICE);
    await client.flush();
    client.identify(BOB);
    await client.flush();
    const payloads = await payloadsOf(server);
    expect(payloads.map(([event]) => event.context.key)).toEqual(['alice', 'bob']);
    expect(client.status().analytics.dropped).toEqual({ full: 0, refused: 1, expired: 0 });
  });

  it.each([401, 403, 404, 405, 410])('sends nothing more after %d, until waiting long has helped', async (code) => {
    jest.useFakeTimers(CLOCK);
    const { client, server } = await outside.answered([[answer(code)], [answer(202)]]);
    client.identify(ALICE);
    await client.flush();
    client.identify(BOB);
    await client.flush();
    await jest.advanceTimersByTimeAsync(140_000);
    await settle(10);
    expect(requestsTo(server, '/bulk')).toHaveLength(1);
    expect(outside.errors()).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(160_001);
    await until(() => client.status().analytics.delivered >= 1);
    await client.flush();
    expect(client.status().analytics).toMatchObject({ accepted: 2, delivered: 2, queued: 0 });
  });

  it('stops for a refusal at the second attempt as at the first', async () => {
    jest.useFakeTimers(CLOCK);
    const { client, server } = await outside.answered([[answer(503)], [answer(401)], [answer(202)]]);
    client.identify(ALICE);
    const flush = client.flush();
    await until(() => requestsTo(server, '/bulk').length === 1);
    await settle(15);
    await jest.advanceTimersByTimeAsync(1000);
    await flush;
    client.identify(BOB);
    await client.flush();
    await jest.advanceTimersByTimeAsync(60_000);
    await settle(10);
    expect(requestsTo(server, '/bulk')).toHaveLength(2);
  });

  it('makes no request when there is nothing to tell (6.1.3)', async () => {
    const { client, server } = await outside.connected();
    await client.flush();
    await client.flush();
    await client.close();
    expect(server.posts).toEqual([]);
  });

  it('flushes every five seconds, and once at the end (6.1.3)', async () => {
    jest.useFakeTimers(CLOCK);
    const { client, server } = await outside.connected();
    client.identify(ALICE);
    await jest.advanceTimersByTimeAsync(4990);
    expect(server.posts).toEqual([]);
    await jest.advanceTimersByTimeAsync(20);
    await server.post(0);
    client.identify(BOB);
    await client.close();
    expect(requestsTo(server, '/bulk')).toHaveLength(2);
  });

  it('sends overlapping flushes at the same time (6.1.3)', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { client, server } = await outside.answered([[stall(held), answer(202)], [answer(202)]]);
    client.identify(ALICE);
    const first = client.flush();
    await server.post(0);
    client.identify(BOB);
    await client.flush();
    expect(requestsTo(server, '/bulk')).toHaveLength(2);
    release();
    await first;
  });

  it('sends nothing at all without events (6.1.4)', async () => {
    const { client, server } = await outside.connected(
      { a: serving(1) },
      { sendEvents: false, diagnosticOptOut: false },
    );
    client.variation('a', ALICE, 0);
    client.identify(ALICE);
    client.track('x', ALICE);
    await client.flush();
    await client.close();
    expect(server.posts).toEqual([]);
  });
});
