import { pageOf, readCursor } from '../src/paging.js';

const itself = (item: string) => item;

describe('a page', () => {
  it('has a cursor only when there is more', () => {
    expect(pageOf(['a', 'b'], 2, itself)).toEqual({ items: ['a', 'b'], nextCursor: null });
    expect(pageOf(['a', 'b', 'c'], 2, itself).items).toEqual(['a', 'b']);
    expect(readCursor(pageOf(['a', 'b', 'c'], 2, itself).nextCursor ?? undefined)).toBe('b');
    expect(pageOf([], 2, itself)).toEqual({ items: [], nextCursor: null });
  });

  it.each(['', '!', 'YQ==', 'a'])('refuses the cursor %j', (cursor) => {
    expect(() => readCursor(cursor)).toThrow('not one of this service');
  });
});
