import { FRESH_MS } from '../src/lookup-cache.js';
import { signInAs } from './support/access.js';
import { openTestApp, SDK_KEY, type TestApp } from './support/app.js';

const URL = '/api/v1/environments/production/sdk-keys';
let now: number;
let service: TestApp;
beforeEach(async () => {
  now = Date.parse('2030-01-01T00:00:00Z');
  service = await openTestApp({ now: () => now });
});
afterEach(() => service.close());

async function create(name = 'billing') {
  const answer = await service.app.inject({ method: 'POST', url: URL, headers: service.asAdmin, payload: { name } });
  return { status: answer.statusCode, ...answer.json() };
}

function change(id: string, payload: object) {
  return service.app.inject({ method: 'PATCH', url: `${URL}/${id}`, headers: service.asAdmin, payload });
}

async function isAccepted(secret: string): Promise<boolean> {
  const identity = service.parts.auth.authenticateSdk({ headers: { authorization: secret } });
  return identity.then(
    () => true,
    ({ status }) => (status === 401 ? false : Promise.reject(new Error(status))),
  );
}

async function list() {
  return (await service.app.inject({ url: URL, headers: service.asAdmin })).json().sdkKeys;
}

describe('SDK keys', () => {
  it('are shown once, and work', async () => {
    const { status, secret, sdkKey } = await create();
    expect(status).toBe(201);
    expect(secret).toMatch(/^sdk-[\w-]{43}$/);
    expect(sdkKey).toEqual({
      id: expect.any(String),
      environment: 'production',
      name: 'billing',
      hint: secret.slice(-4),
      createdAt: '2030-01-01T00:00:00.000Z',
      createdBy: 'FEATHERY_ADMIN_TOKEN',
      expiresAt: null,
      lastUsedAt: null,
    });
    expect(await isAccepted(secret)).toBe(true);
    expect(JSON.stringify(await list())).not.toContain(secret);
  });

  it('work side by side until the old one expires', async () => {
    const old = await create('old');
    const fresh = await create('new');
    const answer = await change(old.sdkKey.id, { expiresAt: '2030-01-01T01:00:00Z' });
    expect(answer.json().expiresAt).toBe('2030-01-01T01:00:00.000Z');
    expect([await isAccepted(old.secret), await isAccepted(fresh.secret)]).toEqual([true, true]);
    now += 3_600_000;
    expect([await isAccepted(old.secret), await isAccepted(fresh.secret)]).toEqual([false, true]);
  });

  it('can have their expiry taken back before it comes, not after', async () => {
    const { sdkKey, secret } = await create();
    await change(sdkKey.id, { expiresAt: '2030-01-01T01:00:00Z' });
    await change(sdkKey.id, { expiresAt: null });
    now += 7_200_000;
    expect(await isAccepted(secret)).toBe(true);
    await change(sdkKey.id, { expiresAt: '2030-01-01T02:00:00Z' });
    const late = await change(sdkKey.id, { expiresAt: null });
    expect([late.statusCode, late.json().code]).toEqual([409, 'in_use']);
  });

  it('stop at once when they are expired now, and say so to whoever holds their streams', async () => {
    const { sdkKey, secret } = await create();
    expect(await isAccepted(secret)).toBe(true);
    const expired: string[] = [];
    service.parts.auth.onSdkKeyExpired((keyId) => expired.push(keyId));
    const answer = await service.app.inject({ method: 'DELETE', url: `${URL}/${sdkKey.id}`, headers: service.asAdmin });
    expect(answer.statusCode).toBe(204);
    expect(new Set(expired)).toEqual(new Set([sdkKey.id]));
    expect(await isAccepted(secret)).toBe(false);
  });

  it('can be renamed without being touched otherwise', async () => {
    const { sdkKey, secret } = await create();
    expect((await change(sdkKey.id, { name: 'invoices' })).json()).toMatchObject({ name: 'invoices', expiresAt: null });
    expect(await isAccepted(secret)).toBe(true);
  });

  it('show when they were last used', async () => {
    const { secret } = await create();
    await isAccepted(secret);
    now += 1000;
    await isAccepted(secret);
    await service.parts.auth.close();
    expect((await list()).find(({ name }: { name: string }) => name === 'billing').lastUsedAt).toBe(
      '2030-01-01T00:00:01.000Z',
    );
  });

  it('that another node removed are refused after a moment', async () => {
    const { sdkKey, secret } = await create();
    expect(await isAccepted(secret)).toBe(true);
    await service.parts.database.deleteFrom('sdk_keys').where('id', '=', sdkKey.id).execute();
    now += FRESH_MS;
    expect(await isAccepted(secret)).toBe(false);
  });

  it('are audited without their secret', async () => {
    const { sdkKey, secret } = await create();
    await change(sdkKey.id, { name: 'invoices' });
    const entries = await service.parts.database
      .selectFrom('audit')
      .innerJoin('audit_items', 'audit_items.audit_id', 'audit.id')
      .select(['action', 'actor', 'before', 'after'])
      .where('key', '=', sdkKey.id)
      .orderBy('audit.id')
      .execute();
    expect(entries.map(({ action }) => action)).toEqual(['sdk-key.create', 'sdk-key.change']);
    expect(JSON.parse(entries[1]?.actor as string)).toMatchObject({ kind: 'token', address: '127.0.0.1' });
    expect(JSON.parse(entries[1]?.before as string)).toMatchObject({ name: 'billing' });
    expect(JSON.stringify(entries)).not.toContain(secret);
  });

  it('are made and ended by admins only, and listed by everybody', async () => {
    const { headers } = await signInAs(service, 'editor');
    const made = await service.app.inject({ method: 'POST', url: URL, headers, payload: { name: 'x' } });
    expect(made.statusCode).toBe(403);
    expect((await service.app.inject({ url: URL, headers })).statusCode).toBe(200);
  });

  it('of an environment that does not exist are not found', async () => {
    const url = '/api/v1/environments/nowhere/sdk-keys';
    const answer = await service.app.inject({ url, headers: service.asAdmin });
    expect([answer.statusCode, answer.json().code]).toEqual([404, 'environment_not_found']);
    expect((await change('nothing', { name: 'x' })).json().code).toBe('sdk_key_not_found');
  });

  it.each(['tomorrow', '2030-01-01', '1', '2030-01-01T00:00:00'])('do not expire at %p', async (expiresAt) => {
    const { sdkKey } = await create();
    const answer = await change(sdkKey.id, { expiresAt });
    expect([answer.statusCode, answer.json().pointer]).toEqual([422, '/expiresAt']);
  });

  it('are limited in number, those long expired aside', async () => {
    for (let count = (await list()).length; count < 100; count += 1) await create(`key ${count}`);
    expect((await create()).code).toBe('limit_reached');
    const [{ id }] = await list();
    await change(id, { expiresAt: '2030-01-01T00:00:00Z' });
    now += 91 * 24 * 3_600_000;
    expect((await create()).status).toBe(201);
  });
});

describe('FEATHERY_SDK_KEY', () => {
  it('is accepted by production, and after a restart still once', async () => {
    expect(await isAccepted(SDK_KEY)).toBe(true);
    await service.parts.auth.sdkKeys.ensure('production', SDK_KEY);
    expect(await list()).toHaveLength(1);
  });

  it('works again at the next start after it was expired', async () => {
    const [{ id }] = await list();
    await service.app.inject({ method: 'DELETE', url: `${URL}/${id}`, headers: service.asAdmin });
    expect(await isAccepted(SDK_KEY)).toBe(false);
    await service.parts.auth.sdkKeys.ensure('production', SDK_KEY);
    expect(await isAccepted(SDK_KEY)).toBe(true);
  });

  it('of another environment keeps the service from starting', async () => {
    await expect(service.parts.auth.sdkKeys.ensure('test', SDK_KEY)).rejects.toThrow('environment "production"');
  });
});
