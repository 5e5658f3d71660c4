import { createHash } from 'node:crypto';
import { compress } from '../lib/sha1-block.js';

const INITIAL = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];

/** SHA-1 of a message of full words that fits one block, padded here. */
function digestOf(message: readonly number[]): string {
  const hash = Int32Array.from(INITIAL);
  const words = new Int32Array(16);
  words.set(message);
  words[message.length] = 0x80 << 24;
  words[15] = message.length * 32;
  compress(hash, words);
  return bytes(hash).toString('hex');
}

function bytes(words: Int32Array): Buffer {
  const buffer = Buffer.alloc(words.length * 4);
  words.forEach((word, index) => {
    buffer.writeInt32BE(word, index * 4);
  });
  return buffer;
}

describe('compress', () => {
  it('gives what node:crypto gives, for every length of one block', () => {
    for (let length = 0; length <= 13; length++) {
      const message = Array.from({ length }, (_, index) => Math.imul(index + 1, 0x9e3779b9));
      const expected = createHash('sha1')
        .update(bytes(Int32Array.from(message)))
        .digest('hex');
      expect(digestOf(message)).toBe(expected);
    }
  });

  it('goes on from the hash of the blocks before', () => {
    const hash = Int32Array.from(INITIAL);
    compress(hash, new Int32Array(16));
    const end = new Int32Array(16);
    end[0] = 0x80 << 24;
    end[15] = 512;
    compress(hash, end);
    expect(bytes(hash).toString('hex')).toBe(createHash('sha1').update(Buffer.alloc(64)).digest('hex'));
  });

  it('leaves the block as it was', () => {
    const words = Int32Array.from({ length: 16 }, (_, index) => index);
    compress(Int32Array.from(INITIAL), words);
    expect([...words]).toEqual([...Array(16).keys()]);
  });
});
