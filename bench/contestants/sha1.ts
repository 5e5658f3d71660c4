// SHA-1 of short texts after a prefix, as one would write it by hand for this purpose alone: one block, ASCII only.
const state = new Int32Array(80);

/** Writes the prefix into a block once. */
export function prepareBlock(prefix: string): Int32Array {
  const block = new Int32Array(16);
  for (let index = 0; index < prefix.length; index++) put(block, index, prefix.charCodeAt(index));
  return block;
}

/** The first 60 bits of the hash as a fraction. Prefix and text have at most 55 characters together. */
export function fraction(block: Int32Array, prefixLength: number, text: string): number {
  state.set(block);
  for (let index = 0; index < text.length; index++) put(state, prefixLength + index, text.charCodeAt(index));
  const length = prefixLength + text.length;
  put(state, length, 0x80);
  state[15] = length << 3;
  for (let index = 16; index < 80; index++) {
    const mixed = at(index - 3) ^ at(index - 8) ^ at(index - 14) ^ at(index - 16);
    state[index] = (mixed << 1) | (mixed >>> 31);
  }
  let a = 0x67452301;
  let b = 0xefcdab89 | 0;
  let c = 0x98badcfe | 0;
  let d = 0x10325476;
  let e = 0xc3d2e1f0 | 0;
  for (let index = 0; index < 80; index++) {
    let mixed: number;
    if (index < 20) mixed = (d ^ (b & (c ^ d))) + 0x5a827999;
    else if (index < 40) mixed = (b ^ c ^ d) + 0x6ed9eba1;
    else if (index < 60) mixed = ((b & c) | (d & (b | c))) + 0x8f1bbcdc;
    else mixed = (b ^ c ^ d) + 0xca62c1d6;
    const next = (((a << 5) | (a >>> 27)) + mixed + e + at(index)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  const first = (0x67452301 + a) >>> 0;
  const second = (0xefcdab89 + b) >>> 0;
  return (first * 0x10000000 + (second >>> 4)) / 2 ** 60;
}

function put(block: Int32Array, position: number, byte: number): void {
  block[position >> 2] = (block[position >> 2] as number) | (byte << (24 - ((position & 3) << 3)));
}

function at(index: number): number {
  return state[index] as number;
}
