import { SESSION_LIFETIME_MS } from '../src/sessions.js';
import { browserOf, PASSWORD, signIn, signInAs } from './support/access.js';
import { openTestApp, type TestApp } from './support/app.js';

let now: number;
let service: TestApp;
beforeEach(async () => {
  now = Date.parse('2030-01-01T00:00:00Z');
  service = await openTestApp({ now: () => now });
});
afterEach(() => service.close());

async function status(headers: Record<string, string>) {
  return (await service.app.inject({ url: '/api/v1/session', headers })).statusCode;
}

describe('signing in', () => {
  it('sets a cookie that scripts and other sites cannot use', async () => {
    await signInAs(service, 'viewer');
    const answer = await signIn(service, ' Viewer@Example.test', PASSWORD);
    expect([answer.statusCode, answer.json()]).toMatchObject([201, { kind: 'member', name: 'viewer@example.test' }]);
    expect(answer.cookies).toEqual([
      {
        name: 'feathery-session',
        value: expect.stringMatching(/^fts-/),
        path: '/',
        httpOnly: true,
        sameSite: 'Strict',
        maxAge: 604800,
      },
    ]);
    expect(await status(browserOf(answer))).toBe(200);
  });

  it('says the same of a wrong password, an unknown member and one without a password', async () => {
    await signInAs(service, 'viewer');
    await service.app.inject({
      method: 'POST',
      url: '/api/v1/members',
      headers: service.asAdmin,
      payload: { email: 'invited@example.test', role: 'viewer' },
    });
    const bodies = [];
    for (const email of ['viewer@example.test', 'nobody@example.test', 'invited@example.test']) {
      const answer = await signIn(service, email, 'not the password');
      expect(answer.statusCode).toBe(401);
      bodies.push({ ...answer.json(), requestId: '' });
    }
    expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1);
  });

  it('needs the CSRF header', async () => {
    const payload = { email: 'viewer@example.test', password: PASSWORD };
    const answer = await service.app.inject({ method: 'POST', url: '/api/v1/session', payload });
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'csrf_header_missing']);
  });

  it('is throttled per account, whatever the address, and free again later', async () => {
    await signInAs(service, 'viewer');
    const attempt = (index: number) => signIn(service, 'viewer@example.test', 'wrong', `192.0.2.${index}`);
    for (let index = 0; index < 10; index += 1) expect((await attempt(index)).statusCode).toBe(401);
    const refused = await signIn(service, 'viewer@example.test', PASSWORD, '192.0.2.99');
    expect([refused.statusCode, refused.json().code, refused.headers['retry-after']]).toEqual([
      429,
      'rate_limited',
      '30',
    ]);
    now += 30_000;
    expect((await signIn(service, 'viewer@example.test', PASSWORD, '192.0.2.99')).statusCode).toBe(201);
  });

  it('stays possible where a member has signed in before, whatever others try', async () => {
    const { email } = await signInAs(service, 'viewer');
    const home = '198.51.100.7';
    expect((await signIn(service, email, PASSWORD, home)).statusCode).toBe(201);
    for (let index = 0; index < 11; index += 1) await signIn(service, email, 'wrong', `192.0.2.${index}`);
    expect((await signIn(service, email, PASSWORD, '192.0.2.99')).statusCode).toBe(429);
    expect((await signIn(service, email, PASSWORD, home)).statusCode).toBe(201);
  });

  it('is throttled per address, whatever the account', async () => {
    for (let index = 0; index < 30; index += 1) {
      expect((await signIn(service, `user${index}@example.test`, 'wrong')).statusCode).toBe(401);
    }
    expect((await signIn(service, 'one-more@example.test', 'wrong')).statusCode).toBe(429);
    expect((await signIn(service, 'one-more@example.test', 'wrong', '192.0.2.2')).statusCode).toBe(401);
  });

  it('does not use up tries when it succeeds', async () => {
    await signInAs(service, 'viewer');
    for (let index = 0; index < 12; index += 1) {
      expect((await signIn(service, 'viewer@example.test', PASSWORD, `192.0.2.${index}`)).statusCode).toBe(201);
    }
  });
});

describe('a refused sign-in', () => {
  interface Entry {
    readonly actor: { readonly address: string };
    readonly items: readonly [{ readonly key: string; readonly after: object }];
  }

  async function refused(): Promise<Entry[]> {
    const url = '/api/v1/audit?action=session.refuse&limit=500';
    return (await service.app.inject({ url, headers: service.asAdmin })).json().entries;
  }

  it('is in the audit, with the account, the address and why, and without the password', async () => {
    const { email } = await signInAs(service, 'viewer');
    for (let index = 0; index < 11; index += 1) await signIn(service, email, 'hunter2', `192.0.2.${index}`);
    const entries = await refused();
    expect(entries).toHaveLength(11);
    expect(entries[0]).toMatchObject({
      actor: { kind: 'system', address: '192.0.2.10' },
      items: [{ kind: 'session', key: email, after: { reason: 'too many tries' } }],
    });
    expect(entries[10]?.items[0].after).toEqual({ reason: 'wrong password' });
    expect(JSON.stringify(entries)).not.toContain('hunter2');
  });

  it.each(['hunter2', 'P@ssw0rd!'])('does not keep what may be a password in the wrong field: %s', async (typed) => {
    await signIn(service, typed, 'viewer@example.test');
    expect((await refused())[0]?.items[0].key).toBe('(no e-mail address)');
  });

  it('is only counted when one address causes many, until an hour later', async () => {
    for (let index = 0; index < 40; index += 1) await signIn(service, `user${index}@example.test`, 'wrong');
    expect(await refused()).toHaveLength(5);
    now += 3_600_000;
    await signIn(service, 'user@example.test', 'wrong');
    expect((await refused())[0]?.items[0].after).toEqual({ reason: 'wrong password', unrecorded: 35 });
  });

  it('is only counted when many addresses cause many', async () => {
    for (let index = 0; index < 120; index += 1) {
      await signIn(service, `user${index}@example.test`, 'wrong', `198.51.100.${index}`);
    }
    expect(await refused()).toHaveLength(100);
  });

  it('is refused in the same way when it cannot be recorded', async () => {
    await service.parts.database.schema.dropTable('audit_items').execute();
    expect((await signIn(service, 'nobody@example.test', 'wrong')).statusCode).toBe(401);
  });
});

describe('behind a proxy', () => {
  const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '198.51.100.7' };

  async function signInBehind(trustProxy: readonly string[] | undefined) {
    const app = await openTestApp({ config: { trustProxy } });
    const { email, id } = await signInAs(app, 'viewer');
    const answer = await app.app.inject({
      method: 'POST',
      url: '/api/v1/session',
      headers: { 'x-feathery-csrf': '1', ...forwarded },
      payload: { email, password: PASSWORD },
    });
    const [{ address } = { address: '' }] = await app.parts.auth.sessions.list(id);
    await app.close();
    return { cookie: answer.headers['set-cookie'], address };
  }

  it('that is trusted, the cookie is for https only and the address is that of the browser', async () => {
    const { cookie, address } = await signInBehind(['loopback']);
    expect(cookie).toMatch(/^__Host-feathery-session=.+; Secure$/);
    expect(address).toBe('198.51.100.7');
  });

  it('that is not trusted, nobody can claim another address', async () => {
    const { cookie, address } = await signInBehind(undefined);
    expect(cookie).toMatch(/^feathery-session=/);
    expect(address).toBe('127.0.0.1');
  });
});

describe('sessions', () => {
  it('end when they expire', async () => {
    const { headers } = await signInAs(service, 'viewer');
    now += SESSION_LIFETIME_MS - 1;
    expect(await status(headers)).toBe(200);
    now += 1;
    expect(await status(headers)).toBe(401);
  });

  it('end by signing out, which also removes the cookie', async () => {
    const { headers } = await signInAs(service, 'viewer');
    const answer = await service.app.inject({ method: 'DELETE', url: '/api/v1/session', headers });
    expect([answer.statusCode, answer.body]).toEqual([204, '']);
    expect(answer.headers['set-cookie']).toMatch(/^feathery-session=; Path=\/; Max-Age=0;/);
    expect(await status(headers)).toBe(401);
  });

  it('are listed with where they came from, and ended one by one', async () => {
    const { email, headers } = await signInAs(service, 'viewer');
    now += 1000;
    const other = browserOf(await signIn(service, email, PASSWORD, '198.51.100.7'));
    const list = async () => (await service.app.inject({ url: '/api/v1/sessions', headers })).json().sessions;
    const sessions = await list();
    expect(sessions).toEqual([
      expect.objectContaining({ current: false, address: '198.51.100.7', createdAt: '2030-01-01T00:00:01.000Z' }),
      expect.objectContaining({ current: true, address: '127.0.0.1', userAgent: 'lightMyRequest' }),
    ]);
    const end = (id: string) => service.app.inject({ method: 'DELETE', url: `/api/v1/sessions/${id}`, headers });
    expect((await end(sessions[0].id)).statusCode).toBe(204);
    expect([await status(other), await status(headers)]).toEqual([401, 200]);
    expect((await end(sessions[0].id)).json().code).toBe('session_not_found');
  });

  it('of somebody else cannot be ended', async () => {
    const victim = await signInAs(service, 'admin');
    const { headers } = await signInAs(service, 'viewer');
    const [session] = await service.parts.auth.sessions.list(victim.id);
    const answer = await service.app.inject({
      method: 'DELETE',
      url: `/api/v1/sessions/${session?.id}`,
      headers,
    });
    expect(answer.statusCode).toBe(404);
    expect(await status(victim.headers)).toBe(200);
  });

  it('are for members, not for tokens', async () => {
    const answer = await service.app.inject({ url: '/api/v1/sessions', headers: service.asAdmin });
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'not_allowed']);
  });

  it('are at most fifty per member; the one unused for longest ends', async () => {
    const { email, headers } = await signInAs(service, 'viewer');
    for (let index = 0; index < 50; index += 1) {
      now += 1000;
      expect((await signIn(service, email, PASSWORD, `192.0.2.${index}`)).statusCode).toBe(201);
    }
    expect(await status(headers)).toBe(401);
  });

  it('are stored as hashes only', async () => {
    const { headers } = await signInAs(service, 'viewer');
    const rows = await service.parts.database.selectFrom('sessions').selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(headers.cookie.split('=')[1]);
  });
});

describe('changing the own password', () => {
  const change = (headers: Record<string, string>, current: string, next: string) =>
    service.app.inject({
      method: 'PUT',
      url: '/api/v1/session/password',
      headers,
      payload: { current, new: next },
    });

  it('ends the other sessions and keeps this one', async () => {
    const { email, headers } = await signInAs(service, 'viewer');
    const other = browserOf(await signIn(service, email, PASSWORD));
    expect((await change(headers, PASSWORD, 'another long password')).statusCode).toBe(204);
    expect([await status(headers), await status(other)]).toEqual([200, 401]);
    expect((await signIn(service, email, PASSWORD)).statusCode).toBe(401);
    expect((await signIn(service, email, 'another long password')).statusCode).toBe(201);
  });

  it('needs the present one, and guessing it is throttled', async () => {
    const { headers } = await signInAs(service, 'viewer');
    for (let index = 0; index < 10; index += 1) {
      const answer = await change(headers, 'wrong', 'another long password');
      expect([answer.statusCode, answer.json().pointer]).toEqual([422, '/current']);
    }
    expect((await change(headers, PASSWORD, 'another long password')).statusCode).toBe(429);
  });

  it('refuses a short one', async () => {
    const { headers } = await signInAs(service, 'viewer');
    const answer = await change(headers, PASSWORD, 'short');
    expect([answer.statusCode, answer.json().pointer]).toEqual([422, '/new']);
  });
});
