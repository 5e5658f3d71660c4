// The session cookie: reading it from a request and writing it into an answer.

/**
 * The cookie's name. Over https the prefix makes browsers refuse one that was set by another host or without
 * `Secure`, so a neighbouring sub-domain cannot plant a session. Browsers refuse the prefix over plain http.
 */
function cookieName(secure: boolean): string {
  return secure ? '__Host-feathery-session' : 'feathery-session';
}

/** The session secret a request carries, if any. */
export function readSessionCookie(header: string | undefined, secure: boolean): string | undefined {
  const name = cookieName(secure);
  for (const pair of header?.split(';') ?? []) {
    const equals = pair.indexOf('=');
    if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return undefined;
}

/**
 * The `Set-Cookie` value for a session. `SameSite=Strict` costs nothing here: the pages themselves are public files
 * and every request that needs the cookie comes from one of them, so following a link into the dashboard still works.
 *
 * @param maxAgeMs - 0 removes the cookie.
 */
export function sessionCookie(secret: string, maxAgeMs: number, secure: boolean): string {
  const attributes = `Path=/; Max-Age=${Math.floor(maxAgeMs / 1000)}; HttpOnly; SameSite=Strict`;
  return `${cookieName(secure)}=${secret}; ${attributes}${secure ? '; Secure' : ''}`;
}
