// SHA-1 written out, because node:crypto costs about twice as much for texts this short (bench/evaluate.ts). What both
// give is bit for bit the same.
import { createHash } from 'node:crypto';

/** The largest number of 15 hex digits: 2^60 - 1, which as a double is 2^60. */
const DIVISOR = 2 ** 60;

const BLOCK_BYTES = 64;
/** Bytes of the last block that the text may fill; the last eight hold its length in bits. */
const LAST_BLOCK_ROOM = 56;

/** Scratch space of the block at work and of the hash so far. Nothing is kept here between two calls. */
const words = new Int32Array(80);
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
    this.#tail = words.slice(0, 16);
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
  words[position >> 2] = word(position >> 2) | (byte << (24 - ((position & 3) << 3)));
}

function finish(filled: number, totalBytes: number): void {
  put(filled, 0x80);
  if (filled >= LAST_BLOCK_ROOM) closeBlock();
  // Of the two words for the length in bits the upper one stays 0: no string has 2^29 characters.
  words[15] = totalBytes << 3;
  compress();
}

function closeBlock(): void {
  compress();
  words.fill(0, 0, 16);
}

/**
 * Takes the block in `words` into `hash`: FIPS 180-4, section 6.1.2. In loops of their own rather than in one that
 * chooses among four functions in each round: a third of the time. What a round adds is summed up before `a` is needed,
 * which the round before gives last, and the words from 16 on are made where they are used: both let the processor work
 * ahead, for another quarter.
 */
function compress(): void {
  let a = hash[0] as number;
  let b = hash[1] as number;
  let c = hash[2] as number;
  let d = hash[3] as number;
  let e = hash[4] as number;
  for (let index = 0; index < 16; index++) {
    const rest = ((((word(index) + 0x5a827999) | 0) + e) | 0) + (d ^ (b & (c ^ d)));
    const next = (((a << 5) | (a >>> 27)) + (rest | 0)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (let index = 16; index < 20; index++) {
    const rest = ((((extend(index) + 0x5a827999) | 0) + e) | 0) + (d ^ (b & (c ^ d)));
    const next = (((a << 5) | (a >>> 27)) + (rest | 0)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (let index = 20; index < 40; index++) {
    const rest = ((((extend(index) + 0x6ed9eba1) | 0) + e) | 0) + (b ^ c ^ d);
    const next = (((a << 5) | (a >>> 27)) + (rest | 0)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (let index = 40; index < 60; index++) {
    const rest = ((((extend(index) + 0x8f1bbcdc) | 0) + e) | 0) + ((b & c) | (d & (b | c)));
    const next = (((a << 5) | (a >>> 27)) + (rest | 0)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (let index = 60; index < 80; index++) {
    const rest = ((((extend(index) + 0xca62c1d6) | 0) + e) | 0) + (b ^ c ^ d);
    const next = (((a << 5) | (a >>> 27)) + (rest | 0)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  hash[0] = (hash[0] as number) + a;
  hash[1] = (hash[1] as number) + b;
  hash[2] = (hash[2] as number) + c;
  hash[3] = (hash[3] as number) + d;
  hash[4] = (hash[4] as number) + e;
}

/** Makes the word at 16 or later of those before it. */
function extend(index: number): number {
  const mixed = word(index - 3) ^ word(index - 8) ^ word(index - 14) ^ word(index - 16);
  const extended = (mixed << 1) | (mixed >>> 31);
  words[index] = extended;
  return extended;
}

function word(index: number): number {
  return words[index] as number;
}
