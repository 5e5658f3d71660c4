import type { FeatheryClient, Hook, VariationDetail } from '../lib/index.js';
import { segment, setting, settings } from '../lib/testing.js';

const ada = { key: 'ada' };
const error = (errorKind: string) => ({ kind: 'ERROR', errorKind });

const data = settings({
  bool: true,
  text: 'hello',
  count: 0,
  nothing: null,
  object: { nested: [1, null] },
  dark: setting(true).off(),
  broken: setting('x').serve('x'),
});

/** Everything somebody may hand over where a user is expected. */
const hostile: [string, () => unknown][] = [
  ['undefined', () => undefined],
  ['null', () => null],
  ['a string', () => 'ada'],
  ['a number', () => 7],
  ['a symbol', () => Symbol('ada')],
  ['a function', () => () => ({})],
  ['an array', () => []],
  ['an empty object', () => ({})],
  ['an object without prototype', () => Object.create(null)],
  ['a key that is an object', () => ({ key: {} })],
  ['a kind that is null', () => ({ kind: null, key: 'a' })],
  ['a multi-kind of nothing', () => ({ kind: 'multi' })],
  ['a frozen multi-kind with a broken part', () => Object.freeze({ kind: 'multi', user: 7 })],
  [
    'a getter that throws',
    () => ({
      get key() {
        throw new Error('no');
      },
    }),
  ],
  [
    'a proxy that throws on everything',
    () =>
      new Proxy(
        {},
        new Proxy(
          {},
          {
            get: () => () => {
              throw new Error('no');
            },
          },
        ),
      ),
  ],
  ['a revoked proxy', revoked],
];

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

describe('variations', () => {
  let client: FeatheryClient;
  let lines: string[];
  beforeEach(() => {
    lines = [];
    const log = (message: unknown) => void lines.push(String(message));
    client = data.client({ logger: { error: log, warn: log, info: log, debug() {} } });
  });
  afterEach(() => client.close());

  it('give the value whatever its type, and with the detail why', () => {
    expect(client.variation('bool', ada, 'default')).toBe(true);
    expect(client.variation('nothing', ada, 'default')).toBeNull();
    expect(client.variationDetail('object', ada, 'default')).toEqual({
      value: { nested: [1, null] },
      variationIndex: 0,
      reason: { kind: 'FALLTHROUGH' },
    });
  });

  it.each([
    ['boolean', 'bool', true, 'text'],
    ['string', 'text', 'hello', 'count'],
    ['number', 'count', 0, 'bool'],
  ] as const)('of type %s take that type only', (type, key, value, other) => {
    const plain = (name: string, otherwise: unknown) =>
      (client[`${type}Variation`] as (k: string, u: object, d: unknown) => unknown)(name, ada, otherwise);
    const detail = (name: string, otherwise: unknown) =>
      (client[`${type}VariationDetail`] as (k: string, u: object, d: unknown) => VariationDetail)(name, ada, otherwise);
    expect(plain(key, 'default')).toBe(value);
    expect(detail(key, 'default')).toEqual({ value, variationIndex: 0, reason: { kind: 'FALLTHROUGH' } });
    for (const wrong of [other, 'nothing', 'object']) {
      expect(plain(wrong, 'default')).toBe('default');
      const wrongType = { value: 'default', variationIndex: null, reason: error('WRONG_TYPE') };
      expect(detail(wrong, 'default')).toEqual(wrongType);
    }
  });

  it('of type JSON take everything', () => {
    for (const key of ['bool', 'text', 'count', 'nothing', 'object']) {
      expect(client.jsonVariationDetail(key, ada, 'default').reason).toEqual({ kind: 'FALLTHROUGH' });
    }
    expect(client.jsonVariation('object', ada, {})).toEqual({ nested: [1, null] });
  });

  it('do not check the type of a default that is served with the reason of the setting', () => {
    const detail = client.booleanVariationDetail('dark', ada, 'not a boolean' as never);
    expect(detail).toEqual({ value: 'not a boolean', variationIndex: null, reason: { kind: 'OFF' } });
  });

  it('return the default as it is given, whatever it is', () => {
    for (const value of [undefined, null, Number.NaN, Symbol('x'), () => {}, new Map()]) {
      expect(client.variation('unknown', ada, value)).toBe(value);
      expect(client.variationDetail('unknown', ada, value)).toEqual({
        value,
        variationIndex: null,
        reason: error('FLAG_NOT_FOUND'),
      });
    }
  });

  it.each([undefined, null, 7, {}, Symbol('a'), '', '__proto__', 'constructor', 'toString'])(
    'know no setting %p',
    (key) => {
      expect(client.variationDetail(key as string, ada, 1).reason).toEqual(error('FLAG_NOT_FOUND'));
    },
  );

  it.each(hostile)('never throw for %s as the user', (_name, make) => {
    const user = make() as { key: string };
    const detail = client.variationDetail('bool', user, 'default');
    expect(detail.value).toBe('default');
    expect(['USER_NOT_SPECIFIED', 'EXCEPTION']).toContain(detail.reason.errorKind);
    expect(client.variation('bool', user, 'default')).toBe('default');
    expect(client.allSettings(user).toJSON()).toEqual({ $flagsState: {}, $valid: false });
    expect(() => {
      client.track('event', user);
      client.identify(user);
      client.snapshot(user).variation('bool', false);
    }).not.toThrow();
  });

  it('survive attributes that throw, also in rules and segments', () => {
    data.setSegment('s', segment().rule([{ attribute: 'plan', op: 'in', values: ['gold'] }]));
    data.set('ruled', setting('a', 'b').rule([{ op: 'segmentMatch', values: ['s'] }], 'b'));
    const user = {
      key: 'ada',
      get plan() {
        throw new Error('secret');
      },
    };
    expect(client.variationDetail('ruled', user, 'default')).toMatchObject({ value: 'default' });
  });

  it('accept frozen users', () => {
    const user = Object.freeze({ key: 'ada', custom: Object.freeze({ plan: 'gold' }) });
    expect(client.variation('bool', user, false)).toBe(true);
  });

  describe('with hooks', () => {
    const seen: unknown[] = [];
    const hook: Hook = {
      getMetadata: () => ({ name: 'seeing' }),
      beforeEvaluation(context) {
        seen.push(context);
        return {};
      },
      afterEvaluation(_context, _data, detail) {
        seen.push(detail);
        return {};
      },
    };
    beforeEach(() => {
      seen.length = 0;
      client.addHook(hook);
    });

    it('show them the call as the protocol names it, and always the full detail', () => {
      expect(client.booleanVariation('bool', ada, false)).toBe(true);
      expect(seen).toEqual([
        { flagKey: 'bool', context: ada, defaultValue: false, method: 'FeatheryClient.booleanVariation' },
        { value: true, variationIndex: 0, reason: { kind: 'FALLTHROUGH' } },
      ]);
      expect(Object.isFrozen(seen[0])).toBe(true);
    });

    it('show them failures too', () => {
      expect(client.variation('unknown', ada, 'd')).toBe('d');
      expect(client.variation('bool', null as never, 'd')).toBe('d');
      expect(seen.filter((_, index) => index % 2 === 1)).toEqual([
        { value: 'd', variationIndex: null, reason: error('FLAG_NOT_FOUND') },
        { value: 'd', variationIndex: null, reason: error('USER_NOT_SPECIFIED') },
      ]);
    });

    it('leave the state of all settings alone', () => {
      expect(client.allSettings(ada).valid).toBe(true);
      expect(seen).toEqual([]);
    });

    it('ignore what is no hook', () => {
      client.addHook(null as never);
      client.addHook(7 as never);
      expect(client.variation('bool', ada, false)).toBe(true);
      expect(lines).toHaveLength(2);
    });
  });

  it('tell hooks of a track, after it was recorded and only for a valid user', () => {
    const heard: unknown[] = [];
    client.addHook({ getMetadata: () => ({ name: 'x' }), afterTrack: (context) => void heard.push(context) });
    client.track('bought', ada, { items: 1 }, 9.5);
    client.track('bought', { key: {} } as never);
    client.track('bought', null as never);
    expect(heard).toEqual([{ key: 'bought', context: ada, data: { items: 1 }, metricValue: 9.5 }]);
  });
});
