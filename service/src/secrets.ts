// Secrets: making, hashing and comparing them. SDK keys, tokens and links are 256 random bits, so one SHA-256 is
// enough; passwords are chosen by people, so they get scrypt.
import { createHash, randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

const SECRET_BYTES = 32;
const SALT_BYTES = 16;
const KEY_BYTES = 32;
const HINT_LENGTH = 4;

/** Each says at a glance, and to secret scanners, what it opens. */
export type SecretPrefix = 'sdk-' | 'fta-' | 'fts-' | 'ftl-';

/** What scrypt costs. Memory is 128 · 2^logN · r bytes, time grows with all three. */
export interface PasswordCost {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

/** 32 MiB and some 200 ms. From the OWASP Password Storage Cheat Sheet's equally strong choices, the one with least memory above 16 MiB. */
export const PASSWORD_COST: PasswordCost = { logN: 15, r: 8, p: 3 };

/** Makes a secret no one can guess: prefix and 256 random bits in base64url. */
export function generateSecret(prefix: SecretPrefix): string {
  return prefix + randomBytes(SECRET_BYTES).toString('base64url');
}

/** What is stored of a high-entropy secret, and what it is looked up by. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Whether two hashes are equal, in a time that does not depend on where they differ. */
export function isSameHash(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

/** The end of a secret, shown in lists so that people can tell theirs apart. */
export function hintOf(secret: string): string {
  // A short key given by an operator would be half revealed by its end.
  return secret.length >= 16 ? secret.slice(-HINT_LENGTH) : '';
}

/**
 * Hashes a password with a new salt.
 *
 * @returns `$scrypt$ln=15,r=8,p=3$<salt>$<hash>`: the parameters are stored, so raising them later keeps old
 *   passwords working.
 */
export async function hashPassword(password: string, cost: PasswordCost = PASSWORD_COST): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password, salt, cost);
  return `$scrypt$ln=${cost.logN},r=${cost.r},p=${cost.p}$${salt.toString('base64url')}$${key.toString('base64url')}`;
}

/** Whether a password is the one that was hashed. Takes as long for a wrong one. */
export async function isPassword(password: string, stored: string): Promise<boolean> {
  const { cost, salt, key } = parsePassword(stored);
  return timingSafeEqual(await derive(password, salt, cost), key);
}

/** Whether a stored password was hashed with other parameters than those in use now. */
export function isOutdated(stored: string, cost: PasswordCost = PASSWORD_COST): boolean {
  const parsed = parsePassword(stored).cost;
  return parsed.logN !== cost.logN || parsed.r !== cost.r || parsed.p !== cost.p;
}

function parsePassword(stored: string): { cost: PasswordCost; salt: Buffer; key: Buffer } {
  const match = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([\w-]+)\$([\w-]+)$/.exec(stored);
  if (match === null) throw new Error('A stored password is not in the form this version writes');
  const [, logN, r, p, salt, key] = match;
  return {
    cost: { logN: Number(logN), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt as string, 'base64url'),
    key: Buffer.from(key as string, 'base64url'),
  };
}

function derive(password: string, salt: Buffer, { logN, r, p }: PasswordCost): Promise<Buffer> {
  const N = 2 ** logN;
  // Node refuses above 32 MiB unless told otherwise; twice what the algorithm needs leaves room for its bookkeeping.
  const options: ScryptOptions = { N, r, p, maxmem: 256 * N * r };
  return new Promise((resolve, reject) => {
    // The same text typed on different keyboards arrives composed or decomposed.
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
