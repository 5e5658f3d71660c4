// SHA-1 of our own, because node:crypto takes several times as long for texts this short (bench/evaluate.ts). What both give
// is bit for bit the same.
import { createHash } from 'node:crypto';
import { compress } from './sha1-block.js';

/** The largest number of 15 hex digits: 2^60 - 1, which as a double is 2^60. */
const DIVISOR = 2 ** 60;

const BLOCK_BYTES = 64;
/** Bytes of the last block that the text may fill; the last eight hold its length in bits. */
const LAST_BLOCK_ROOM = 56;

/** Scratch space of the block at work and of the hash so far. Nothing is kept here between two calls. */
const words = new Int32Array(16);
const hash = new Int32Array(5);

/** What a value of an attribute is hashed as. Undefined when it cannot be: the bucket is then 0. */
export function bucketText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value !== 'number' || !Number.isInteger(value)) return undefined;
  // From 1e21 on, String would write an exponent.
  return Math.abs(value) < 1e21 ? String(value) : BigInt(value).toString();
}

/**
 * Places texts between 0 and 1, all of them after the same prefix, which is hashed ahead as far as it fills blocks.
 *
 * @see docs/protocol.md, section 3.9
 */
export class Bucketing {
  readonly #prefix: string;
  /** Hash after the full blocks of the prefix. */
  readonly #hash: Int32Array;
  /** The prefix's last, incomplete block. */
  readonly #tail: Int32Array;
  readonly #tailBytes: number;
  readonly #prefixBytes: number;

  /** @param prefix - Setting key and salt, or a seed; without the dot after it. */
  constructor(prefix: string) {
    this.#prefix = `${prefix}.`;
    const bytes = Buffer.from(this.#prefix, 'utf8');
    start(initialHash(), new Int32Array(16));
    for (const [index, byte] of bytes.entries()) {
      put(index % BLOCK_BYTES, byte);
      if (index % BLOCK_BYTES === BLOCK_BYTES - 1) closeBlock();
    }
    this.#prefixBytes = bytes.length;
    this.#tailBytes = bytes.length % BLOCK_BYTES;
    this.#hash = hash.slice();
    this.#tail = words.slice();
  }

  /** At least 0 and at most 1. */
  bucket(text: string): number {
    start(this.#hash, this.#tail);
    let filled = this.#tailBytes;
    let seen = 0;
    for (let index = 0; ; filled = 0) {
      const end = Math.min(text.length, index + BLOCK_BYTES - filled);
      for (; index < end; index++, filled++) {
        const code = text.charCodeAt(index);
        seen |= code;
        put(filled, code);
      }
      if (filled < BLOCK_BYTES) break;
      closeBlock();
    }
    if (seen >= 0x80) return this.#bucketOfAnyText(text);
    finish(filled, this.#prefixBytes + text.length);
    return toBucket(hash[0] as number, hash[1] as number);
  }

  #bucketOfAnyText(text: string): number {
    const digest = createHash('sha1')
      .update(this.#prefix + text, 'utf8')
      .digest();
    return toBucket(digest.readInt32BE(0), digest.readInt32BE(4));
  }
}

/** The first 15 hex digits of a hash, whose first two words are given, as a fraction. */
function toBucket(first: number, second: number): number {
  return ((first >>> 0) * 0x10000000 + (second >>> 4)) / DIVISOR;
}

function initialHash(): Int32Array {
  return Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);
}

/** Element by element: for so few, `TypedArray.set` takes twice as long. */
function start(from: Int32Array, block: Int32Array): void {
  for (let index = 0; index < 5; index++) hash[index] = from[index] as number;
  for (let index = 0; index < 16; index++) words[index] = block[index] as number;
}

/** Fills a byte of the block, which must be 0 so far. */
function put(position: number, byte: number): void {
  words[position >> 2] = (words[position >> 2] as number) | (byte << (24 - ((position & 3) << 3)));
}

function finish(filled: number, totalBytes: number): void {
  put(filled, 0x80);
  if (filled >= LAST_BLOCK_ROOM) closeBlock();
  // Of the two words for the length in bits the upper one stays 0: no string has 2^29 characters.
  words[15] = totalBytes << 3;
  compress(hash, words);
}

function closeBlock(): void {
  compress(hash, words);
  words.fill(0);
}
