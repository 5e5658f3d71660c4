import type { Context } from '../lib/context.js';
import { createRedact, withoutAnonymous } from '../lib/redact.js';

interface Rules {
  all?: boolean;
  everywhere?: string[];
  anonymity?: 'keep' | 'redact';
  room?: number;
}

/** The redacted form as it goes out, with the list of what is missing in a fixed order. */
function redact(context: unknown, { all = false, everywhere = [], anonymity = 'keep', room = 10_000 }: Rules = {}) {
  const redacted = createRedact({ allAttributesPrivate: all, privateAttributes: everywhere })(
    context as Context,
    { characters: room },
    anonymity,
  );
  return redacted === undefined ? undefined : JSON.parse(JSON.stringify(redacted));
}

const alice = { kind: 'user', key: 'alice', name: 'Alice', plan: 'gold', address: { country: 'FR', zip: '75011' } };

describe('redaction', () => {
  it('leaves a context without private attributes as it is', () => {
    expect(redact(alice)).toEqual(alice);
  });

  it('writes the normal form', () => {
    expect(
      redact({ kind: 'org', key: 'acme', name: null, plan: null, anonymous: false, _meta: { privateAttributes: [] } }),
    ).toEqual({ kind: 'org', key: 'acme' });
  });

  it('removes what is private everywhere and lists it', () => {
    expect(redact(alice, { everywhere: ['plan', 'name', 'missing'] })).toEqual({
      kind: 'user',
      key: 'alice',
      address: { country: 'FR', zip: '75011' },
      _meta: { redactedAttributes: ['name', 'plan'] },
    });
  });

  it('removes what the context itself says is private, and never writes privateAttributes', () => {
    expect(redact({ ...alice, _meta: { privateAttributes: ['plan', '/address/country'] } })).toEqual({
      kind: 'user',
      key: 'alice',
      name: 'Alice',
      address: { zip: '75011' },
      _meta: { redactedAttributes: ['plan', '/address/country'] },
    });
  });

  it('keeps the private attributes of one context from the next', () => {
    const redacted = createRedact({ allAttributesPrivate: false, privateAttributes: [] });
    redacted({ ...alice, _meta: { privateAttributes: ['plan'] } }, { characters: 1000 }, 'keep');
    expect(redacted(alice, { characters: 1000 }, 'keep')).toEqual(alice);
  });

  it('never removes kind, key and anonymous, nor lists them', () => {
    const context = { kind: 'user', key: 'a', anonymous: true };
    expect(redact(context, { everywhere: ['kind', 'key', 'anonymous', '_meta', '/key', '/_meta/x'] })).toEqual(context);
    expect(redact(context, { all: true })).toEqual(context);
  });

  it('leaves an empty object behind when its only property is private', () => {
    expect(redact({ kind: 'user', key: 'a', address: { city: 'X' } }, { everywhere: ['/address/city'] })).toEqual({
      kind: 'user',
      key: 'a',
      address: {},
      _meta: { redactedAttributes: ['/address/city'] },
    });
  });

  it('does not list a nested reference to nothing', () => {
    const context = { kind: 'user', key: 'a', address: { city: 'X' }, list: [{ city: 'Y' }], plan: 'gold' };
    const everywhere = ['/address/street', '/list/0/city', '/list/city', '/plan/x', '/none/x', '/address/city/x'];
    expect(redact(context, { everywhere })).toEqual(context);
  });

  it('ignores references that are invalid', () => {
    expect(redact(alice, { everywhere: ['', '/', '//', '/plan/', '/pl~an'] })).toEqual(alice);
  });

  it('takes a name without a leading slash literally', () => {
    expect(redact({ kind: 'user', key: 'a', 'b/c': 1, b: { c: 2 } }, { everywhere: ['b/c'] })).toEqual({
      kind: 'user',
      key: 'a',
      b: { c: 2 },
      _meta: { redactedAttributes: ['b/c'] },
    });
  });

  it('gives one entry for two references to the same attribute, however they are spelled', () => {
    const context = { ...alice, _meta: { privateAttributes: ['/plan', '/address/zip', 'plan'] } };
    const redacted = redact(context, { everywhere: ['plan', '/address/zip'] });
    expect(redacted._meta.redactedAttributes.sort()).toEqual(['/address/zip', 'plan']);
  });

  it('lists the whole only, where the whole and a part are private', () => {
    const everywhere = ['/address/zip', 'address', '/address/country'];
    expect(redact(alice, { everywhere })._meta.redactedAttributes).toEqual(['address']);
    const nested = { kind: 'user', key: 'a', a: { b: { c: 1 }, d: 2 } };
    expect(redact(nested, { everywhere: ['/a/b/c', '/a/b'] })).toEqual({
      kind: 'user',
      key: 'a',
      a: { d: 2 },
      _meta: { redactedAttributes: ['/a/b'] },
    });
  });

  it('with all attributes private keeps kind, key and anonymous, and lists top-level names as references', () => {
    const context = { ...alice, anonymous: true, '/odd~name': 1, 'b~c': 2, _meta: { privateAttributes: ['plan'] } };
    const redacted = redact(context, { all: true });
    expect(redacted).toEqual({ kind: 'user', key: 'alice', anonymous: true, _meta: expect.anything() });
    expect(redacted._meta.redactedAttributes.sort()).toEqual(['/~1odd~0name', 'address', 'b~c', 'name', 'plan']);
  });

  it('redacts each kind of a multi-kind context by itself', () => {
    const context = {
      kind: 'multi',
      user: { key: 'alice', plan: 'gold', mail: 'a@b', _meta: { privateAttributes: ['plan'] } },
      org: { key: 'acme', plan: 'silver', mail: 'c@d' },
    };
    expect(redact(context, { everywhere: ['mail'] })).toEqual({
      kind: 'multi',
      user: { key: 'alice', _meta: { redactedAttributes: ['mail', 'plan'].reverse() } },
      org: { key: 'acme', plan: 'silver', _meta: { redactedAttributes: ['mail'] } },
    });
  });

  it('takes privateAttributeNames of a plain user literally', () => {
    const user = { key: 'a', email: 'a@b', custom: { '/x/y': 1, z: 2 }, privateAttributeNames: ['/x/y', 'email'] };
    const redacted = redact(user);
    expect(redacted).toEqual({ kind: 'user', key: 'a', z: 2, _meta: expect.anything() });
    expect(redacted._meta.redactedAttributes.sort()).toEqual(['/~1x~1y', 'email']);
  });

  it('handles attributes named like members of the prototype', () => {
    const context = JSON.parse('{"kind":"user","key":"a","__proto__":{"x":1},"constructor":2,"toString":3}');
    expect(JSON.stringify(redact(context))).toBe(JSON.stringify(context));
    const redacted = redact(context, { everywhere: ['constructor', '/__proto__/x', 'valueOf', '/toString/call'] });
    expect(Object.hasOwn(redacted, 'constructor')).toBe(false);
    expect(JSON.stringify(redacted)).toContain('"__proto__":{}');
    expect(redacted._meta.redactedAttributes.sort()).toEqual(['/__proto__/x', 'constructor']);
  });

  it('keeps a kind named like the prototype', () => {
    const text = '{"kind":"multi","__proto__":{"key":"a"},"constructor":{"key":"b"}}';
    expect(JSON.stringify(redact(JSON.parse(text)))).toBe(text);
  });

  it('shares nothing with the application and does not change its object', () => {
    const context = { kind: 'user', key: 'a', address: { city: 'X', zip: '1' } };
    const redacted = createRedact({ allAttributesPrivate: false, privateAttributes: ['/address/city'] })(
      context,
      { characters: 1000 },
      'keep',
    );
    context.address.zip = '2';
    expect(redacted).toMatchObject({ address: { zip: '1' } });
    expect(context.address.city).toBe('X');
  });

  it('leaves out attributes that find no room', () => {
    expect(redact({ kind: 'user', key: 'a', large: 'x'.repeat(500), small: 1 }, { room: 100 })).toEqual({
      kind: 'user',
      key: 'a',
      small: 1,
    });
  });

  it('writes nothing of a context whose key finds no room', () => {
    expect(redact({ kind: 'user', key: 'x'.repeat(500) }, { room: 100 })).toBeUndefined();
    expect(redact({ kind: 'multi', a: { key: 'b' }, c: { key: 'x'.repeat(500) } }, { room: 100 })).toBeUndefined();
  });
});

describe('anonymous redaction', () => {
  const anonymous = { kind: 'user', key: 'a', anonymous: true, plan: 'gold' };
  const bare = { kind: 'user', key: 'a', anonymous: true, _meta: { redactedAttributes: ['plan'] } };

  it('treats all attributes of an anonymous context as private', () => {
    expect(redact(anonymous, { anonymity: 'redact' })).toEqual(bare);
  });

  it('does nothing where the event does not ask for it', () => {
    expect(redact(anonymous)).toEqual(anonymous);
  });

  it('does nothing to a context that is not anonymous', () => {
    expect(redact(alice, { anonymity: 'redact' })).toEqual(alice);
  });

  it('leaves the other kinds of a multi-kind context alone', () => {
    const { kind: _, ...user } = anonymous;
    const org = { key: 'acme', plan: 'silver' };
    const { kind: __, ...bareUser } = bare;
    expect(redact({ kind: 'multi', user, org }, { anonymity: 'redact' })).toEqual({
      kind: 'multi',
      user: bareUser,
      org,
    });
  });
});

describe('withoutAnonymous', () => {
  const shown = (context: unknown) => withoutAnonymous(context as Context);

  it('leaves nothing of an anonymous context', () => {
    expect(shown({ key: 'a', anonymous: true })).toBeUndefined();
    expect(shown({ kind: 'org', key: 'a', anonymous: true })).toBeUndefined();
  });

  it('leaves a context that is not anonymous', () => {
    expect(shown({ kind: 'org', key: 'a', plan: 'gold' })).toEqual({ kind: 'org', key: 'a', plan: 'gold' });
  });

  it('takes the anonymous kinds out of a multi-kind context', () => {
    const context = { kind: 'multi', user: { key: 'u', anonymous: true }, org: { key: 'o' }, team: { key: 't' } };
    expect(shown(context)).toEqual({ kind: 'multi', org: { key: 'o' }, team: { key: 't' } });
  });

  it('makes a context of one kind of what remains', () => {
    const context = { kind: 'multi', user: { key: 'u', anonymous: true }, org: { key: 'o', plan: 'gold' } };
    expect(shown(context)).toEqual({ kind: 'org', key: 'o', plan: 'gold' });
  });

  it('leaves nothing of a multi-kind context that is all anonymous', () => {
    expect(shown({ kind: 'multi', user: { key: 'u', anonymous: true }, org: { key: 'o', anonymous: true } })).toBe(
      undefined,
    );
  });
});
