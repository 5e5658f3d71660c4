import { readSessionCookie, sessionCookie } from '../src/cookies.js';

describe('session cookie', () => {
  it('is out of reach for scripts, other sites and plain http', () => {
    expect(sessionCookie('s3cret', 60_000, true)).toBe(
      '__Host-feathery-session=s3cret; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure',
    );
  });

  it('works over plain http, without the attributes browsers would refuse there', () => {
    expect(sessionCookie('s3cret', 60_000, false)).toBe(
      'feathery-session=s3cret; Path=/; Max-Age=60; HttpOnly; SameSite=Strict',
    );
  });

  it('is read from among other cookies', () => {
    expect(readSessionCookie('a=b; feathery-session=s3cret;c=d', false)).toBe('s3cret');
    expect(readSessionCookie('__Host-feathery-session=s3cret', true)).toBe('s3cret');
  });

  it('set over plain http does not count over https', () => {
    expect(readSessionCookie('feathery-session=s3cret', true)).toBeUndefined();
  });

  it('is missing without a header, or among malformed ones', () => {
    expect(readSessionCookie(undefined, false)).toBeUndefined();
    expect(readSessionCookie(';;=;feathery-session;x', false)).toBeUndefined();
  });
});
