import {
  generateSecret,
  hashPassword,
  hashSecret,
  hintOf,
  isOutdated,
  isPassword,
  isSameHash,
  PASSWORD_COST,
} from '../src/secrets.js';

const CHEAP = { logN: 4, r: 8, p: 1 };

describe('secrets', () => {
  it('makes a different secret of 256 bits each time, with its prefix', () => {
    const secrets = new Set(Array.from({ length: 100 }, () => generateSecret('sdk-')));
    expect(secrets.size).toBe(100);
    for (const secret of secrets) expect(secret).toMatch(/^sdk-[\w-]{43}$/);
  });

  it('hashes a secret as SHA-256 does', () => {
    expect(hashSecret('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it('compares hashes, also of different lengths', () => {
    expect(isSameHash(hashSecret('a'), hashSecret('a'))).toBe(true);
    expect(isSameHash(hashSecret('a'), hashSecret('b'))).toBe(false);
    expect(isSameHash(hashSecret('a'), '')).toBe(false);
  });

  it('hints at a long secret by its end and at a short one not at all', () => {
    expect(hintOf('sdk-abcdefghijklmnop')).toBe('mnop');
    expect(hintOf('short')).toBe('');
  });
});

describe('passwords', () => {
  it('are recognised, and others are not', async () => {
    const stored = await hashPassword('correct horse', CHEAP);
    expect(await isPassword('correct horse', stored)).toBe(true);
    expect(await isPassword('correct horsf', stored)).toBe(false);
    expect(await isPassword('', stored)).toBe(false);
  });

  it('are salted', async () => {
    expect(await hashPassword('same', CHEAP)).not.toBe(await hashPassword('same', CHEAP));
  });

  it('match however the keyboard composes their letters', async () => {
    expect(await isPassword('cafe\u0301', await hashPassword('caf\u00e9', CHEAP))).toBe(true);
  });

  it('keep the parameters they were hashed with', async () => {
    const stored = await hashPassword('old', CHEAP);
    expect(stored).toMatch(/^\$scrypt\$ln=4,r=8,p=1\$/);
    expect(isOutdated(stored, CHEAP)).toBe(false);
    expect(isOutdated(stored)).toBe(true);
  });

  it('can be hashed with the parameters in use', async () => {
    const stored = await hashPassword('real');
    expect(stored).toContain(`ln=${PASSWORD_COST.logN}`);
    expect(await isPassword('real', stored)).toBe(true);
  });

  it('in another form are an error, not a mismatch', async () => {
    await expect(isPassword('x', 'plain')).rejects.toThrow('form');
  });
});
