// docs/protocol.md, sections 2, 6.6 and 8.8, by what arrives in events.
import type { ClientOptions } from 'feathery-server-sdk';
import { flushed, Outsider, ofKind, type Received, serving } from '../support/outsider.js';

describe('contexts', () => {
  let outside: Outsider;

  beforeEach(() => {
    outside = new Outsider();
  });

  afterEach(async () => {
    await outside.close();
  });

  /** How this context arrives in an `identify` event; undefined when it does not. */
  async function written(context: unknown, options: ClientOptions = {}): Promise<Received> {
    const { client, server } = await outside.connected({}, options);
    client.identify(context as never);
    const events = await flushed(client, server);
    const [identified] = events;
    if (identified?.context._meta?.redactedAttributes) identified.context._meta.redactedAttributes.sort();
    return identified?.context;
  }

  describe('forms (2)', () => {
    it.each<[string, unknown, unknown]>([
      ['a user', { key: 'a' }, { kind: 'user', key: 'a' }],
      ['an empty key of a legacy user', { key: '' }, { kind: 'user', key: '' }],
      [
        'a legacy user with everything',
        {
          key: 'a',
          name: 'n',
          firstName: 'f',
          lastName: 'l',
          email: 'e',
          country: null,
          avatar: 'v',
          ip: '1.2.3.4',
          anonymous: false,
          custom: {
            kind: 'x',
            key: 'x',
            name: 'x',
            anonymous: true,
            _meta: 1,
            email: 'lost',
            plan: 'gold',
            none: null,
            list: [null, { a: null }],
          },
          privateAttributeNames: null,
        },
        {
          kind: 'user',
          key: 'a',
          name: 'n',
          firstName: 'f',
          lastName: 'l',
          email: 'e',
          avatar: 'v',
          ip: '1.2.3.4',
          plan: 'gold',
          list: [null, { a: null }],
        },
      ],
      [
        'an anonymous legacy user',
        { key: 'a', anonymous: true, custom: null },
        { kind: 'user', key: 'a', anonymous: true },
      ],
      [
        'a single kind in normal form',
        {
          kind: 'org',
          key: 'acme',
          name: null,
          plan: null,
          anonymous: false,
          _meta: { privateAttributes: [] },
          address: { a: null },
        },
        { kind: 'org', key: 'acme', address: { a: null } },
      ],
      ['null _meta', { kind: 'org', key: 'acme', _meta: null }, { kind: 'org', key: 'acme' }],
      [
        'several kinds',
        { kind: 'multi', user: { key: 'a', anonymous: true }, org: { key: 'b', x: 1 } },
        { kind: 'multi', user: { key: 'a', anonymous: true }, org: { key: 'b', x: 1 } },
      ],
      ['one of several kinds', { kind: 'multi', org: { key: 'b', x: 1 } }, { kind: 'org', key: 'b', x: 1 }],
      [
        'an attribute named like a legacy one',
        { kind: 'user', key: 'a', custom: { x: 1 }, firstName: 5 },
        { kind: 'user', key: 'a', custom: { x: 1 }, firstName: 5 },
      ],
      ['odd kinds', { kind: 'A.b_c-9', key: 'a' }, { kind: 'A.b_c-9', key: 'a' }],
    ])('writes %s', async (_what, given, expected) => {
      expect(await written(given)).toEqual(expected);
    });

    it.each<[string, unknown]>([
      ['nothing', undefined],
      ['null', null],
      ['a string', 'alice'],
      ['a list', []],
      ['no key', { name: 'x' }],
      ['a null key', { key: null }],
      ['a null kind', { kind: null, key: 'a' }],
      ['an empty kind', { kind: '', key: 'a' }],
      ['the kind kind', { kind: 'kind', key: 'a' }],
      ['a bad kind', { kind: 'or g', key: 'a' }],
      ['a number for a kind', { kind: 3, key: 'a' }],
      ['an empty key', { kind: 'user', key: '' }],
      ['a number for a key', { kind: 'user', key: 3 }],
      ['a null anonymous', { kind: 'user', key: 'a', anonymous: null }],
      ['a string for anonymous', { kind: 'user', key: 'a', anonymous: 'true' }],
      ['a number for a name', { kind: 'user', key: 'a', name: 3 }],
      ['a string for _meta', { kind: 'user', key: 'a', _meta: 'x' }],
      ['a string of private attributes', { kind: 'user', key: 'a', _meta: { privateAttributes: 'x' } }],
      ['a private attribute that is a number', { kind: 'user', key: 'a', _meta: { privateAttributes: [1] } }],
      ['no kind of several', { kind: 'multi' }],
      ['a kind that is no object', { kind: 'multi', user: 'alice' }],
      ['a kind without a key', { kind: 'multi', user: { key: 'a' }, org: {} }],
      ['multi within multi', { kind: 'multi', multi: { key: 'a' } }],
      ['custom that is a string', { key: 'a', custom: 'x' }],
      ['private names that are a string', { key: 'a', privateAttributeNames: 'x' }],
    ])('finds %s invalid', async (_what, bad) => {
      const { client } = await outside.connected({ a: serving(1) });
      expect(client.variationDetail('a', bad as never, 'd')).toEqual({
        value: 'd',
        variationIndex: null,
        reason: { kind: 'ERROR', errorKind: 'USER_NOT_SPECIFIED' },
      });
      expect(client.allSettings(bad as never).toJSON()).toEqual({ $flagsState: {}, $valid: false });
      expect(() => client.secureModeHash(bad as never)).toThrow();
      client.identify(bad as never);
      client.track('x', bad as never);
      expect(client.status().analytics.accepted).toBe(0);
    });
  });

  describe('redaction (6.6)', () => {
    const address = { country: 'FR', zip: '75011' };

    it.each<[string, ClientOptions, unknown, unknown]>([
      [
        'own and general references, nested ones in their spelling',
        { privateAttributes: ['email', '/address/country'] },
        {
          kind: 'user',
          key: 'a',
          email: 'e',
          plan: 'gold',
          address,
          _meta: { privateAttributes: ['plan', '/address/country', 'missing', '/address/none'] },
        },
        {
          kind: 'user',
          key: 'a',
          address: { zip: '75011' },
          _meta: { redactedAttributes: ['/address/country', 'email', 'plan'] },
        },
      ],
      [
        'but never kind, key and anonymous; a name may go',
        { privateAttributes: ['kind', 'key', 'anonymous', '_meta', 'name', '/key'] },
        { kind: 'user', key: 'a', anonymous: true, name: 'n' },
        { kind: 'user', key: 'a', anonymous: true, _meta: { redactedAttributes: ['name'] } },
      ],
      [
        'leaving an empty object, and lists alone',
        { privateAttributes: ['/address/country', '/list/0', '/list/a'] },
        { kind: 'user', key: 'a', address: { country: 'FR' }, list: [{ a: 1 }] },
        { kind: 'user', key: 'a', address: {}, list: [{ a: 1 }], _meta: { redactedAttributes: ['/address/country'] } },
      ],
      [
        'all attributes, escaped where they begin with a slash',
        { allAttributesPrivate: true },
        { kind: 'user', key: 'a', name: 'n', '/x/~y': 1, 'b/c': 2, anonymous: false },
        { kind: 'user', key: 'a', _meta: { redactedAttributes: ['/~1x~1~0y', 'b/c', 'name'] } },
      ],
      [
        'names with escapes',
        { privateAttributes: ['/a~1b', '~0x', '/~0y', 'c/d'] },
        { kind: 'user', key: 'a', 'a/b': 1, '~0x': 1, '~y': 1, 'c/d': 1, '~x': 'stays' },
        { kind: 'user', key: 'a', '~x': 'stays', _meta: { redactedAttributes: ['/a~1b', '/~0y', 'c/d', '~0x'] } },
      ],
      [
        'nothing for invalid references',
        { privateAttributes: ['', '/', '//', '/a/', '/a//b', '/a~2', '/~'] },
        { kind: 'user', key: 'a', a: { b: 1, '': 2 }, '': 1 },
        { kind: 'user', key: 'a', a: { b: 1, '': 2 }, '': 1 },
      ],
      [
        'a whole and a part as the whole',
        { privateAttributes: ['/address/country', 'address'] },
        { kind: 'user', key: 'a', address },
        { kind: 'user', key: 'a', _meta: { redactedAttributes: ['address'] } },
      ],
      [
        'legacy names literally',
        {},
        {
          key: 'a',
          custom: { '/a/b': 1, a: { b: 2 }, plan: 1 },
          email: 'e',
          privateAttributeNames: ['/a/b', 'email', 'nothing'],
        },
        { kind: 'user', key: 'a', a: { b: 2 }, plan: 1, _meta: { redactedAttributes: ['/~1a~1b', 'email'] } },
      ],
      [
        'each kind by its own',
        { privateAttributes: ['all'] },
        {
          kind: 'multi',
          user: { key: 'a', x: 1, all: 1, _meta: { privateAttributes: ['x'] } },
          org: { key: 'b', x: 1 },
        },
        { kind: 'multi', user: { key: 'a', _meta: { redactedAttributes: ['all', 'x'] } }, org: { key: 'b', x: 1 } },
      ],
    ])('removes %s', async (_what, options, given, expected) => {
      const context = await written(given, options);
      for (const part of Object.values<Received>(context)) part?._meta?.redactedAttributes?.sort();
      expect(context).toEqual(expected);
    });

    it('does not remember the references of one context for the next, nor change what it is given', async () => {
      const { client, server } = await outside.connected();
      const first = {
        kind: 'user',
        key: 'a',
        plan: 'gold',
        address: { x: 1 },
        _meta: { privateAttributes: ['plan', '/address/x'] },
      };
      const copy = structuredClone(first);
      client.identify(first);
      client.identify({ kind: 'user', key: 'b', plan: 'gold' });
      const [, second] = await flushed(client, server);
      expect(second.context).toEqual({ kind: 'user', key: 'b', plan: 'gold' });
      expect(first).toEqual(copy);
    });

    it('takes all from anonymous contexts in feature and custom events alone (6.6.5)', async () => {
      const { client, server } = await outside.connected({
        t: serving(1, { trackEvents: true, debugEventsUntilDate: Date.now() + 1e9 }),
      });
      const context = { kind: 'multi' as const, user: { key: 'a', anonymous: true, x: 1 }, org: { key: 'b', x: 1 } };
      client.variation('t', context, 0);
      client.track('c', context);
      client.identify(context);
      const events = await flushed(client, server);
      const redacted = {
        kind: 'multi',
        user: { key: 'a', anonymous: true, _meta: { redactedAttributes: ['x'] } },
        org: { key: 'b', x: 1 },
      };
      const shown = Object.fromEntries(events.map(({ kind, context: sent }) => [kind, sent]));
      expect(shown).toEqual({
        index: context,
        feature: redacted,
        debug: context,
        custom: redacted,
        identify: context,
        summary: undefined,
      });
    });

    it('leaves anonymous contexts out of index and identify on request (6.6.6)', async () => {
      const { client, server } = await outside.connected({ a: serving(1) }, { omitAnonymousContexts: true });
      client.identify({ key: 'x', anonymous: true });
      client.identify({ kind: 'org', key: 'x', anonymous: true });
      client.identify({ kind: 'multi', user: { key: 'x', anonymous: true }, org: { key: 'y', anonymous: true } });
      client.variation('a', { kind: 'user', key: 'x', anonymous: true }, 0);
      client.variation('a', { kind: 'multi', user: { key: 'x', anonymous: true }, org: { key: 'acme', p: 1 } }, 0);
      client.variation('a', { kind: 'multi', user: { key: 'other', anonymous: true }, org: { key: 'acme' } }, 0);
      client.identify({ kind: 'multi', user: { key: 'x', anonymous: true }, org: { key: 'o' }, device: { key: 'd' } });
      client.track('t', { kind: 'user', key: 'x', anonymous: true, p: 1 });
      const events = await flushed(client, server);
      expect(events.map(({ kind, context }) => [kind, context]).slice(0, 3)).toEqual([
        ['index', { kind: 'org', key: 'acme', p: 1 }],
        ['identify', { kind: 'multi', org: { key: 'o' }, device: { key: 'd' } }],
        ['custom', { kind: 'user', key: 'x', anonymous: true, _meta: { redactedAttributes: ['p'] } }],
      ]);
      expect(ofKind(events, 'summary')).toHaveLength(1);
      expect(events).toHaveLength(4);
    });
  });

  it('hashes the canonical key for secure mode (8.8, 2.8)', async () => {
    const { client } = await outside.connected();
    const alice = '15a998b3bebcecfdf380c650ddd0330d3eddb566689f518ddf192bc07fb7a2d1';
    expect(client.secureModeHash({ key: 'alice' })).toBe(alice);
    expect(client.secureModeHash({ kind: 'user', key: 'alice' })).toBe(alice);
    expect(client.secureModeHash({ kind: 'multi', user: { key: 'alice' } })).toBe(alice);
    expect(client.secureModeHash({ kind: 'org', key: 'acme:eu' })).toBe(
      '79148a0446276eff3591ddb120c3a244150700cd6adecac220333ab007ee7968',
    );
    const both = '29203d6b3fd7b94a97382a6346f49368f928282b2a23e271cc0c9617d476fade';
    expect(client.secureModeHash({ kind: 'multi', user: { key: 'alice' }, org: { key: 'acme' } })).toBe(both);
    expect(client.secureModeHash({ kind: 'multi', org: { key: 'acme' }, user: { key: 'alice' } })).toBe(both);
    expect(client.secureModeHash({ key: '' })).toMatch(/^[0-9a-f]{64}$/);
  });
});
