import { etagOf, expectedVersion, isStale } from '../src/etag.js';

describe('If-Match', () => {
  it.each([
    [undefined, undefined],
    ['*', undefined],
    ['"812"', 812],
    ['W/"812"', 812],
    ['812', Number.NaN],
    ['"abc"', Number.NaN],
    ['"1", "2"', Number.NaN],
    ['', Number.NaN],
  ])('%j expects version %p', (header, version) => {
    expect(expectedVersion(header)).toEqual(version);
  });

  it('is met by the version it names, by any version for *, by none for what was never given out', () => {
    expect([isStale(5, 5), isStale(5, undefined), isStale(5, 4), isStale(5, Number.NaN)]).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  it('reads what ETag writes', () => {
    expect(expectedVersion(etagOf(7))).toBe(7);
  });
});
