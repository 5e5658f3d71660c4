import { DEFAULT_SERVICE_URI, resolveOptions } from '../lib/options.js';

function resolve(options: unknown) {
  const warnings: string[] = [];
  const resolved = resolveOptions(options, { warn: (message) => warnings.push(message) });
  return { resolved, warnings };
}

describe('options', () => {
  const environment = { ...process.env };
  beforeEach(() => {
    delete process.env.FEATHERY_SERVICE_URI;
  });
  afterEach(() => {
    process.env = { ...environment };
  });

  it('has a value for everything without a warning when nothing is given', () => {
    const { resolved, warnings } = resolve(undefined);
    expect(warnings).toEqual([]);
    expect(resolved).toEqual({
      streamUri: DEFAULT_SERVICE_URI,
      pollUri: DEFAULT_SERVICE_URI,
      eventsUri: DEFAULT_SERVICE_URI,
      stream: true,
      streamInitialReconnectDelayMs: 1000,
      pollIntervalMs: 30_000,
      timeoutMs: 10_000,
      sendEvents: true,
      capacity: 10_000,
      flushIntervalMs: 5000,
      contextKeysCapacity: 1000,
      contextKeysFlushIntervalMs: 300_000,
      allAttributesPrivate: false,
      privateAttributes: [],
      enableEventCompression: false,
      omitAnonymousContexts: false,
      diagnosticOptOut: false,
      diagnosticRecordingIntervalMs: 900_000,
      offline: false,
      payloadFilterKey: undefined,
      application: {},
      wrapperName: undefined,
      wrapperVersion: undefined,
      hooks: [],
      tlsParams: undefined,
      proxyOptions: undefined,
      logger: undefined,
      keepAlive: false,
      cache: undefined,
      spoolDir: undefined,
      dataSource: undefined,
    });
    expect(Object.isFrozen(resolved)).toBe(true);
  });

  it.each([
    ['pollIntervalMs', 1, 30_000],
    ['timeoutMs', 0, 1000],
    ['diagnosticRecordingIntervalMs', 59_999, 60_000],
    ['flushIntervalMs', -5, 1],
    ['flushIntervalMs', Number.POSITIVE_INFINITY, 2 ** 31 - 1],
    ['streamInitialReconnectDelayMs', -1, 1],
    ['capacity', 0, 1],
    ['contextKeysCapacity', 1e9, 1_000_000],
    ['pollIntervalMs', '60000', 30_000],
    ['capacity', Number.NaN, 10_000],
    ['capacity', {}, 10_000],
  ])('%s given as %p becomes %p with a warning', (name, given, expected) => {
    const { resolved, warnings } = resolve({ [name]: given });
    expect(resolved[name as keyof typeof resolved]).toBe(expected);
    expect(warnings).toEqual([expect.stringContaining(`"${name}"`)]);
  });

  it('counts in whole numbers', () => {
    expect(resolve({ capacity: 2.9 }).resolved.capacity).toBe(2);
  });

  it.each([
    ['stream', 0, false],
    ['offline', 'yes', true],
    ['allAttributesPrivate', 1, true],
    ['sendEvents', '', false],
  ])('%s given as %p is taken by its truth, with a warning', (name, given, expected) => {
    const { resolved, warnings } = resolve({ [name]: given });
    expect(resolved[name as keyof typeof resolved]).toBe(expected);
    expect(warnings).toHaveLength(1);
  });

  it.each([
    ['payloadFilterKey', ''],
    ['payloadFilterKey', 'a b'],
    ['payloadFilterKey', '-a'],
    ['wrapperName', 'a\nb'],
    ['tlsParams', 'ca'],
    ['proxyOptions', { host: 'localhost' }],
    ['proxyOptions', { host: 'localhost', port: '80' }],
    ['proxyOptions', { host: 'localhost', port: 65_536 }],
    ['proxyOptions', { host: '', port: 80 }],
    ['proxyOptions', { host: 'localhost', port: 80, scheme: 'socks' }],
    ['proxyOptions', { host: 'localhost', port: 80, auth: 5 }],
    ['logger', { error() {} }],
    ['cache', { path: '' }],
    ['cache', '/tmp/file'],
    ['spoolDir', 7],
    ['dataSource', {}],
  ] as const)('%s given as %p is ignored with a warning', (name, given) => {
    const { resolved, warnings } = resolve({ [name]: given });
    expect(resolved[name]).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining(`"${name}"`)]);
  });

  it('treats null and undefined as not given', () => {
    const { resolved, warnings } = resolve({ stream: null, capacity: undefined, hooks: null, logger: null });
    expect(warnings).toEqual([]);
    expect(resolved).toMatchObject({ stream: true, capacity: 10_000, hooks: [], logger: undefined });
  });

  it('keeps what TLS and the proxy need as it was given', () => {
    const tlsParams = { ca: 'PEM' };
    const proxyOptions = { host: 'proxy', port: 80, scheme: null, auth: null };
    const { resolved, warnings } = resolve({ tlsParams, proxyOptions });
    Object.assign(tlsParams, { ca: 'other' });
    Object.assign(proxyOptions, { host: 'other' });
    expect(warnings).toEqual([]);
    expect(resolved).toMatchObject({ tlsParams: { ca: 'PEM' } });
    expect(resolved.proxyOptions).toEqual({ host: 'proxy', port: 80, scheme: 'http' });
  });

  it('keeps the usable entries of a list, so that no private attribute is revealed by a bad one', () => {
    const { resolved, warnings } = resolve({ privateAttributes: ['email', 7, 'name'] });
    expect(resolved.privateAttributes).toEqual(['email', 'name']);
    expect(warnings).toHaveLength(1);
  });

  it('leaves out single application fields that cannot stand in a header', () => {
    const { resolved, warnings } = resolve({
      application: { id: 'shop', version: '', name: 'a b', versionName: 'x'.repeat(65) },
    });
    expect(resolved.application).toEqual({ id: 'shop' });
    expect(warnings).toHaveLength(3);
  });

  it('warns of an unknown option and names the one meant', () => {
    const { warnings } = resolve({ flushInterval: 5, baseUri: 'http://x', somethingElse: 1 });
    expect(warnings).toEqual([
      'Unknown option "flushInterval" is ignored. Use "flushIntervalMs", in milliseconds.',
      'Unknown option "baseUri" is ignored. Use "pollUri".',
      'Unknown option "somethingElse" is ignored.',
    ]);
  });

  it.each([null, 'text', 7])('takes the defaults for options given as %p', (options) => {
    const { resolved, warnings } = resolve(options);
    expect(resolved.stream).toBe(true);
    expect(warnings).toHaveLength(1);
  });

  it('survives options whose properties throw', () => {
    const hostile = {
      get stream() {
        throw new Error('no');
      },
    };
    expect(resolve(hostile).resolved.stream).toBe(true);
    const inner = {
      cache: {
        get path() {
          throw new Error('no');
        },
      },
    };
    expect(resolve(inner).resolved.cache).toBeUndefined();
  });

  describe('addresses', () => {
    it('are all set by serviceUri, without trailing slashes and with the path kept', () => {
      const { resolved, warnings } = resolve({ serviceUri: 'https://host/base//', eventsUri: 'https://events/' });
      expect(resolved).toMatchObject({
        streamUri: 'https://host/base',
        pollUri: 'https://host/base',
        eventsUri: 'https://events',
      });
      expect(warnings).toEqual([]);
    });

    it('come from the environment variable when the option is not given', () => {
      process.env.FEATHERY_SERVICE_URI = 'http://from-env:1/';
      expect(resolve({}).resolved.streamUri).toBe('http://from-env:1');
      expect(resolve({ serviceUri: 'http://option' }).resolved.streamUri).toBe('http://option');
    });

    it('warn when one is set and another that is needed is not', () => {
      expect(resolve({ streamUri: 'http://a' }).warnings).toEqual([
        expect.stringContaining('"pollUri"'),
        expect.stringContaining('"eventsUri"'),
      ]);
      expect(resolve({ pollUri: 'http://a', stream: false, sendEvents: false }).warnings).toEqual([]);
    });

    it('fall back when they are not addresses', () => {
      const { resolved, warnings } = resolve({ serviceUri: 'ftp://host' });
      expect(resolved.streamUri).toBe(DEFAULT_SERVICE_URI);
      expect(warnings).toHaveLength(1);
    });
  });

  it('sends no events when offline, nor by itself with a local data source', () => {
    const dataSource = { start: () => () => {} };
    expect(resolve({ offline: true, sendEvents: true }).resolved.sendEvents).toBe(false);
    expect(resolve({ dataSource }).resolved.sendEvents).toBe(false);
    expect(resolve({ dataSource, sendEvents: true }).resolved.sendEvents).toBe(true);
  });
});
