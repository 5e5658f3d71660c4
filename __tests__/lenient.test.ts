import { toList, toObject, toObjects, toText } from '../lib/lenient.js';

const ODD = [undefined, null, 0, 7, '', 'x', true, () => 1] as never[];

describe('lenient reading', () => {
  it('takes what is no list for an empty one', () => {
    expect([...ODD, {} as never].map((value) => toList(value))).toEqual([...ODD, {}].map(() => []));
    expect(toList([null, 1])).toEqual([null, 1]);
  });

  it('takes what is no object for an empty one', () => {
    expect([...ODD, [1] as never].map((value) => toObject(value))).toEqual([...ODD, 1].map(() => ({})));
    const object = { a: null };
    expect(toObject(object)).toBe(object);
  });

  it('keeps the positions of objects among others', () => {
    expect(toObjects([null, { a: 1 }, 'x'] as never)).toEqual([{}, { a: 1 }, {}]);
  });

  it('takes what is no text for an empty one', () => {
    expect([undefined, null, 7, {}, ['a']].map(toText)).toEqual(['', '', '', '', '']);
    expect(toText('a')).toBe('a');
  });
});
