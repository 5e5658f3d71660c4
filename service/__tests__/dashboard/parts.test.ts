import { contextOf, partsOf } from '../../dashboard/src/pages/explain/parts.js';

describe('the form of a context', () => {
  it('is nobody without a key', () => {
    expect(contextOf([{ kind: 'user', key: ' ', attributes: [['plan', 'gold']] }])).toBeUndefined();
  });

  it('takes numbers, truth values and lists for what they are, and all else for text', () => {
    const attributes: [string, string][] = [
      ['seats', '3'],
      ['beta', 'true'],
      ['tags', '["a"]'],
      ['zip', '"01234"'],
      ['plan', 'gold'],
      ['', 'no name'],
    ];
    expect(contextOf([{ kind: 'user', key: 'ann', attributes }])).toEqual({
      kind: 'user',
      key: 'ann',
      seats: 3,
      beta: true,
      tags: ['a'],
      zip: '01234',
      plan: 'gold',
    });
  });

  it('joins several kinds, and leaves out those without a key', () => {
    const parts = ['user', 'organization', 'device'].map((kind) => ({
      kind,
      key: kind === 'device' ? '' : kind,
      attributes: [],
    }));
    expect(contextOf(parts)).toEqual({ kind: 'multi', user: { key: 'user' }, organization: { key: 'organization' } });
  });

  it.each([
    [
      { key: 'ann', plan: 'gold' },
      { kind: 'user', key: 'ann', plan: 'gold' },
    ],
    [
      { key: 'ann', custom: { plan: 'gold' } },
      { kind: 'user', key: 'ann', plan: 'gold' },
    ],
    [
      { kind: 'organization', key: 'acme', seats: 3, zip: '01' },
      { kind: 'organization', key: 'acme', seats: 3, zip: '01' },
    ],
    [
      { kind: 'multi', user: { key: 'u' }, device: { key: 'd' } },
      { kind: 'multi', user: { key: 'u' }, device: { key: 'd' } },
    ],
  ])('comes from the JSON %j and back', (json, back) => {
    expect(contextOf(partsOf(json))).toEqual(back);
  });

  it('begins anew when the JSON is no context', () => {
    expect(partsOf([])).toEqual([{ kind: 'user', key: '', attributes: [] }]);
  });
});
