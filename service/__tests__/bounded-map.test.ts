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
