// One block of SHA-1: FIPS 180-4, section 6.1.2. Its 80 rounds are written out, so that the five words of the state and the
// sixteen of the schedule are variables: a loop over arrays takes twice as long (bench/evaluate.ts, S4). In each round the
// parts are added up before `rotl5`, which the round before gives last, so that the processor can work ahead.

const K0 = 0x5a827999;
const K1 = 0x6ed9eba1;
const K2 = 0x8f1bbcdc | 0;
const K3 = 0xca62c1d6 | 0;

/**
 * Takes one block into the hash.
 *
 * @param hash - Five words, changed.
 * @param words - Sixteen words, the bytes of the block in big-endian order.
 */
export function compress(hash: Int32Array, words: Int32Array): void {
  let a = hash[0] as number;
  let b = hash[1] as number;
  let c = hash[2] as number;
  let d = hash[3] as number;
  let e = hash[4] as number;
  let w0 = words[0] as number;
  let w1 = words[1] as number;
  let w2 = words[2] as number;
  let w3 = words[3] as number;
  let w4 = words[4] as number;
  let w5 = words[5] as number;
  let w6 = words[6] as number;
  let w7 = words[7] as number;
  let w8 = words[8] as number;
  let w9 = words[9] as number;
  let w10 = words[10] as number;
  let w11 = words[11] as number;
  let w12 = words[12] as number;
  let w13 = words[13] as number;
  let w14 = words[14] as number;
  let w15 = words[15] as number;

  // Rounds 0 to 19
  e = (rotl5(a) + (choose(b, c, d) + (e + (w0 + K0)))) | 0;
  b = rotl30(b);
  d = (rotl5(e) + (choose(a, b, c) + (d + (w1 + K0)))) | 0;
  a = rotl30(a);
  c = (rotl5(d) + (choose(e, a, b) + (c + (w2 + K0)))) | 0;
  e = rotl30(e);
  b = (rotl5(c) + (choose(d, e, a) + (b + (w3 + K0)))) | 0;
  d = rotl30(d);
  a = (rotl5(b) + (choose(c, d, e) + (a + (w4 + K0)))) | 0;
  c = rotl30(c);
  e = (rotl5(a) + (choose(b, c, d) + (e + (w5 + K0)))) | 0;
  b = rotl30(b);
  d = (rotl5(e) + (choose(a, b, c) + (d + (w6 + K0)))) | 0;
  a = rotl30(a);
  c = (rotl5(d) + (choose(e, a, b) + (c + (w7 + K0)))) | 0;
  e = rotl30(e);
  b = (rotl5(c) + (choose(d, e, a) + (b + (w8 + K0)))) | 0;
  d = rotl30(d);
  a = (rotl5(b) + (choose(c, d, e) + (a + (w9 + K0)))) | 0;
  c = rotl30(c);
  e = (rotl5(a) + (choose(b, c, d) + (e + (w10 + K0)))) | 0;
  b = rotl30(b);
  d = (rotl5(e) + (choose(a, b, c) + (d + (w11 + K0)))) | 0;
  a = rotl30(a);
  c = (rotl5(d) + (choose(e, a, b) + (c + (w12 + K0)))) | 0;
  e = rotl30(e);
  b = (rotl5(c) + (choose(d, e, a) + (b + (w13 + K0)))) | 0;
  d = rotl30(d);
  a = (rotl5(b) + (choose(c, d, e) + (a + (w14 + K0)))) | 0;
  c = rotl30(c);
  e = (rotl5(a) + (choose(b, c, d) + (e + (w15 + K0)))) | 0;
  b = rotl30(b);
  w0 = rotl1(w13 ^ w8 ^ w2 ^ w0);
  d = (rotl5(e) + (choose(a, b, c) + (d + (w0 + K0)))) | 0;
  a = rotl30(a);
  w1 = rotl1(w14 ^ w9 ^ w3 ^ w1);
  c = (rotl5(d) + (choose(e, a, b) + (c + (w1 + K0)))) | 0;
  e = rotl30(e);
  w2 = rotl1(w15 ^ w10 ^ w4 ^ w2);
  b = (rotl5(c) + (choose(d, e, a) + (b + (w2 + K0)))) | 0;
  d = rotl30(d);
  w3 = rotl1(w0 ^ w11 ^ w5 ^ w3);
  a = (rotl5(b) + (choose(c, d, e) + (a + (w3 + K0)))) | 0;
  c = rotl30(c);

  // Rounds 20 to 39
  w4 = rotl1(w1 ^ w12 ^ w6 ^ w4);
  e = (rotl5(a) + (parity(b, c, d) + (e + (w4 + K1)))) | 0;
  b = rotl30(b);
  w5 = rotl1(w2 ^ w13 ^ w7 ^ w5);
  d = (rotl5(e) + (parity(a, b, c) + (d + (w5 + K1)))) | 0;
  a = rotl30(a);
  w6 = rotl1(w3 ^ w14 ^ w8 ^ w6);
  c = (rotl5(d) + (parity(e, a, b) + (c + (w6 + K1)))) | 0;
  e = rotl30(e);
  w7 = rotl1(w4 ^ w15 ^ w9 ^ w7);
  b = (rotl5(c) + (parity(d, e, a) + (b + (w7 + K1)))) | 0;
  d = rotl30(d);
  w8 = rotl1(w5 ^ w0 ^ w10 ^ w8);
  a = (rotl5(b) + (parity(c, d, e) + (a + (w8 + K1)))) | 0;
  c = rotl30(c);
  w9 = rotl1(w6 ^ w1 ^ w11 ^ w9);
  e = (rotl5(a) + (parity(b, c, d) + (e + (w9 + K1)))) | 0;
  b = rotl30(b);
  w10 = rotl1(w7 ^ w2 ^ w12 ^ w10);
  d = (rotl5(e) + (parity(a, b, c) + (d + (w10 + K1)))) | 0;
  a = rotl30(a);
  w11 = rotl1(w8 ^ w3 ^ w13 ^ w11);
  c = (rotl5(d) + (parity(e, a, b) + (c + (w11 + K1)))) | 0;
  e = rotl30(e);
  w12 = rotl1(w9 ^ w4 ^ w14 ^ w12);
  b = (rotl5(c) + (parity(d, e, a) + (b + (w12 + K1)))) | 0;
  d = rotl30(d);
  w13 = rotl1(w10 ^ w5 ^ w15 ^ w13);
  a = (rotl5(b) + (parity(c, d, e) + (a + (w13 + K1)))) | 0;
  c = rotl30(c);
  w14 = rotl1(w11 ^ w6 ^ w0 ^ w14);
  e = (rotl5(a) + (parity(b, c, d) + (e + (w14 + K1)))) | 0;
  b = rotl30(b);
  w15 = rotl1(w12 ^ w7 ^ w1 ^ w15);
  d = (rotl5(e) + (parity(a, b, c) + (d + (w15 + K1)))) | 0;
  a = rotl30(a);
  w0 = rotl1(w13 ^ w8 ^ w2 ^ w0);
  c = (rotl5(d) + (parity(e, a, b) + (c + (w0 + K1)))) | 0;
  e = rotl30(e);
  w1 = rotl1(w14 ^ w9 ^ w3 ^ w1);
  b = (rotl5(c) + (parity(d, e, a) + (b + (w1 + K1)))) | 0;
  d = rotl30(d);
  w2 = rotl1(w15 ^ w10 ^ w4 ^ w2);
  a = (rotl5(b) + (parity(c, d, e) + (a + (w2 + K1)))) | 0;
  c = rotl30(c);
  w3 = rotl1(w0 ^ w11 ^ w5 ^ w3);
  e = (rotl5(a) + (parity(b, c, d) + (e + (w3 + K1)))) | 0;
  b = rotl30(b);
  w4 = rotl1(w1 ^ w12 ^ w6 ^ w4);
  d = (rotl5(e) + (parity(a, b, c) + (d + (w4 + K1)))) | 0;
  a = rotl30(a);
  w5 = rotl1(w2 ^ w13 ^ w7 ^ w5);
  c = (rotl5(d) + (parity(e, a, b) + (c + (w5 + K1)))) | 0;
  e = rotl30(e);
  w6 = rotl1(w3 ^ w14 ^ w8 ^ w6);
  b = (rotl5(c) + (parity(d, e, a) + (b + (w6 + K1)))) | 0;
  d = rotl30(d);
  w7 = rotl1(w4 ^ w15 ^ w9 ^ w7);
  a = (rotl5(b) + (parity(c, d, e) + (a + (w7 + K1)))) | 0;
  c = rotl30(c);

  // Rounds 40 to 59
  w8 = rotl1(w5 ^ w0 ^ w10 ^ w8);
  e = (rotl5(a) + (majority(b, c, d) + (e + (w8 + K2)))) | 0;
  b = rotl30(b);
  w9 = rotl1(w6 ^ w1 ^ w11 ^ w9);
  d = (rotl5(e) + (majority(a, b, c) + (d + (w9 + K2)))) | 0;
  a = rotl30(a);
  w10 = rotl1(w7 ^ w2 ^ w12 ^ w10);
  c = (rotl5(d) + (majority(e, a, b) + (c + (w10 + K2)))) | 0;
  e = rotl30(e);
  w11 = rotl1(w8 ^ w3 ^ w13 ^ w11);
  b = (rotl5(c) + (majority(d, e, a) + (b + (w11 + K2)))) | 0;
  d = rotl30(d);
  w12 = rotl1(w9 ^ w4 ^ w14 ^ w12);
  a = (rotl5(b) + (majority(c, d, e) + (a + (w12 + K2)))) | 0;
  c = rotl30(c);
  w13 = rotl1(w10 ^ w5 ^ w15 ^ w13);
  e = (rotl5(a) + (majority(b, c, d) + (e + (w13 + K2)))) | 0;
  b = rotl30(b);
  w14 = rotl1(w11 ^ w6 ^ w0 ^ w14);
  d = (rotl5(e) + (majority(a, b, c) + (d + (w14 + K2)))) | 0;
  a = rotl30(a);
  w15 = rotl1(w12 ^ w7 ^ w1 ^ w15);
  c = (rotl5(d) + (majority(e, a, b) + (c + (w15 + K2)))) | 0;
  e = rotl30(e);
  w0 = rotl1(w13 ^ w8 ^ w2 ^ w0);
  b = (rotl5(c) + (majority(d, e, a) + (b + (w0 + K2)))) | 0;
  d = rotl30(d);
  w1 = rotl1(w14 ^ w9 ^ w3 ^ w1);
  a = (rotl5(b) + (majority(c, d, e) + (a + (w1 + K2)))) | 0;
  c = rotl30(c);
  w2 = rotl1(w15 ^ w10 ^ w4 ^ w2);
  e = (rotl5(a) + (majority(b, c, d) + (e + (w2 + K2)))) | 0;
  b = rotl30(b);
  w3 = rotl1(w0 ^ w11 ^ w5 ^ w3);
  d = (rotl5(e) + (majority(a, b, c) + (d + (w3 + K2)))) | 0;
  a = rotl30(a);
  w4 = rotl1(w1 ^ w12 ^ w6 ^ w4);
  c = (rotl5(d) + (majority(e, a, b) + (c + (w4 + K2)))) | 0;
  e = rotl30(e);
  w5 = rotl1(w2 ^ w13 ^ w7 ^ w5);
  b = (rotl5(c) + (majority(d, e, a) + (b + (w5 + K2)))) | 0;
  d = rotl30(d);
  w6 = rotl1(w3 ^ w14 ^ w8 ^ w6);
  a = (rotl5(b) + (majority(c, d, e) + (a + (w6 + K2)))) | 0;
  c = rotl30(c);
  w7 = rotl1(w4 ^ w15 ^ w9 ^ w7);
  e = (rotl5(a) + (majority(b, c, d) + (e + (w7 + K2)))) | 0;
  b = rotl30(b);
  w8 = rotl1(w5 ^ w0 ^ w10 ^ w8);
  d = (rotl5(e) + (majority(a, b, c) + (d + (w8 + K2)))) | 0;
  a = rotl30(a);
  w9 = rotl1(w6 ^ w1 ^ w11 ^ w9);
  c = (rotl5(d) + (majority(e, a, b) + (c + (w9 + K2)))) | 0;
  e = rotl30(e);
  w10 = rotl1(w7 ^ w2 ^ w12 ^ w10);
  b = (rotl5(c) + (majority(d, e, a) + (b + (w10 + K2)))) | 0;
  d = rotl30(d);
  w11 = rotl1(w8 ^ w3 ^ w13 ^ w11);
  a = (rotl5(b) + (majority(c, d, e) + (a + (w11 + K2)))) | 0;
  c = rotl30(c);

  // Rounds 60 to 79
  w12 = rotl1(w9 ^ w4 ^ w14 ^ w12);
  e = (rotl5(a) + (parity(b, c, d) + (e + (w12 + K3)))) | 0;
  b = rotl30(b);
  w13 = rotl1(w10 ^ w5 ^ w15 ^ w13);
  d = (rotl5(e) + (parity(a, b, c) + (d + (w13 + K3)))) | 0;
  a = rotl30(a);
  w14 = rotl1(w11 ^ w6 ^ w0 ^ w14);
  c = (rotl5(d) + (parity(e, a, b) + (c + (w14 + K3)))) | 0;
  e = rotl30(e);
  w15 = rotl1(w12 ^ w7 ^ w1 ^ w15);
  b = (rotl5(c) + (parity(d, e, a) + (b + (w15 + K3)))) | 0;
  d = rotl30(d);
  w0 = rotl1(w13 ^ w8 ^ w2 ^ w0);
  a = (rotl5(b) + (parity(c, d, e) + (a + (w0 + K3)))) | 0;
  c = rotl30(c);
  w1 = rotl1(w14 ^ w9 ^ w3 ^ w1);
  e = (rotl5(a) + (parity(b, c, d) + (e + (w1 + K3)))) | 0;
  b = rotl30(b);
  w2 = rotl1(w15 ^ w10 ^ w4 ^ w2);
  d = (rotl5(e) + (parity(a, b, c) + (d + (w2 + K3)))) | 0;
  a = rotl30(a);
  w3 = rotl1(w0 ^ w11 ^ w5 ^ w3);
  c = (rotl5(d) + (parity(e, a, b) + (c + (w3 + K3)))) | 0;
  e = rotl30(e);
  w4 = rotl1(w1 ^ w12 ^ w6 ^ w4);
  b = (rotl5(c) + (parity(d, e, a) + (b + (w4 + K3)))) | 0;
  d = rotl30(d);
  w5 = rotl1(w2 ^ w13 ^ w7 ^ w5);
  a = (rotl5(b) + (parity(c, d, e) + (a + (w5 + K3)))) | 0;
  c = rotl30(c);
  w6 = rotl1(w3 ^ w14 ^ w8 ^ w6);
  e = (rotl5(a) + (parity(b, c, d) + (e + (w6 + K3)))) | 0;
  b = rotl30(b);
  w7 = rotl1(w4 ^ w15 ^ w9 ^ w7);
  d = (rotl5(e) + (parity(a, b, c) + (d + (w7 + K3)))) | 0;
  a = rotl30(a);
  w8 = rotl1(w5 ^ w0 ^ w10 ^ w8);
  c = (rotl5(d) + (parity(e, a, b) + (c + (w8 + K3)))) | 0;
  e = rotl30(e);
  w9 = rotl1(w6 ^ w1 ^ w11 ^ w9);
  b = (rotl5(c) + (parity(d, e, a) + (b + (w9 + K3)))) | 0;
  d = rotl30(d);
  w10 = rotl1(w7 ^ w2 ^ w12 ^ w10);
  a = (rotl5(b) + (parity(c, d, e) + (a + (w10 + K3)))) | 0;
  c = rotl30(c);
  w11 = rotl1(w8 ^ w3 ^ w13 ^ w11);
  e = (rotl5(a) + (parity(b, c, d) + (e + (w11 + K3)))) | 0;
  b = rotl30(b);
  w12 = rotl1(w9 ^ w4 ^ w14 ^ w12);
  d = (rotl5(e) + (parity(a, b, c) + (d + (w12 + K3)))) | 0;
  a = rotl30(a);
  w13 = rotl1(w10 ^ w5 ^ w15 ^ w13);
  c = (rotl5(d) + (parity(e, a, b) + (c + (w13 + K3)))) | 0;
  e = rotl30(e);
  w14 = rotl1(w11 ^ w6 ^ w0 ^ w14);
  b = (rotl5(c) + (parity(d, e, a) + (b + (w14 + K3)))) | 0;
  d = rotl30(d);
  w15 = rotl1(w12 ^ w7 ^ w1 ^ w15);
  a = (rotl5(b) + (parity(c, d, e) + (a + (w15 + K3)))) | 0;
  c = rotl30(c);

  hash[0] = (hash[0] as number) + a;
  hash[1] = (hash[1] as number) + b;
  hash[2] = (hash[2] as number) + c;
  hash[3] = (hash[3] as number) + d;
  hash[4] = (hash[4] as number) + e;
}

function rotl1(word: number): number {
  return (word << 1) | (word >>> 31);
}

function rotl5(word: number): number {
  return (word << 5) | (word >>> 27);
}

function rotl30(word: number): number {
  return (word << 30) | (word >>> 2);
}

function choose(b: number, c: number, d: number): number {
  return d ^ (b & (c ^ d));
}

function parity(b: number, c: number, d: number): number {
  return b ^ c ^ d;
}

function majority(b: number, c: number, d: number): number {
  return (b & c) | (d & (b | c));
}
