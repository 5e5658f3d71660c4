import { BoundedMap } from '../src/bounded-map.js';

describe('bounded map', () => {
  it('forgets the entry unused for longest when it is full', () => {
    const map = new BoundedMap<string, number>(2);
    map.set('a', 1);
    map.set('b', 2);
    map.get('a');
    map.set('c', 3);
    expect([map.get('a'), map.get('b'), map.get('c'), map.size]).toEqual([1, undefined, 3, 2]);
  });

  it('takes no look as a use', () => {
    const map = new BoundedMap<string, number>(2);
    map.set('a', 1);
    map.set('b', 2);
    expect(map.peek('a')).toBe(1);
    map.set('c', 3);
    expect([map.peek('a'), map.peek('b'), map.peek('c')]).toEqual([undefined, 2, 3]);
  });

  it('goes on forgetting after it was cleared', () => {
    const map = new BoundedMap<number, number>(2);
    for (let key = 0; key < 5; key++) map.set(key, key);
    map.clear();
    for (let key = 0; key < 5; key++) map.set(key, key);
    expect([map.size, map.peek(3), map.peek(4)]).toEqual([2, 3, 4]);
  });

  it('forgets the entries asked for', () => {
    const map = new BoundedMap<string, number>(3);
    map.set('a', 1);
    map.set('b', 2);
    map.set('c', 3);
    map.delete('a');
    map.deleteWhere((value) => value === 2);
    expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([undefined, undefined, 3]);
    map.clear();
    expect(map.size).toBe(0);
  });
});
