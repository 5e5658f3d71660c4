// docs/protocol.md, section 6.7, as a service sees it.
import {
  bodyOf,
  CLOCK,
  live,
  Outsider,
  putOf,
  requestsTo,
  SDK_KEY,
  serving,
  settle,
  until,
} from '../support/outsider.js';
import { status as answer, open, send } from '../support/sse-server.js';

const UUID4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('diagnostic events', () => {
  let outside: Outsider;

  beforeEach(() => {
    outside = new Outsider();
    jest.useFakeTimers(CLOCK);
  });

  afterEach(async () => {
    jest.useRealTimers();
    await outside.close();
  });

  it('begin with one that has exactly the fields of the protocol', async () => {
    const before = Date.now();
    const { server } = await outside.connected(
      {},
      {
        diagnosticOptOut: false,
        streamInitialReconnectDelayMs: 1000,
        wrapperName: 'w',
        wrapperVersion: '2',
        application: { id: 'shop' },
      },
    );
    const request = await server.post(0);
    const {
      host: _host,
      connection: _connection,
      'content-length': _length,
      'user-agent': agent,
      ...headers
    } = request.headers;
    expect(request.path).toBe('/diagnostic');
    expect(headers).toEqual({
      authorization: SDK_KEY,
      'content-type': 'application/json',
      'x-launchdarkly-instance-id': expect.stringMatching(UUID4),
      'x-launchdarkly-wrapper': 'w/2',
      'x-launchdarkly-tags': 'application-id/shop',
    });
    const body = await bodyOf(request);
    expect(body).toEqual({
      kind: 'diagnostic-init',
      creationDate: expect.any(Number),
      id: { diagnosticId: expect.stringMatching(UUID4), sdkKeySuffix: SDK_KEY.slice(-6) },
      sdk: { name: expect.any(String), version: expect.any(String), wrapperName: 'w', wrapperVersion: '2' },
      configuration: {
        customBaseURI: true,
        customStreamURI: true,
        customEventsURI: true,
        eventsCapacity: 10_000,
        connectTimeoutMillis: 10_000,
        socketTimeoutMillis: 10_000,
        eventsFlushIntervalMillis: 5000,
        pollingIntervalMillis: 30_000,
        reconnectTimeMillis: 1000,
        contextKeysFlushIntervalMillis: 300_000,
        diagnosticRecordingIntervalMillis: 900_000,
        streamingDisabled: false,
        usingRelayDaemon: false,
        offline: false,
        allAttributesPrivate: false,
        contextKeysCapacity: 1000,
        usingProxy: false,
        usingProxyAuthenticator: false,
        dataStoreType: 'memory',
      },
      platform: {
        name: 'Node',
        osArch: process.arch,
        osName: expect.any(String),
        osVersion: expect.any(String),
        nodeVersion: process.versions.node,
      },
    });
    expect(body.creationDate).toBeGreaterThanOrEqual(before);
    expect(agent).toBe(`${body.sdk.name}/${body.sdk.version}`);
    expect(['Linux', 'MacOS', 'Windows']).toContain(body.platform.osName);
  });

  it('go on with counts that start anew each time', async () => {
    const drop: (() => void)[] = [];
    const server = await outside.serve([
      [answer(503)],
      [open(), send(putOf({ a: serving(1) })), ({ response }) => void drop.push(() => response.destroy())],
      live({ a: serving(1) }),
    ]);
    const client = outside.client(server, { diagnosticOptOut: false, diagnosticRecordingIntervalMs: 1, capacity: 2 });
    expect(outside.warnings().join()).toContain('diagnosticRecordingIntervalMs');
    await until(() => server.exchanges.length === 1);
    await settle(15);
    await jest.advanceTimersByTimeAsync(1000);
    await until(() => client.initialized());
    for (let n = 0; n < 4; n++) client.variation('a', { key: 'same' }, 0);
    client.identify({ key: 'b' });
    client.track('dropped', { key: 'same' });
    client.identify({ key: 'dropped' });
    await client.flush();
    await jest.advanceTimersByTimeAsync(59_000);
    await settle(15);
    await until(() => requestsTo(server, '/diagnostic').length === 2);
    const [init, first] = await Promise.all(requestsTo(server, '/diagnostic').map(bodyOf));
    expect(first).toEqual({
      kind: 'diagnostic',
      creationDate: expect.any(Number),
      dataSinceDate: init.creationDate,
      id: init.id,
      droppedEvents: 2,
      deduplicatedUsers: 4,
      eventsInLastBatch: 3,
      streamInits: [
        { timestamp: expect.any(Number), failed: true, durationMillis: expect.any(Number) },
        { timestamp: expect.any(Number), failed: false, durationMillis: expect.any(Number) },
      ],
    });
    drop[0]?.();
    await settle(15);
    await jest.advanceTimersByTimeAsync(60_000);
    await until(() => requestsTo(server, '/diagnostic').length === 3);
    const [, , second] = await Promise.all(requestsTo(server, '/diagnostic').map(bodyOf));
    expect(second).toMatchObject({
      dataSinceDate: first.creationDate,
      id: init.id,
      droppedEvents: 0,
      deduplicatedUsers: 0,
    });
    expect(second.streamInits).toHaveLength(1);
  });

  it('tell of the options that are set, and nothing of what they are', async () => {
    const server = await outside.serve([live()]);
    outside.client(server, {
      diagnosticOptOut: false,
      stream: false,
      capacity: 5,
      timeoutMs: 3000,
      flushIntervalMs: 700,
      pollIntervalMs: 40_000,
      contextKeysCapacity: 7,
      contextKeysFlushIntervalMs: 8000,
      diagnosticRecordingIntervalMs: 61_000,
      allAttributesPrivate: true,
    });
    const { configuration } = await bodyOf(await server.post(0));
    expect(configuration).toMatchObject({
      streamingDisabled: true,
      eventsCapacity: 5,
      connectTimeoutMillis: 3000,
      socketTimeoutMillis: 3000,
      eventsFlushIntervalMillis: 700,
      pollingIntervalMillis: 40_000,
      contextKeysCapacity: 7,
      contextKeysFlushIntervalMillis: 8000,
      diagnosticRecordingIntervalMillis: 61_000,
      allAttributesPrivate: true,
    });
  });

  it('are tried twice, a second apart', async () => {
    const server = await outside.serve([live()], { posts: [[answer(503)], [answer(503)], [answer(202)]] });
    outside.client(server, { diagnosticOptOut: false });
    await server.post(0);
    await settle(15);
    await jest.advanceTimersByTimeAsync(1100);
    await until(() => server.posts.length === 2);
    await settle(15);
    await jest.advanceTimersByTimeAsync(20_000);
    await settle(15);
    expect(requestsTo(server, '/diagnostic')).toHaveLength(2);
  });

  it.each([{ diagnosticOptOut: true }, { diagnosticOptOut: false, sendEvents: false }])(
    'do not come with %j',
    async (options) => {
      const { client, server } = await outside.connected({}, options);
      await jest.advanceTimersByTimeAsync(901_000);
      await client.flush();
      expect(server.posts).toEqual([]);
    },
  );
});
