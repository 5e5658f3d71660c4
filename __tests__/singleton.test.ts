import * as feathery from '../lib/index.js';
import { settings } from '../lib/testing.js';
import { on } from './support/client.js';
import { open, put, ScriptedServer, send, stall } from './support/sse-server.js';

const STATE = Symbol.for('feathery-server-sdk.process-state.v1');
const ada = { key: 'ada' };
const quiet = { error() {}, warn() {}, info() {}, debug() {} };

describe('the shared client', () => {
  const environment = { ...process.env };
  afterEach(async () => {
    const state = (globalThis as { [STATE]?: { client?: feathery.FeatheryClient } })[STATE];
    await state?.client?.close();
    delete (globalThis as { [STATE]?: unknown })[STATE];
    process.env = { ...environment };
  });

  it('cannot be had before setSdkKey, not even with the key in the environment', () => {
    process.env.FEATHERY_SDK_KEY = 'from-the-environment';
    expect(() => feathery.get()).toThrow(
      expect.objectContaining({ code: 'SDK_KEY_NOT_SET', message: expect.stringContaining('setSdkKey') }),
    );
  });

  it('is always the same', () => {
    feathery.setSdkKey('key', { dataSource: settings({ a: true }) });
    const client = feathery.get();
    expect(feathery.get()).toBe(client);
    expect(client.variation('a', ada, false)).toBe(true);
  });

  it('takes its key from the environment when none is given', async () => {
    const server = await ScriptedServer.listen([[open(), send(put()), stall()]]);
    process.env.FEATHERY_SDK_KEY = 'from-the-environment';
    feathery.setSdkKey(undefined, { serviceUri: server.uri, logger: quiet });
    await feathery.get().waitForInitialization({ timeoutMs: 5000 });
    expect((await server.exchange(0)).headers.authorization).toBe('from-the-environment');
    await feathery.get().close();
    await server.close();
  });

  it('fails without any key, except offline', () => {
    delete process.env.FEATHERY_SDK_KEY;
    feathery.setSdkKey('');
    expect(() => feathery.get()).toThrow(expect.objectContaining({ code: 'SDK_KEY_NOT_SET' }));
    feathery.setSdkKey('', { offline: true });
    expect(feathery.get().variation('a', ada, 1)).toBe(1);
  });

  it('goes on with another key, as the same object and without a gap', async () => {
    const server = await ScriptedServer.listen([[open(), send(put({ a: on() })), stall()]]);
    feathery.setSdkKey('first', { serviceUri: server.uri, logger: quiet });
    const client = feathery.get();
    await client.waitForInitialization({ timeoutMs: 5000 });
    feathery.setSdkKey('second');
    expect(feathery.get()).toBe(client);
    expect(client.variation('a', ada, false)).toBe(true);
    expect((await server.exchange(1)).headers.authorization).toBe('second');
    feathery.setSdkKey('second');
    feathery.setSdkKey('');
    await (await server.exchange(0)).closed;
    expect(server.exchanges).toHaveLength(2);
    await client.close();
    await server.close();
  });

  it('is released by closing; the next has the recorded key and options', async () => {
    feathery.setSdkKey('key', { dataSource: settings({ a: true }) });
    const first = feathery.get();
    const closing = first.close();
    const second = feathery.get();
    expect(second).not.toBe(first);
    expect(second.variation('a', ada, false)).toBe(true);
    await closing;
    expect(feathery.get()).toBe(second);
  });

  it('has nothing to do with clients of their own', async () => {
    feathery.setSdkKey('key', { dataSource: settings({ a: 1 }) });
    const own = feathery.createClient('other', { dataSource: settings({ a: 2 }) });
    expect([feathery.get().variation('a', ada, 0), own.variation('a', ada, 0)]).toEqual([1, 2]);
    await own.close();
    expect(feathery.get().status().state).toBe('ready');
  });

  it('is one for all copies of the package in the process', () => {
    feathery.setSdkKey('key', { dataSource: settings({ a: true }) });
    let copy: typeof feathery | undefined;
    jest.isolateModules(() => {
      copy = require('../lib/index.js');
    });
    expect(copy?.get).not.toBe(feathery.get);
    expect(copy?.get()).toBe(feathery.get());
    expect(feathery.get().runWith(ada, () => copy?.variation('a', false))).toBe(true);
  });
});
