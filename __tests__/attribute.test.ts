import { createReader } from '../lib/attribute.js';
import type { Context } from '../lib/context.js';
import { parseReference } from '../lib/reference.js';

function read(context: unknown, reference: string, kind = 'user'): unknown {
  const path = parseReference(reference);
  if (path === undefined) throw new Error(`invalid reference ${reference}`);
  return createReader(kind, path)(context as Context);
}

describe('createReader', () => {
  it('reads an attribute of the kind asked for', () => {
    const context = { kind: 'multi', user: { key: 'a', plan: 'free' }, organization: { key: 'b', plan: 'gold' } };
    expect(read(context, 'plan')).toBe('free');
    expect(read(context, 'plan', 'organization')).toBe('gold');
    expect(read(context, 'plan', 'device')).toBeUndefined();
    expect(read({ kind: 'organization', key: 'b', plan: 'gold' }, 'plan', 'organization')).toBe('gold');
  });

  it('reads what every context has', () => {
    const context = { kind: 'multi', organization: { key: 'acme', name: 'Acme' } };
    expect(read(context, 'key', 'organization')).toBe('acme');
    expect(read(context, 'name', 'organization')).toBe('Acme');
    expect(read(context, 'kind', 'organization')).toBe('organization');
    expect(read(context, 'anonymous', 'organization')).toBe(false);
    expect(read({ kind: 'user', key: 'a', anonymous: true }, '/anonymous')).toBe(true);
  });

  it.each(['key', 'name', 'kind', 'anonymous', 'plan', '/plan/deeper'])(
    'finds no %s of a kind that is not there',
    (reference) => {
      expect(
        read({ kind: 'user', key: 'a', name: 'x', plan: { deeper: 1 } }, reference, 'organization'),
      ).toBeUndefined();
      expect(read({ key: 'a', name: 'x', plan: { deeper: 1 } }, reference, 'organization')).toBeUndefined();
    },
  );

  it('takes null for missing, but not false, 0 or an empty string', () => {
    const user = { key: 'a', none: null, no: false, zero: 0, empty: '' };
    expect(['none', 'no', 'zero', 'empty'].map((name) => read(user, name))).toEqual([undefined, false, 0, '']);
  });

  it('steps into own properties of objects only', () => {
    const user = { key: 'a', address: { country: 'FR', lines: ['x'], none: null }, list: [{ x: 1 }], text: 'abc' };
    expect(read(user, '/address/country')).toBe('FR');
    for (const reference of [
      '/address/lines/0',
      '/address/none',
      '/address/none/x',
      '/list/0',
      '/list/0/x',
      '/text/length',
      '/address/toString',
    ]) {
      expect([reference, read(user, reference)]).toEqual([reference, undefined]);
    }
  });

  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty', '_meta'])(
    'finds no attribute %s where nobody gave one',
    (name) => {
      expect(read({ key: 'a', custom: {}, _meta: { privateAttributes: ['x'] } }, name)).toBeUndefined();
      expect(read({ kind: 'user', key: 'a', _meta: { privateAttributes: ['x'] } }, name)).toBeUndefined();
    },
  );

  it('reads nothing that a context inherits, text included', () => {
    const user = Object.assign(Object.create({ plan: 'inherited', email: 'inherited' }), { key: 'a', country: 'own' });
    expect(['plan', 'email', 'country'].map((name) => read(user, name))).toEqual([undefined, undefined, 'own']);
    const organization = Object.assign(Object.create({ plan: 'inherited' }), { kind: 'organization', key: 'b' });
    expect(read(organization, 'plan', 'organization')).toBeUndefined();
  });

  it('reads attributes that are called like inherited properties', () => {
    const user = JSON.parse('{"key":"a","__proto__":"own","custom":{"constructor":"own","toString":"own"}}');
    expect(['__proto__', 'constructor', 'toString'].map((name) => read(user, name))).toEqual(['own', 'own', 'own']);
  });

  describe('of a plain user', () => {
    it('prefers the top level to custom', () => {
      const user = { key: 'a', plan: 'top', email: null, custom: { plan: 'inner', email: 'inner', country: 'inner' } };
      expect(['plan', 'email', 'country'].map((name) => read(user, name))).toEqual(['top', 'inner', 'inner']);
    });

    it('never takes what every context has from custom', () => {
      const user = { key: 'a', custom: { key: 'b', name: 'b', anonymous: true, kind: 'b', _meta: 'b' } };
      expect(['key', 'name', 'anonymous', 'kind', '_meta'].map((name) => read(user, name))).toEqual([
        'a',
        undefined,
        false,
        'user',
        undefined,
      ]);
    });

    it('does not take custom and privateAttributeNames themselves for attributes', () => {
      const user = { key: 'a', custom: { plan: 'x' }, privateAttributeNames: ['plan'] };
      expect(read(user, 'custom')).toBeUndefined();
      expect(read(user, '/custom/plan')).toBeUndefined();
      expect(read(user, 'privateAttributeNames')).toBeUndefined();
      expect(read({ key: 'a', custom: { custom: 'x' } }, 'custom')).toBe('x');
    });

    it('reads a key and standard attributes as strings', () => {
      const user = { key: 7, name: 5, email: 6, country: true, ip: ['x'], anonymous: 1, age: 8 };
      expect(['key', 'name', 'email', 'country', 'ip', 'anonymous', 'age'].map((name) => read(user, name))).toEqual([
        '7',
        '5',
        '6',
        'true',
        undefined,
        true,
        8,
      ]);
    });
  });
});
