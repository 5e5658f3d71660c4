import { linkPath } from '../src/links.js';
import { browserOf, PASSWORD, signIn, signInAs, tokenOf, useLink } from './support/access.js';
import { openTestApp, type TestApp } from './support/app.js';

const DAY_MS = 24 * 3_600_000;
let now: number;
let service: TestApp;
beforeEach(async () => {
  now = Date.parse('2030-01-01T00:00:00Z');
  service = await openTestApp({ now: () => now });
});
afterEach(() => service.close());

function invite(payload: object, headers: Record<string, string> = service.asAdmin) {
  return service.app.inject({ method: 'POST', url: '/api/v1/members', headers, payload });
}

function change(id: string, payload: object, headers: Record<string, string> = service.asAdmin) {
  return service.app.inject({ method: 'PATCH', url: `/api/v1/members/${id}`, headers, payload });
}

function remove(id: string, headers: Record<string, string> = service.asAdmin) {
  return service.app.inject({ method: 'DELETE', url: `/api/v1/members/${id}`, headers });
}

async function session(headers: Record<string, string>) {
  return (await service.app.inject({ url: '/api/v1/session', headers })).statusCode;
}

describe('the first admin', () => {
  async function setupToken(): Promise<string> {
    const link = await service.parts.auth.members.issueSetupLink();
    if (link === undefined) throw new Error('there is no setup link');
    return tokenOf(linkPath(link));
  }
  const admin = { email: 'Ada@Example.test ', name: 'Ada', password: PASSWORD };

  it('is made by a link, and signed in', async () => {
    const answer = await useLink(service, await setupToken(), admin);
    expect([answer.statusCode, answer.json()]).toEqual([
      201,
      { kind: 'member', id: expect.any(String), name: 'ada@example.test', role: 'admin', environments: null },
    ]);
    expect(await session(browserOf(answer))).toBe(200);
    expect((await signIn(service, 'ada@example.test', PASSWORD)).statusCode).toBe(201);
  });

  it('is made once by a link', async () => {
    const token = await setupToken();
    const answers = await Promise.all([useLink(service, token, admin), useLink(service, token, admin)]);
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([201, 410]);
    expect(await service.parts.auth.members.issueSetupLink()).toBeUndefined();
  });

  it('is not made by a link of an earlier start', async () => {
    const earlier = await setupToken();
    await setupToken();
    expect((await useLink(service, earlier, admin)).json().code).toBe('link_invalid');
  });

  it('is not made by a link that has expired', async () => {
    const token = await setupToken();
    now += DAY_MS;
    expect((await useLink(service, token, admin)).statusCode).toBe(410);
  });

  it('is not made when somebody was invited meanwhile', async () => {
    const token = await setupToken();
    await invite({ email: 'other@example.test', role: 'viewer' });
    expect((await useLink(service, token, admin)).statusCode).toBe(410);
  });

  it.each([
    [{ email: 'ada@example.test' }, '/password'],
    [{ password: PASSWORD }, '/email'],
    [{ email: 'ada', password: PASSWORD }, '/email'],
    [{ email: 'ada@example.test', password: 'too short' }, '/password'],
  ])('is not made from %j, and the link stays good', async (use, pointer) => {
    const token = await setupToken();
    const refused = await useLink(service, token, use as Record<string, string>);
    expect([refused.statusCode, refused.json().pointer]).toEqual([422, pointer]);
    expect((await useLink(service, token, admin)).statusCode).toBe(201);
  });

  it('can sign in by a link alone when the operator asks for one', async () => {
    const link = await service.parts.auth.members.issueSignInLink();
    expect((await useLink(service, link.secret)).json()).toMatchObject({ name: 'admin@localhost', role: 'admin' });
    expect((await useLink(service, link.secret)).statusCode).toBe(410);
    const next = await service.parts.auth.members.issueSignInLink();
    expect((await useLink(service, next.secret)).json()).toMatchObject({ name: 'admin@localhost' });
  });
});

describe('members', () => {
  it('are invited by a link that sets their password', async () => {
    const answer = await invite({
      email: 'Grace@Example.test',
      name: 'Grace',
      role: 'editor',
      environments: ['production'],
    });
    const { member, link } = answer.json();
    expect(answer.statusCode).toBe(201);
    expect(member).toEqual({
      id: expect.any(String),
      email: 'grace@example.test',
      name: 'Grace',
      role: 'editor',
      environments: ['production'],
      active: false,
      createdAt: '2030-01-01T00:00:00.000Z',
      lastSignInAt: null,
    });
    const described = await service.app.inject({
      method: 'POST',
      url: '/api/v1/session/link',
      headers: { 'x-feathery-csrf': '1' },
      payload: { token: tokenOf(link.path) },
    });
    expect(described.json()).toEqual({
      purpose: 'password',
      email: 'grace@example.test',
      expiresAt: '2030-01-02T00:00:00.000Z',
    });
    const used = await useLink(service, tokenOf(link.path), { password: PASSWORD });
    expect(used.json()).toMatchObject({ name: 'grace@example.test', role: 'editor', environments: ['production'] });
    expect((await signIn(service, 'grace@example.test', PASSWORD)).statusCode).toBe(201);
  });

  it('have an address of their own', async () => {
    await invite({ email: 'grace@example.test', role: 'viewer' });
    const again = await invite({ email: 'GRACE@example.test', role: 'viewer' });
    expect([again.statusCode, again.json().code]).toEqual([409, 'already_exists']);
  });

  it('are seen by everybody and changed by admins', async () => {
    const { id, headers } = await signInAs(service, 'viewer');
    const list = await service.app.inject({ url: '/api/v1/members', headers });
    expect(list.json().members.map(({ email }: { email: string }) => email)).toEqual(['viewer@example.test']);
    expect((await service.app.inject({ url: `/api/v1/members/${id}`, headers })).json().role).toBe('viewer');
    expect((await change(id, { role: 'admin' }, headers)).statusCode).toBe(403);
    expect((await invite({ email: 'x@example.test', role: 'admin' }, headers)).statusCode).toBe(403);
  });

  it('may do what they may from the moment it is changed', async () => {
    await signInAs(service, 'admin');
    const { id, headers } = await signInAs(service, 'viewer');
    const tokens = () => service.app.inject({ url: '/api/v1/tokens', headers });
    expect((await tokens()).statusCode).toBe(403);
    expect((await change(id, { role: 'admin' })).json().role).toBe('admin');
    expect((await tokens()).statusCode).toBe(200);
    await change(id, { role: 'viewer' });
    expect((await tokens()).statusCode).toBe(403);
  });

  it('lose their sessions when they are removed', async () => {
    await signInAs(service, 'admin');
    const { id, headers } = await signInAs(service, 'editor');
    expect(await session(headers)).toBe(200);
    expect((await remove(id)).statusCode).toBe(204);
    expect(await session(headers)).toBe(401);
    expect((await remove(id)).json().code).toBe('member_not_found');
  });

  it('cannot change their own role or remove themselves', async () => {
    await signInAs(service, 'admin', { email: 'other@example.test' });
    const { id, headers } = await signInAs(service, 'admin');
    for (const answer of [await change(id, { role: 'viewer' }, headers), await remove(id, headers)]) {
      expect([answer.statusCode, answer.json().code]).toEqual([409, 'own_access']);
    }
    expect((await change(id, { name: 'Me' }, headers)).json().name).toBe('Me');
  });

  it('cannot leave the service without an admin who can sign in', async () => {
    const { id } = await signInAs(service, 'admin');
    await invite({ email: 'invited@example.test', role: 'admin' });
    for (const answer of [await change(id, { role: 'editor' }), await remove(id)]) {
      expect([answer.statusCode, answer.json().code]).toEqual([409, 'last_admin']);
    }
    await signInAs(service, 'admin', { email: 'second@example.test' });
    expect((await remove(id)).statusCode).toBe(204);
  });

  it('of whom two admins remove each other at the same time leave one', async () => {
    const ada = await signInAs(service, 'admin', { email: 'ada@example.test' });
    const bob = await signInAs(service, 'admin', { email: 'bob@example.test' });
    const answers = await Promise.all([remove(bob.id, ada.headers), remove(ada.id, bob.headers)]);
    expect(answers.map(({ statusCode }) => statusCode)).toContain(204);
    expect((await service.parts.auth.members.list()).length).toBe(1);
  });

  it('get a new password by a link, which ends their sessions', async () => {
    const { id, email, headers } = await signInAs(service, 'viewer');
    const issued = await service.app.inject({
      method: 'POST',
      url: `/api/v1/members/${id}/link`,
      headers: service.asAdmin,
    });
    expect(await session(headers)).toBe(200);
    const used = await useLink(service, tokenOf(issued.json().path), { password: 'another long password' });
    expect(used.statusCode).toBe(201);
    expect(await session(headers)).toBe(401);
    expect((await signIn(service, email, PASSWORD)).statusCode).toBe(401);
    expect((await signIn(service, email, 'another long password')).statusCode).toBe(201);
  });

  it('have their sessions listed and ended by an admin', async () => {
    const { id, headers } = await signInAs(service, 'viewer');
    const url = `/api/v1/members/${id}/sessions`;
    const listed = await service.app.inject({ url, headers: service.asAdmin });
    expect(listed.json().sessions).toHaveLength(1);
    expect((await service.app.inject({ method: 'DELETE', url, headers: service.asAdmin })).statusCode).toBe(204);
    expect(await session(headers)).toBe(401);
  });

  it('are audited: who, when, from where, before and after', async () => {
    const { id } = await signInAs(service, 'editor');
    await change(id, { role: 'viewer' });
    const [entry] = await service.parts.database
      .selectFrom('audit')
      .innerJoin('audit_items', 'audit_items.audit_id', 'audit.id')
      .selectAll()
      .where('action', '=', 'member.change')
      .execute();
    expect(entry).toMatchObject({ at: now, key: id });
    expect(JSON.parse(entry?.actor as string)).toEqual({
      kind: 'token',
      id: 'FEATHERY_ADMIN_TOKEN',
      name: 'FEATHERY_ADMIN_TOKEN',
      address: '127.0.0.1',
    });
    expect(JSON.parse(entry?.before as string)).toMatchObject({ role: 'editor' });
    expect(JSON.parse(entry?.after as string)).toMatchObject({ role: 'viewer' });
  });
});
