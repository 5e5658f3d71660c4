import { MAX_JSON_DEPTH, toJson } from '../lib/json.js';

const copy = (value: unknown, characters = 1_000_000) => toJson(value, { characters });
const text = (value: unknown, characters?: number) => JSON.stringify(copy(value, characters));

/** Arrays in arrays. */
function nested(depth: number): unknown {
  let value: unknown = 'core';
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

describe('toJson', () => {
  it.each([null, true, 0, -1.5, '', 'Grüße 👋', [], {}, [1, [null, { a: [] }]], { a: { b: { c: 'd' } }, e: null }])(
    'copies plain JSON as it is: %j',
    (value) => {
      expect(copy(value)).toEqual(value);
    },
  );

  it('shares nothing with the original', () => {
    const original = { list: [{ inner: 1 }] };
    const copied = copy(original) as unknown as typeof original;
    original.list[0] = { inner: 2 };
    expect(copied.list[0]).toEqual({ inner: 1 });
  });

  it.each([
    ['a date', new Date(0), '"1970-01-01T00:00:00.000Z"'],
    ['an invalid date', new Date(Number.NaN), 'null'],
    ['NaN', Number.NaN, 'null'],
    ['infinity', Number.POSITIVE_INFINITY, 'null'],
    ['a BigInt', 12345678901234567890n, '"12345678901234567890"'],
    ['a boxed string', new String('boxed'), '"boxed"'],
    ['a boxed number', new Number(3), '3'],
    ['a map', new Map([[1, 2]]), '{}'],
    ['a sparse array', Object.assign([], { 2: 'x' }), '[null,null,"x"]'],
    ['an object with toJSON', { toJSON: () => ({ own: 'form' }) }, '{"own":"form"}'],
    ['an object without prototype', Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
  ])('writes %s', (_, value, expected) => {
    expect(text(value)).toBe(expected);
  });

  it.each([
    ['undefined', undefined],
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    [
      'an object whose toJSON throws',
      {
        toJSON() {
          throw new Error('no');
        },
      },
    ],
    [
      'a proxy that throws',
      new Proxy(
        {},
        {
          ownKeys() {
            throw new Error('no');
          },
        },
      ),
    ],
  ])('leaves %s out of objects, writes null for it in arrays', (_, value) => {
    expect(copy(value)).toBeUndefined();
    expect(text({ before: 1, value, after: 2 })).toBe('{"before":1,"after":2}');
    expect(text([1, value, 2])).toBe('[1,null,2]');
  });

  it('leaves out a property whose getter throws, and keeps the others', () => {
    const value = {
      good: 1,
      get bad() {
        throw new Error('no');
      },
    };
    expect(text(value)).toBe('{"good":1}');
  });

  it('leaves out an object inside itself, at any distance', () => {
    const value: Record<string, unknown> = { name: 'ring' };
    value.self = value;
    value.deeper = { list: [value] };
    expect(text(value)).toBe('{"name":"ring","deeper":{"list":[null]}}');
  });

  it('writes an object as often as it occurs side by side', () => {
    const shared = { a: 1 };
    expect(text([shared, shared])).toBe('[{"a":1},{"a":1}]');
  });

  it('leaves out what a toJSON hides a ring in', () => {
    const value = { toJSON: () => ({ value }) };
    expect(text(value)).toBe('{}');
  });

  it('keeps attributes named like members of the prototype', () => {
    const value = JSON.parse('{"__proto__":{"a":1},"constructor":2,"toString":3,"hasOwnProperty":4}');
    expect(text(value)).toBe('{"__proto__":{"a":1},"constructor":2,"toString":3,"hasOwnProperty":4}');
  });

  it('does not write what is inherited', () => {
    expect(text(Object.create({ inherited: 1 }, { own: { value: 2, enumerable: true } }))).toBe('{"own":2}');
  });

  it('leaves out what is nested too deep', () => {
    expect(text(nested(MAX_JSON_DEPTH))).toContain('core');
    expect(text(nested(MAX_JSON_DEPTH + 1))).not.toContain('core');
    expect(text(nested(100_000))).not.toContain('core');
  });

  it('leaves out a string that finds no room, and keeps what comes after it', () => {
    expect(text({ large: 'x'.repeat(1000), small: 'y' }, 100)).toBe('{"small":"y"}');
  });

  it('cuts an array where the room ends', () => {
    const copied = copy(new Array(1_000_000).fill(7), 1000) as number[];
    expect(copied.length).toBeGreaterThan(50);
    expect(copied.length).toBeLessThan(500);
  });

  it('ends quickly on an array that only claims to be long', () => {
    expect((copy(new Array(4_000_000_000), 1000) as unknown[]).length).toBeLessThanOrEqual(1000);
  });

  it('never takes more room than there is', () => {
    const room = { characters: 50 };
    const copied = toJson({ a: 'x'.repeat(20), b: 'y'.repeat(20), c: 'z'.repeat(20) }, room);
    expect(JSON.stringify(copied).length).toBeLessThanOrEqual(50);
    expect(room.characters).toBeGreaterThanOrEqual(0);
  });
});
