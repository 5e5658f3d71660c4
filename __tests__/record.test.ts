import { toRecord } from '../lib/record.js';

const recordOf = (...keys: string[]) => toRecord(keys, String, (key) => key.length);

describe('toRecord', () => {
  it('is an ordinary object', () => {
    const record = recordOf('a', 'bb');
    expect(record).toStrictEqual({ a: 1, bb: 2 });
    expect(Object.hasOwn(record, 'a')).toBe(true);
    expect({ ...record, c: 3 }).toEqual({ a: 1, bb: 2, c: 3 });
  });

  it('has no other keys than those given', () => {
    expect(Object.hasOwn(recordOf(), 'constructor')).toBe(false);
    expect(JSON.stringify(recordOf())).toBe('{}');
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', ''])(
    'takes %j for a key like any other',
    (key) => {
      const record = recordOf(key);
      expect(Object.entries(record)).toEqual([[key, key.length]]);
      expect(Object.getPrototypeOf(record)).toBe(Object.prototype);
      expect(JSON.stringify(record)).toBe(`{"${key}":${key.length}}`);
    },
  );

  it('keeps the last of equal keys', () => {
    expect(
      toRecord(
        [1, 2],
        () => 'a',
        (value) => value,
      ),
    ).toEqual({ a: 2 });
  });
});
