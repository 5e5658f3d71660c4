import { type Context, canonicalKey, contextKinds, contextProblem, keyOf, normalize, partOf } from '../lib/context.js';

const parsed = (json: string) => JSON.parse(json) as Context;

describe('contextProblem', () => {
  it.each<[string, unknown]>([
    ['a user', { key: 'a' }],
    ['a user with an empty key', { key: '' }],
    ['a user with a numeric key', { key: 7 }],
    [
      'a user with everything',
      { key: 'a', name: 'A', email: 'e', anonymous: null, custom: { x: 1 }, privateAttributeNames: ['x'] },
    ],
    ['a user with nulls', { key: 'a', name: null, custom: null, privateAttributeNames: null }],
    ['a user whose kind is undefined', { kind: undefined, key: 'a' }],
    ['a user with further attributes', { key: 'a', plan: { x: [1] } }],
    ['a single kind', { kind: 'organization', key: 'acme' }],
    ['a kind of all characters allowed', { kind: 'A-z_0.9', key: 'a' }],
    [
      'a single kind with everything',
      { kind: 'user', key: 'a', name: 'A', anonymous: false, _meta: { privateAttributes: ['x'] }, x: null },
    ],
    ['nulls that count as absent', { kind: 'user', key: 'a', name: null, _meta: null }],
    ['private attributes null', { kind: 'user', key: 'a', _meta: { privateAttributes: null } }],
    ['several kinds', { kind: 'multi', user: { key: 'a' }, organization: { key: 'b' } }],
    ['several kinds that are one', { kind: 'multi', user: { key: 'a' } }],
    ['kinds named like properties', parsed('{"kind":"multi","__proto__":{"key":"a"},"constructor":{"key":"b"}}')],
  ])('accepts %s', (_name, context) => {
    expect(contextProblem(context)).toBeUndefined();
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a string', 'alice'],
    ['an array', ['alice']],
    ['an object without key', {}],
    ['a key null', { key: null }],
    ['a key that is an object', { key: {} }],
    ['custom that is an array', { key: 'a', custom: ['x'] }],
    ['custom that is a string', { key: 'a', custom: 'x' }],
    ['private names that are no array', { key: 'a', privateAttributeNames: 'email' }],
    ['private names that are no strings', { key: 'a', privateAttributeNames: [1] }],
    ['a kind null', { kind: null, key: 'a' }],
    ['a kind that is a number', { kind: 7, key: 'a' }],
    ['an empty kind', { kind: '', key: 'a' }],
    ['a kind with a blank', { kind: 'a b', key: 'a' }],
    ['a kind with a line break', { kind: 'org\n', key: 'a' }],
    ['a kind with an accent', { kind: 'é', key: 'a' }],
    ['the kind kind', { kind: 'kind', key: 'a' }],
    ['a kind without key', { kind: 'organization' }],
    ['a kind with an empty key', { kind: 'organization', key: '' }],
    ['a kind with a numeric key', { kind: 'organization', key: 7 }],
    ['a name that is a number', { kind: 'user', key: 'a', name: 7 }],
    ['anonymous null', { kind: 'user', key: 'a', anonymous: null }],
    ['anonymous that is a string', { kind: 'user', key: 'a', anonymous: 'yes' }],
    ['_meta that is a string', { kind: 'user', key: 'a', _meta: 'x' }],
    ['_meta that is an array', { kind: 'user', key: 'a', _meta: [] }],
    ['private attributes that are a string', { kind: 'user', key: 'a', _meta: { privateAttributes: 'x' } }],
    ['private attributes that are no strings', { kind: 'user', key: 'a', _meta: { privateAttributes: ['x', 1] } }],
    ['multi without kinds', { kind: 'multi' }],
    ['multi inside multi', { kind: 'multi', multi: { key: 'a' } }],
    ['a bad kind inside multi', { kind: 'multi', 'a b': { key: 'a' } }],
    ['a kind inside multi that is a string', { kind: 'multi', user: 'alice' }],
    ['a kind inside multi that is null', { kind: 'multi', user: null }],
    ['a kind inside multi that is an array', { kind: 'multi', user: ['a'] }],
    ['one of several kinds without key', { kind: 'multi', user: { key: 'a' }, organization: {} }],
    ['an empty key inside multi', { kind: 'multi', user: { key: '' } }],
  ])('refuses %s', (_name, context) => {
    expect(contextProblem(context)).toEqual(expect.any(String));
  });

  it('reports a property that cannot be read instead of throwing', () => {
    const context = {
      get key(): string {
        throw new Error('secret');
      },
    };
    expect(contextProblem(context)).toBe('a property of the context cannot be read');
  });

  it('says nothing of keys and attributes', () => {
    const problem = contextProblem({ kind: 'user', key: '', name: 'secret', anonymous: 'secret' });
    expect(problem).not.toContain('secret');
  });
});

describe('partOf and keyOf', () => {
  it.each<[unknown, string, string | undefined]>([
    [{ key: 'a' }, 'user', 'a'],
    [{ key: 7 }, 'user', '7'],
    [{ key: 'a' }, 'organization', undefined],
    [{ kind: 'user', key: 'a' }, 'user', 'a'],
    [{ kind: 'organization', key: 'a' }, 'user', undefined],
    [{ kind: 'multi', user: { key: 'a' } }, 'user', 'a'],
    [{ kind: 'multi', user: { key: 'a' } }, 'organization', undefined],
    [{ kind: 'multi', user: { key: 'a' } }, 'kind', undefined],
    [{ kind: 'multi', user: { key: 'a' } }, 'multi', undefined],
    [{ kind: 'multi', user: { key: 'a' } }, 'constructor', undefined],
    [{ kind: 'multi', user: { key: 'a' } }, '__proto__', undefined],
  ])('of %j for kind %s', (context, kind, key) => {
    expect(keyOf(context as Context, kind)).toBe(key);
    expect(partOf(context as Context, kind) === undefined).toBe(key === undefined);
  });
});

describe('canonicalKey', () => {
  it.each<[unknown, string]>([
    [{ key: 'a:b%' }, 'a:b%'],
    [{ key: '' }, ''],
    [{ key: 7 }, '7'],
    [{ kind: 'user', key: 'a:b%' }, 'a:b%'],
    [{ kind: 'org', key: 'acme:eu' }, 'org:acme%3Aeu'],
    [{ kind: 'org', key: '50%' }, 'org:50%25'],
    [{ kind: 'org', key: '%3A::' }, 'org:%253A%3A%3A'],
    [{ kind: 'multi', user: { key: 'alice' }, org: { key: 'acme' } }, 'org:acme:user:alice'],
    [{ kind: 'multi', user: { key: 'a:b' }, org: { key: '50%' } }, 'org:50%25:user:a%3Ab'],
    [{ kind: 'multi', user: { key: 'a:b' } }, 'a:b'],
    [{ kind: 'multi', org: { key: 'a:b' } }, 'org:a%3Ab'],
    [{ kind: 'multi', a: { key: '1' }, B: { key: '2' }, _: { key: '3' } }, 'B:2:_:3:a:1'],
  ])('of %j is %s', (context, key) => {
    expect(canonicalKey(context as Context)).toBe(key);
  });
});

describe('contextKinds', () => {
  it('lists the kinds, never multi', () => {
    expect(contextKinds({ key: 'a' })).toEqual(['user']);
    expect(contextKinds({ kind: 'org', key: 'a' })).toEqual(['org']);
    expect(contextKinds({ kind: 'multi', user: { key: 'a' }, org: { key: 'b' } })).toEqual(['user', 'org']);
    expect(contextKinds(parsed('{"kind":"multi","__proto__":{"key":"a"}}'))).toEqual(['__proto__']);
  });
});

describe('normalize', () => {
  it.each<[string, unknown, unknown]>([
    ['gives a user its kind', { key: 'a' }, { kind: 'user', key: 'a' }],
    [
      'moves custom attributes to the top level, where others win',
      { key: 'a', email: 'top', plan: 'top', custom: { email: 'inner', plan: 'inner', x: [null] } },
      { kind: 'user', key: 'a', email: 'top', plan: 'top', x: [null] },
    ],
    [
      'ignores custom attributes that every context has in its own right',
      { key: 'a', custom: { kind: 'b', key: 'b', name: 'b', anonymous: true, _meta: {}, custom: 'kept' } },
      { kind: 'user', key: 'a', custom: 'kept' },
    ],
    [
      'lets an inner attribute replace a null one',
      { key: 'a', email: null, custom: { email: 'b' } },
      { kind: 'user', key: 'a', email: 'b' },
    ],
    ['drops what is null', { key: 'a', name: null, plan: null, custom: { x: null } }, { kind: 'user', key: 'a' }],
    ['drops anonymous false and null', { key: 'a', anonymous: false }, { kind: 'user', key: 'a' }],
    ['keeps anonymous true', { key: 'a', anonymous: true }, { kind: 'user', key: 'a', anonymous: true }],
    [
      'writes key and standard attributes as strings',
      { key: 7, name: 8, ip: {} },
      { kind: 'user', key: '7', name: '8' },
    ],
    [
      'escapes private names into references',
      { key: 'a', privateAttributeNames: ['email', '/a/b~'] },
      { kind: 'user', key: 'a', _meta: { privateAttributes: ['email', '/~1a~1b~0'] } },
    ],
    [
      'keeps the privacy of a user written like a context',
      { key: 'a', plan: 'x', _meta: { privateAttributes: ['/plan'] } },
      { kind: 'user', key: 'a', plan: 'x', _meta: { privateAttributes: ['/plan'] } },
    ],
    [
      'leaves a single kind as it is, without what is null or false',
      { kind: 'org', key: 'a', name: null, anonymous: false, plan: null, address: { x: null }, _meta: {} },
      { kind: 'org', key: 'a', address: { x: null } },
    ],
    [
      'drops an empty list of private attributes',
      { kind: 'org', key: 'a', _meta: { privateAttributes: [] } },
      { kind: 'org', key: 'a' },
    ],
    [
      'keeps private attributes',
      { kind: 'org', key: 'a', anonymous: true, _meta: { privateAttributes: ['x'], other: 1 } },
      { kind: 'org', key: 'a', anonymous: true, _meta: { privateAttributes: ['x'] } },
    ],
    [
      'normalizes each kind apart',
      { kind: 'multi', user: { key: 'a', x: null, kind: 'zzz' }, org: { key: 'b', anonymous: true } },
      { kind: 'multi', user: { key: 'a' }, org: { key: 'b', anonymous: true } },
    ],
    [
      'makes of one kind among several that kind',
      { kind: 'multi', org: { key: 'a', x: 1 } },
      { kind: 'org', key: 'a', x: 1 },
    ],
  ])('%s', (_name, context, normal) => {
    expect(normalize(context as Context)).toStrictEqual(normal);
  });

  it('keeps attributes and kinds called __proto__', () => {
    const user = normalize(parsed('{"key":"a","__proto__":"x"}'));
    expect(JSON.stringify(user)).toBe('{"kind":"user","key":"a","__proto__":"x"}');
    const multi = normalize(parsed('{"kind":"multi","__proto__":{"key":"a"},"org":{"key":"b"}}'));
    expect(JSON.stringify(multi)).toBe('{"kind":"multi","__proto__":{"key":"a"},"org":{"key":"b"}}');
  });

  it('changes nothing in what it is given', () => {
    const context = Object.freeze({ key: 'a', anonymous: false, custom: Object.freeze({ x: 1 }) });
    expect(() => normalize(context)).not.toThrow();
  });
});
