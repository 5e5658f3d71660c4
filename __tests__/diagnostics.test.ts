import { arch, release } from 'node:os';
import { Diagnostics, MAX_STREAM_INITS } from '../lib/diagnostics.js';
import { type ClientOptions, resolveOptions } from '../lib/options.js';
import { SDK_NAME, SDK_VERSION } from '../lib/version.js';

const KEY = 'sdk-key-123456f3a9c1';
const warn = () => {};

function diagnostics(options: ClientOptions = {}, createdAt = 1000): Diagnostics {
  return new Diagnostics(resolveOptions({ serviceUri: 'http://localhost:8383', ...options }, { warn }), createdAt);
}

const init = (n: number) => ({ timestamp: n, failed: false, durationMillis: 1 });
const totals = (droppedEvents: number, deduplicatedUsers: number) => ({ droppedEvents, deduplicatedUsers });

describe('Diagnostics', () => {
  it('describes the SDK, its configuration and the platform', () => {
    expect(diagnostics().initEvent(KEY)).toEqual({
      kind: 'diagnostic-init',
      creationDate: 1000,
      id: { diagnosticId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-/), sdkKeySuffix: 'f3a9c1' },
      sdk: { name: SDK_NAME, version: SDK_VERSION },
      configuration: {
        customBaseURI: false,
        customStreamURI: false,
        customEventsURI: false,
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
        osArch: arch(),
        osName: { linux: 'Linux', darwin: 'MacOS', win32: 'Windows' }[process.platform as string] ?? process.platform,
        osVersion: release(),
        nodeVersion: process.versions.node,
      },
    });
  });

  it('reports what was configured', () => {
    const event = diagnostics({
      eventsUri: 'http://events.test',
      stream: false,
      allAttributesPrivate: true,
      capacity: 5,
      flushIntervalMs: 700,
      contextKeysCapacity: 9,
      timeoutMs: 3000,
      wrapperName: 'wrapper',
      wrapperVersion: '2.1',
      proxyOptions: { host: 'proxy', port: 1, auth: 'a:b' },
    }).initEvent(KEY);
    expect(event).toMatchObject({
      sdk: { wrapperName: 'wrapper', wrapperVersion: '2.1' },
      configuration: {
        customBaseURI: false,
        customEventsURI: true,
        streamingDisabled: true,
        allAttributesPrivate: true,
        eventsCapacity: 5,
        eventsFlushIntervalMillis: 700,
        contextKeysCapacity: 9,
        connectTimeoutMillis: 3000,
        usingProxy: true,
        usingProxyAuthenticator: true,
      },
    });
  });

  it('keeps its id for life, and the date of an event is when the one before was made', () => {
    const made = diagnostics({}, 1000);
    const first = made.initEvent(KEY) as { id: object };
    expect(made.periodicEvent(KEY, 2000, totals(0, 0), 0)).toMatchObject({ id: first.id, dataSinceDate: 1000 });
    expect(made.periodicEvent(KEY, 3500, totals(0, 0), 0)).toMatchObject({
      id: first.id,
      creationDate: 3500,
      dataSinceDate: 2000,
    });
  });

  it('reports what the totals grew by and the attempts to connect since the event before', () => {
    const made = diagnostics();
    made.recordStreamInit(init(1));
    made.recordStreamInit(init(2));
    expect(made.periodicEvent(KEY, 2000, totals(3, 10), 7)).toEqual({
      kind: 'diagnostic',
      creationDate: 2000,
      dataSinceDate: 1000,
      id: expect.anything(),
      droppedEvents: 3,
      deduplicatedUsers: 10,
      eventsInLastBatch: 7,
      streamInits: [init(1), init(2)],
    });
    made.recordStreamInit(init(3));
    expect(made.periodicEvent(KEY, 3000, totals(4, 15), 2)).toMatchObject({
      droppedEvents: 1,
      deduplicatedUsers: 5,
      eventsInLastBatch: 2,
      streamInits: [init(3)],
    });
  });

  it('lists a bounded number of attempts', () => {
    const made = diagnostics();
    for (let i = 0; i < MAX_STREAM_INITS + 10; i++) made.recordStreamInit(init(i));
    const { streamInits } = made.periodicEvent(KEY, 2000, totals(0, 0), 0) as { streamInits: unknown[] };
    expect(streamInits).toHaveLength(MAX_STREAM_INITS);
  });

  it('shows the end of the key in use', () => {
    const made = diagnostics();
    expect(made.periodicEvent('sdk-another-abcdef', 1, totals(0, 0), 0)).toMatchObject({
      id: { sdkKeySuffix: 'abcdef' },
    });
  });
});
