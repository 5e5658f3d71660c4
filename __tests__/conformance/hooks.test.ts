// docs/protocol.md, section 8.6, as an application sees it.
import type { FeatheryClient, Hook } from 'feathery-server-sdk';
import { flushed, live, Outsider, ofKind, putOf, serving, settle } from '../support/outsider.js';
import { close, open, send, stall } from '../support/sse-server.js';

const ALICE = { key: 'alice' };

describe('hooks', () => {
  let outside: Outsider;

  beforeEach(() => {
    outside = new Outsider();
  });

  afterEach(async () => {
    jest.useRealTimers();
    await outside.close();
  });

  type Call = [hook: string, stage: string, ...rest: unknown[]];
  const recording = (name: string, calls: Call[], extra: object = {}): Hook =>
    ({
      getMetadata: () => ({ name }),
      beforeEvaluation(context: object, data: object) {
        calls.push([name, 'before', context, structuredClone(data)]);
        return { ...data, from: name };
      },
      afterEvaluation(context: object, data: object, detail: object) {
        calls.push([name, 'after', context, data, detail]);
        return data;
      },
      afterTrack: (context: object) => calls.push([name, 'track', context]),
      ...extra,
    }) as Hook;

  it('run around each evaluation, in order and back, each with its own data', async () => {
    const calls: Call[] = [];
    const server = await outside.serve([[open({ 'x-ld-envid': 'environment-1' }), send(putOf({ a: serving('v') }))]]);
    const client = outside.client(server, { hooks: [recording('one', calls)] });
    client.addHook(recording('two', calls));
    await client.waitForInitialization({ timeoutMs: 4000 });
    expect(client.variation('a', ALICE, 'd')).toBe('v');
    const [{ 2: context }] = calls as [Call];
    expect(context).toEqual({
      flagKey: 'a',
      context: ALICE,
      defaultValue: 'd',
      method: expect.stringMatching(/Client\.variation$/),
      environmentId: 'environment-1',
    });
    expect((context as { context: unknown }).context).toBe(ALICE);
    const detail = { value: 'v', variationIndex: 0, reason: { kind: 'FALLTHROUGH' } };
    expect(calls).toEqual([
      ['one', 'before', context, {}],
      ['two', 'before', context, {}],
      ['two', 'after', context, { from: 'two' }, detail],
      ['one', 'after', context, { from: 'one' }, detail],
    ]);
  });

  it.each([
    ['variation', 'd'],
    ['variationDetail', 'd'],
    ['booleanVariation', true],
    ['booleanVariationDetail', true],
    ['stringVariation', 'd'],
    ['stringVariationDetail', 'd'],
    ['numberVariation', 1],
    ['numberVariationDetail', 1],
    ['jsonVariation', []],
    ['jsonVariationDetail', []],
    ['migrationVariation', 'off'],
  ] as const)('see %s, also when it cannot be answered', async (method, defaultValue) => {
    const calls: Call[] = [];
    const server = await outside.serve([[stall()]]);
    const unready = outside.client(server, { hooks: [recording('h', calls)] });
    const { client } = await outside.connected({ a: { on: true } }, { hooks: [recording('h', calls)] });
    const call = (which: FeatheryClient, key: string, user: unknown) =>
      (which[method] as (...args: unknown[]) => unknown)(key, user, defaultValue);
    call(unready, 'a', ALICE);
    call(client, 'no-such', ALICE);
    call(client, 'a', undefined);
    call(client, 'a', ALICE);
    const after = calls.filter(([, stage]) => stage === 'after');
    expect(calls).toHaveLength(8);
    expect(after.map(([, , , , detail]) => (detail as { reason: { errorKind: string } }).reason.errorKind)).toEqual([
      'CLIENT_NOT_READY',
      'FLAG_NOT_FOUND',
      'USER_NOT_SPECIFIED',
      'MALFORMED_FLAG',
    ]);
    for (const [, , context, , detail] of after) {
      expect(context).toMatchObject({ method: expect.stringContaining(`.${method}`), defaultValue });
      expect(context).not.toHaveProperty('environmentId');
      expect(detail).toEqual({ value: defaultValue, variationIndex: null, reason: expect.anything() });
    }
  });

  it('do not see the state of all settings', async () => {
    const calls: Call[] = [];
    const { client } = await outside.connected({ a: serving(1) }, { hooks: [recording('h', calls)] });
    client.allSettings(ALICE);
    expect(calls).toEqual([]);
  });

  it('change nothing when they fail, and are named in the log', async () => {
    const calls: Call[] = [];
    const fail = () => {
      throw new Error('oh');
    };
    const { client } = await outside.connected(
      { a: serving('v') },
      {
        hooks: [
          recording('first', calls),
          recording('bad', calls, { beforeEvaluation: fail }),
          recording('worse', calls, { afterEvaluation: fail, afterTrack: fail }),
          { getMetadata: () => ({ name: 'empty' }) },
        ],
      },
    );
    expect(client.variation('a', ALICE, 'd')).toBe('v');
    client.track('t', ALICE);
    expect(calls.map(([name, stage]) => `${name} ${stage}`)).toEqual([
      'first before',
      'worse before',
      'bad after',
      'first after',
      'first track',
      'bad track',
    ]);
    expect(calls.find(([name, stage]) => name === 'bad' && stage === 'after')?.[3]).toEqual({});
    const errors = outside.errors();
    expect(errors).toHaveLength(3);
    expect(errors[0]).toMatch(/beforeEvaluation.*bad/);
    expect(errors[1]).toMatch(/afterEvaluation.*worse/);
    expect(errors[2]).toMatch(/afterTrack.*worse/);
  });

  it('may write into the data they are given, for themselves alone', async () => {
    const seen: object[] = [];
    const writing = (name: string): Hook => ({
      getMetadata: () => ({ name }),
      beforeEvaluation: (_context, data) => Object.assign(data, { [name]: true }),
      afterEvaluation: (_context, data) => seen.push(data),
    });
    const { client } = await outside.connected({ a: serving(1) }, { hooks: [writing('one'), writing('two')] });
    client.variation('a', ALICE, 0);
    client.variation('a', ALICE, 0);
    expect(seen).toEqual([{ two: true }, { one: true }, { two: true }, { one: true }]);
    expect(outside.errors()).toEqual([]);
  });

  it('added meanwhile take part from the next call on', async () => {
    const calls: Call[] = [];
    const { client } = await outside.connected({ a: serving(1) });
    client.addHook(recording('one', calls, { beforeEvaluation: () => void client.addHook(recording('late', calls)) }));
    client.variation('a', ALICE, 0);
    expect(calls.map(([name]) => name)).toEqual(['one']);
  });

  it('see track in order, after the event, with what was given, for valid contexts', async () => {
    const calls: Call[] = [];
    const { client, server } = await outside.connected(
      {},
      {
        hooks: [
          recording('one', calls, {
            afterTrack: (context: object) => calls.push(['one', 'track', context, client.status().analytics.accepted]),
          }),
          recording('two', calls),
        ],
      },
    );
    client.track('bare', ALICE);
    client.track('full', ALICE, { a: 1 }, 0);
    client.track('invalid', {} as never);
    expect(calls).toEqual([
      ['one', 'track', { key: 'bare', context: ALICE }, 2],
      ['two', 'track', { key: 'bare', context: ALICE }],
      ['one', 'track', { key: 'full', context: ALICE, data: { a: 1 }, metricValue: 0 }, 3],
      ['two', 'track', { key: 'full', context: ALICE, data: { a: 1 }, metricValue: 0 }],
    ]);
    expect(ofKind(await flushed(client, server), 'custom')).toHaveLength(2);
  });

  it('know the last environment id seen (4.9)', async () => {
    const calls: Call[] = [];
    const server = await outside.serve([
      [open({ 'X-LD-EnvID': 'one' }), send(putOf()), close()],
      [open({ 'X-Ld-EnvId': 'two' }), send(putOf()), close()],
      live(),
    ]);
    const client = outside.client(server, { hooks: [recording('h', calls)] });
    await server.exchange(2);
    await settle();
    client.variation('a', ALICE, 0);
    client.track('t', ALICE);
    expect(calls.map(([, , context]) => (context as { environmentId: string }).environmentId)).toEqual([
      'two',
      'two',
      'two',
    ]);
  });
});
