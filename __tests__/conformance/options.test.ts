// docs/protocol.md, section 8.1: whatever is given, the client goes on.
import { createClient } from 'feathery-server-sdk';
import { live, Outsider, SDK_KEY, serving } from '../support/outsider.js';

const ALICE = { key: 'alice' };

describe('options', () => {
  let outside: Outsider;

  beforeEach(() => {
    outside = new Outsider();
  });

  afterEach(async () => {
    jest.useRealTimers();
    await outside.close();
  });

  it.each<[string, object]>([
    ['serviceUri', { serviceUri: 5 }],
    ['streamUri', { streamUri: 'ftp://x' }],
    ['pollUri', { pollUri: {} }],
    ['eventsUri', { eventsUri: 'no address' }],
    ['stream', { stream: 'no' }],
    ['stream', { stream: 1 }],
    ['streamInitialReconnectDelayMs', { streamInitialReconnectDelayMs: '1' }],
    ['streamInitialReconnectDelayMs', { streamInitialReconnectDelayMs: 0 }],
    ['pollIntervalMs', { pollIntervalMs: 29_999 }],
    ['pollIntervalMs', { pollIntervalMs: Number.NaN }],
    ['timeoutMs', { timeoutMs: 999 }],
    ['sendEvents', { sendEvents: 'yes' }],
    ['capacity', { capacity: 0 }],
    ['capacity', { capacity: '9' }],
    ['flushIntervalMs', { flushIntervalMs: -1 }],
    ['contextKeysCapacity', { contextKeysCapacity: null, capacity: [] }],
    ['contextKeysFlushIntervalMs', { contextKeysFlushIntervalMs: true }],
    ['allAttributesPrivate', { allAttributesPrivate: 0 }],
    ['privateAttributes', { privateAttributes: 'email' }],
    ['privateAttributes', { privateAttributes: [5, 'email'] }],
    ['enableEventCompression', { enableEventCompression: 'x' }],
    ['omitAnonymousContexts', { omitAnonymousContexts: 1 }],
    ['diagnosticOptOut', { diagnosticOptOut: 'x' }],
    ['diagnosticRecordingIntervalMs', { diagnosticRecordingIntervalMs: 59_999 }],
    ['offline', { offline: 1 }],
    ['payloadFilterKey', { payloadFilterKey: 5 }],
    ['application', { application: 'shop' }],
    ['application', { application: { id: 'a b' } }],
    ['application', { application: { name: '' } }],
    ['application', { application: { version: 'x'.repeat(65) } }],
    ['wrapperName', { wrapperName: 5 }],
    ['hooks', { hooks: {} }],
    ['hooks', { hooks: [5] }],
    ['tlsParams', { tlsParams: 'x' }],
    ['proxyOptions', { proxyOptions: { host: 5 } }],
    ['cache', { cache: 'x' }],
    ['keepAlive', { keepAlive: 'x' }],
    ['somethingElse', { somethingElse: 1 }],
    ['pollInterval', { pollInterval: 1 }],
  ])('warns of a bad %s and goes on: %j', async (name, options) => {
    const server = await outside.serve([live({ a: serving(1) })]);
    const unset =
      'streamUri' in options || 'pollUri' in options || 'eventsUri' in options || 'serviceUri' in options
        ? { streamUri: server.uri, pollUri: server.uri, eventsUri: server.uri, ...options }
        : { serviceUri: server.uri, ...options };
    const client = outside.client(undefined, { sendEvents: false, ...unset } as never);
    expect(outside.warnings().some((line) => line.includes(name) || line.includes('capacity'))).toBe(true);
    expect(outside.errors()).toEqual([]);
    expect(client.variation('a', ALICE, 'd')).toBe('d');
  });

  it('takes options that are no object, and a logger that is none', () => {
    const console = jest.spyOn(globalThis.console, 'warn').mockImplementation(() => {});
    for (const options of [null, 5, 'x', [], { logger: {} }])
      outside.keep(createClient(SDK_KEY, { offline: true, ...(typeof options === 'object' ? options : {}) } as never));
    expect(console).toHaveBeenCalled();
    console.mockRestore();
  });

  it('is fatal only without a key that is needed', () => {
    for (const key of [undefined, '', null, 5])
      expect(() => createClient(key as never, { logger: outside.logger })).toThrow(/SDK key/);
    expect(() => outside.keep(createClient('', { offline: true, logger: outside.logger }))).not.toThrow();
  });

  it('warns of addresses that are needed and not set beside one that is', async () => {
    const server = await outside.serve([live()]);
    outside.client(undefined, { streamUri: server.uri });
    expect(outside.warnings().filter((line) => line.includes('eventsUri'))).toHaveLength(1);
    outside.lines.length = 0;
    outside.client(undefined, { streamUri: server.uri, sendEvents: false });
    expect(outside.warnings().filter((line) => line.includes('eventsUri'))).toEqual([]);
  });

  it('sends each thing to its own address', async () => {
    const [streams, polls, events] = await Promise.all([
      outside.serve([live()]),
      outside.serve([live()]),
      outside.serve([live()]),
    ]);
    const client = outside.client(undefined, {
      streamUri: streams.uri,
      pollUri: polls.uri,
      eventsUri: `${events.uri}/in/`,
    });
    await client.waitForInitialization({ timeoutMs: 4000 });
    client.identify(ALICE);
    await client.flush();
    expect([streams.exchanges.length, polls.exchanges.length, events.posts.map(({ path }) => path)]).toEqual([
      1,
      0,
      ['/in/bulk'],
    ]);
    expect(outside.lines).toEqual([]);
  });
});
