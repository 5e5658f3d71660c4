import { compareVersion, parseVersion, type Version } from '../lib/semver.js';

function compare(left: string, right: string): number {
  return Math.sign(compareVersion(left, parseVersion(right) as Version));
}

// Which texts are versions, and many comparisons, are in cases/versions.json.
describe('compareVersion', () => {
  const ASCENDING = [
    '0',
    '0.0.1',
    '0.1',
    '1.0.0-0',
    '1.0.0-2',
    '1.0.0-10',
    '1.0.0-99999999999999999999',
    '1.0.0--',
    '1.0.0-A',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1',
    '1.0.1',
    '1.2-rc',
    '1.2',
    '1.10',
    '2.0.0-rc.1',
    '999999999999999.0.0',
    '1000000000000000.0.0',
    '9007199254740993.0.0',
    '9007199254740994.0.0',
    '99999999999999999998.0.0',
    '99999999999999999999.0.0',
  ];

  it('puts every pair of an ascending list in order', () => {
    for (const [left, lower] of ASCENDING.entries()) {
      for (const [right, higher] of ASCENDING.entries()) {
        expect([lower, higher, compare(lower, higher)]).toEqual([lower, higher, Math.sign(left - right)]);
      }
    }
  });

  it('takes missing parts for 0 and leaves build metadata aside', () => {
    for (const same of ['2', '2.0', '2.0.0', '2+b', '2.0+b.7', '2.0.0+00']) {
      expect([same, compare(same, '2.0.0')]).toEqual([same, 0]);
    }
  });

  it.each(['', 'v1', '1.', '1.2.3.4', '01', '1.2.3-01', '1.2.3-', 'x'])('gives NaN for %j', (text) => {
    expect(compare(text, '1.2.3')).toBeNaN();
    expect(parseVersion(text)).toBeUndefined();
  });
});
