import { Passwords } from '../src/passwords.js';

const CHEAP = { logN: 4, r: 8, p: 1 };

describe('passwords', () => {
  it('match what was hashed', async () => {
    const passwords = new Passwords(CHEAP);
    const stored = await passwords.hash('right');
    expect(await passwords.matches('right', stored)).toBe(true);
    expect(await passwords.matches('wrong', stored)).toBe(false);
  });

  it('never match a member who does not exist or has no password', async () => {
    const passwords = new Passwords(CHEAP);
    for (const stored of [undefined, null]) {
      expect(await passwords.matches('', stored)).toBe(false);
      expect(await passwords.matches('any', stored)).toBe(false);
    }
  });

  it('are outdated when the cost has been raised since', async () => {
    const stored = await new Passwords(CHEAP).hash('x');
    expect(new Passwords(CHEAP).isOutdated(stored)).toBe(false);
    expect(new Passwords({ ...CHEAP, logN: 5 }).isOutdated(stored)).toBe(true);
  });

  it('are checked a few at a time, and beyond a bound refused', async () => {
    const passwords = new Passwords(CHEAP);
    const results = await Promise.allSettled(Array.from({ length: 40 }, () => passwords.hash('x')));
    const refused = results.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
    expect(refused).toHaveLength(40 - 34);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'busy' });
    expect(await passwords.matches('x', await passwords.hash('x'))).toBe(true);
  });
});
