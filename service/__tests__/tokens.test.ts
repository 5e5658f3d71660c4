import { openTestApp, type TestApp } from './support/app.js';

let now: number;
let service: TestApp;
beforeEach(async () => {
  now = Date.parse('2030-01-01T00:00:00Z');
  service = await openTestApp({ now: () => now });
});
afterEach(() => service.close());

async function create(payload: object = {}) {
  const answer = await service.app.inject({
    method: 'POST',
    url: '/api/v1/tokens',
    headers: service.asAdmin,
    payload: { name: 'deploy', role: 'editor', ...payload },
  });
  return { status: answer.statusCode, ...answer.json() };
}

function whoIs(secret: string) {
  return service.app.inject({ url: '/api/v1/session', headers: { authorization: `Bearer ${secret}` } });
}

async function list() {
  return (await service.app.inject({ url: '/api/v1/tokens', headers: service.asAdmin })).json().tokens;
}

describe('tokens', () => {
  it('are shown once, with what they allow', async () => {
    const { status, secret, token } = await create({ environments: ['production'] });
    expect(status).toBe(201);
    expect(secret).toMatch(/^fta-[\w-]{43}$/);
    expect(token).toMatchObject({ name: 'deploy', role: 'editor', environments: ['production'], expiresAt: null });
    expect((await whoIs(secret)).json()).toEqual({
      kind: 'token',
      id: token.id,
      name: 'deploy',
      role: 'editor',
      environments: ['production'],
    });
    expect(JSON.stringify(await list())).not.toContain(secret);
  });

  it('end at their expiry', async () => {
    const { secret } = await create({ expiresAt: '2030-01-02T00:00:00Z' });
    expect((await whoIs(secret)).statusCode).toBe(200);
    now = Date.parse('2030-01-02T00:00:00Z');
    expect((await whoIs(secret)).statusCode).toBe(401);
  });

  it('end at once when revoked', async () => {
    const { secret, token } = await create();
    expect((await whoIs(secret)).statusCode).toBe(200);
    const revoke = () =>
      service.app.inject({ method: 'DELETE', url: `/api/v1/tokens/${token.id}`, headers: service.asAdmin });
    expect((await revoke()).statusCode).toBe(204);
    expect((await whoIs(secret)).statusCode).toBe(401);
    expect((await revoke()).json().code).toBe('token_not_found');
  });

  it('show when they were last used, without a write per request', async () => {
    const { secret, token } = await create();
    await whoIs(secret);
    expect((await list()).find(({ id }: { id: string }) => id === token.id).lastUsedAt).toBeNull();
    await service.parts.auth.close();
    expect((await list()).find(({ id }: { id: string }) => id === token.id).lastUsedAt).toBe(
      '2030-01-01T00:00:00.000Z',
    );
  });

  it('drop environments where the role gives them no meaning', async () => {
    expect((await create({ role: 'admin', environments: ['production'] })).token.environments).toBeNull();
  });

  it.each([
    [{ role: 'owner' }, '/role'],
    [{ name: '' }, '/name'],
    [{ environments: ['nowhere'] }, '/environments/0'],
    [{ expiresAt: 'soon' }, '/expiresAt'],
    [{ scope: 'all' }, '/scope'],
  ])('are not made from %j', async (payload, pointer) => {
    const { status, code, pointer: at } = await create(payload);
    expect([status, code, at]).toEqual([422, 'invalid_body', pointer]);
  });

  it('are audited without their secret', async () => {
    const { secret, token } = await create();
    await service.app.inject({ method: 'DELETE', url: `/api/v1/tokens/${token.id}`, headers: service.asAdmin });
    const entries = await service.parts.database
      .selectFrom('audit')
      .innerJoin('audit_items', 'audit_items.audit_id', 'audit.id')
      .selectAll()
      .where('key', '=', token.id)
      .orderBy('audit.id')
      .execute();
    expect(entries.map(({ action }) => action)).toEqual(['token.create', 'token.delete']);
    expect(JSON.stringify(entries)).not.toContain(secret);
  });
});

describe('FEATHERY_ADMIN_TOKEN', () => {
  const asToken = (secret: string) => whoIs(secret).then(({ statusCode }) => statusCode);

  it('replaces the one of an earlier start', async () => {
    await service.parts.auth.tokens.ensure('the-token-of-the-next-start');
    await service.parts.auth.tokens.ensure('the-token-of-the-next-start');
    expect(await asToken('the-token-of-the-next-start')).toBe(200);
    const answer = await service.app.inject({
      url: '/api/v1/tokens',
      headers: { authorization: 'Bearer the-token-of-the-next-start' },
    });
    expect(answer.json().tokens).toHaveLength(1);
    expect(await asToken(service.asAdmin.authorization.slice('Bearer '.length))).toBe(401);
  });

  it('ends the one of an earlier start also when its secret is that of another admin token', async () => {
    const { secret } = await create({ role: 'admin' });
    await service.parts.auth.tokens.ensure(secret);
    expect((await whoIs(secret)).json()).toMatchObject({ id: 'FEATHERY_ADMIN_TOKEN', role: 'admin' });
    expect(await asToken(service.asAdmin.authorization.slice('Bearer '.length))).toBe(401);
  });

  it('lifts a token that was made with less', async () => {
    const { secret } = await create({ role: 'viewer' });
    await service.parts.auth.tokens.ensure(secret);
    expect((await whoIs(secret)).json()).toMatchObject({ id: 'FEATHERY_ADMIN_TOKEN', role: 'admin' });
  });
});
