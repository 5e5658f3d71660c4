import type { FeatheryClient } from '../lib/index.js';
import { setting, settings, type TestSettings } from '../lib/testing.js';

const ada = { key: 'ada' };

describe('watch', () => {
  let data: TestSettings;
  let client: FeatheryClient;
  beforeEach(() => {
    data = settings({ a: 1 });
    client = data.client({ logger: { error() {}, warn() {}, info() {}, debug() {} } });
  });
  afterEach(() => client.close());

  it('gives the present value, then each that differs', async () => {
    const values = client.watch('a', ada, 0);
    expect(await values.next()).toEqual({ done: false, value: 1 });
    const second = values.next();
    data.set('b', 1).set('a', 1).set('a', 2);
    expect(await second).toEqual({ done: false, value: 2 });
    const third = values.next();
    data.remove('a');
    expect(await third).toEqual({ done: false, value: 0 });
  });

  it('gives a slow consumer the latest, and nothing when it is the same again', async () => {
    const values = client.watch('a', ada, 0);
    await values.next();
    data.set('a', 2).set('a', 3);
    expect(await values.next()).toEqual({ done: false, value: 3 });
    data.set('a', 4).set('a', 3);
    const next = values.next();
    data.set('a', 5);
    expect(await next).toEqual({ done: false, value: 5 });
  });

  it('sees only changes for its user, and those through segments', async () => {
    data.setSegment('s', []).set('a', setting(1, 2).rule([{ op: 'segmentMatch', values: ['s'] }], 2));
    const values = client.watch('a', ada, 0);
    expect((await values.next()).value).toBe(1);
    const next = values.next();
    data.setSegment('s', ['bob']).setSegment('s', ['ada']);
    expect((await next).value).toBe(2);
  });

  it('ends with the client, the signal and the loop', async () => {
    const byClient = client.watch('a', ada, 0);
    const controller = new AbortController();
    const bySignal = client.watch('a', ada, 0, { signal: controller.signal });
    for (const values of [byClient, bySignal]) await values.next();
    const ends = [byClient.next(), bySignal.next()];
    controller.abort();
    expect(await ends[1]).toEqual({ done: true, value: undefined });
    for await (const value of client.watch('a', ada, 0)) {
      expect(value).toBe(1);
      break;
    }
    await client.close();
    expect(await ends[0]).toEqual({ done: true, value: undefined });
    expect(await byClient.next()).toEqual({ done: true, value: undefined });
    expect(await client.watch('a', ada, 0).next()).toEqual({ done: true, value: undefined });
    expect(await client.watch('a', ada, 0, { signal: AbortSignal.abort() }).next()).toMatchObject({ done: true });
  });

  it('can call a function, which is waited for and may fail', async () => {
    const values: number[] = [];
    let release = () => {};
    const stop = client.watch('a', ada, 0, (value) => {
      values.push(value);
      if (value === 2) throw new Error('no');
      return new Promise<void>((resolve) => {
        release = resolve;
      });
    });
    await new Promise(setImmediate);
    data.set('a', 9).set('a', 2);
    expect(values).toEqual([1]);
    release();
    await new Promise(setImmediate);
    expect(values).toEqual([1, 2]);
    data.set('a', 3);
    await new Promise(setImmediate);
    expect(values).toEqual([1, 2, 3]);
    stop();
    release();
    data.set('a', 4);
    await new Promise(setImmediate);
    expect(values).toEqual([1, 2, 3]);
  });

  it('answers several that wait, one for each change', async () => {
    const values = client.watch('a', ada, 0);
    const results = [values.next(), values.next(), values.next()];
    data.set('a', 2).set('a', 3);
    expect((await Promise.all(results)).map(({ value }) => value)).toEqual([1, 2, 3]);
  });
});
