import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { Bucketing, bucketText } from '../lib/bucket.js';

/** Section 3.9.1 to the letter. */
function expectedBucket(prefix: string, text: string): number {
  const digits = createHash('sha1').update(`${prefix}.${text}`, 'utf8').digest('hex').slice(0, 15);
  return Number.parseInt(digits, 16) / 2 ** 60;
}

// The check values of section 3.9.7 are in cases/buckets.json.
describe('Bucketing', () => {
  it('agrees with node:crypto at every length of prefix and text around the block size', () => {
    for (let prefixLength = 0; prefixLength <= 130; prefixLength++) {
      const prefix = 'p'.repeat(prefixLength);
      const bucketing = new Bucketing(prefix);
      for (const length of [0, 1, 7, 53, 54, 55, 56, 62, 63, 64, 65, 118, 119, 120, 128, 1000]) {
        const text = 'k'.repeat(length);
        expect([prefixLength, length, bucketing.bucket(text)]).toEqual([
          prefixLength,
          length,
          expectedBucket(prefix, text),
        ]);
      }
    }
  });

  it('agrees with node:crypto on any text, lone surrogates included', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 150 }),
        fc.string({ unit: 'binary', maxLength: 150 }),
        (prefix, text) => {
          expect(new Bucketing(prefix).bucket(text)).toBe(expectedBucket(prefix, text));
        },
      ),
      { seed: 7, numRuns: 500 },
    );
    for (const text of ['zoë', '用户', '😀', '\ud800', '\udc00x', 'a\ud83d', '\u0000', '\u007f\u0080']) {
      expect([text, new Bucketing('s\ud800').bucket(text)]).toEqual([text, expectedBucket('s\ud800', text)]);
    }
  });

  it('keeps nothing from one text to the next', () => {
    const bucketing = new Bucketing('setting.salt');
    const alone = bucketing.bucket('alice');
    bucketing.bucket('x'.repeat(500));
    bucketing.bucket('zoë'.repeat(50));
    new Bucketing('other'.repeat(30)).bucket('y');
    expect(bucketing.bucket('alice')).toBe(alone);
  });
});

describe('bucketText', () => {
  it.each([
    ['text', 'text'],
    ['', ''],
    [42, '42'],
    [42.0, '42'],
    [-7, '-7'],
    [-0, '0'],
    [1e20, '100000000000000000000'],
    [1e21, '1000000000000000000000'],
    [2 ** 80, '1208925819614629174706176'],
  ])('writes %p as %j', (value, text) => {
    expect(bucketText(value)).toBe(text);
  });

  it.each([undefined, null, true, false, 1.5, Number.NaN, Number.POSITIVE_INFINITY, [], ['a'], {}])(
    'has nothing to hash for %p',
    (value) => {
      expect(bucketText(value)).toBeUndefined();
    },
  );
});
