import Fastify from 'fastify';
import { guardAdminRoutes } from '../src/auth.js';
import { hashSecret } from '../src/secrets.js';
import { signInAs } from './support/access.js';
import { openTestApp, SDK_KEY, type TestApp } from './support/app.js';

describe('SDK keys in requests', () => {
  let service: TestApp;
  beforeAll(async () => {
    service = await openTestApp();
  });
  afterAll(() => service.close());

  it.each([SDK_KEY, `api_key ${SDK_KEY}`, `Bearer ${SDK_KEY}`])('are accepted as "%s"', async (authorization) => {
    const identity = await service.parts.auth.authenticateSdk({ headers: { authorization } });
    expect(identity).toMatchObject({ environment: 'production', expiresAt: null });
  });

  it.each([undefined, '', 'api_key ', 'sdk-unknown'])('are refused as %p', async (authorization) => {
    const headers = authorization === undefined ? {} : { authorization };
    await expect(service.parts.auth.authenticateSdk({ headers })).rejects.toMatchObject({
      status: 401,
      code: 'not_authenticated',
    });
  });

  it('are answered with 503, never 401, when the database is gone', async () => {
    const gone = await openTestApp();
    await gone.parts.auth.authenticateSdk({ headers: gone.asSdk });
    await gone.parts.database.destroy();
    await expect(gone.parts.auth.authenticateSdk({ headers: { authorization: 'sdk-other' } })).rejects.toMatchObject({
      status: 503,
    });
    // A key seen before goes on working.
    expect((await gone.parts.auth.authenticateSdk({ headers: gone.asSdk })).environment).toBe('production');
    await gone.close();
  });
});

describe('admin routes', () => {
  let service: TestApp;
  beforeAll(async () => {
    service = await openTestApp();
  });
  afterAll(() => service.close());

  it('ask who is there', async () => {
    const answer = await service.app.inject('/api/v1/session');
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'not_authenticated']);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  });

  it('tell a token who it is', async () => {
    const answer = await service.app.inject({ url: '/api/v1/session', headers: service.asAdmin });
    expect(answer.json()).toMatchObject({ kind: 'token', name: 'FEATHERY_ADMIN_TOKEN', role: 'admin' });
  });

  it('refuse a wrong token even when a good cookie is there', async () => {
    const { cookie } = (await signInAs(service, 'viewer')).headers;
    const headers = { cookie, authorization: 'Bearer wrong' };
    expect((await service.app.inject({ url: '/api/v1/session', headers })).statusCode).toBe(401);
  });

  it('refuse an SDK key', async () => {
    const headers = { authorization: `Bearer ${SDK_KEY}` };
    expect((await service.app.inject({ url: '/api/v1/session', headers })).statusCode).toBe(401);
  });

  it('refuse what the role does not allow', async () => {
    const { headers } = await signInAs(service, 'editor');
    const answer = await service.app.inject({ url: '/api/v1/tokens', headers });
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'not_allowed']);
  });

  it('refuse a write with a cookie and without the CSRF header, and take the read', async () => {
    const { cookie } = (await signInAs(service, 'admin')).headers;
    const write = await service.app.inject({
      method: 'POST',
      url: '/api/v1/tokens',
      headers: { cookie },
      payload: { name: 'x', role: 'viewer' },
    });
    expect([write.statusCode, write.json().code]).toEqual([403, 'csrf_header_missing']);
    expect((await service.app.inject({ url: '/api/v1/tokens', headers: { cookie } })).statusCode).toBe(200);
  });

  it('are not kept by caches', async () => {
    const answer = await service.app.inject({ url: '/api/v1/session', headers: service.asAdmin });
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('must say what they need', async () => {
    const app = Fastify();
    guardAdminRoutes(app, service.parts.auth);
    expect(() => app.get('/open-by-oversight', async () => 'secret')).toThrow('config.access');
    await app.close();
  });
});

describe('the rate limit', () => {
  it('counts each token by itself and says how long to wait', async () => {
    let now = 1_000_000;
    const service = await openTestApp({ config: { apiBurst: 2, apiPerSecond: 1 }, now: () => now });
    const created = await service.app.inject({
      method: 'POST',
      url: '/api/v1/tokens',
      headers: service.asAdmin,
      payload: { name: 'other', role: 'viewer' },
    });
    const ask = (headers: Record<string, string>) => service.app.inject({ url: '/api/v1/session', headers });
    expect((await ask(service.asAdmin)).statusCode).toBe(200);
    const refused = await ask(service.asAdmin);
    expect([refused.statusCode, refused.json().code, refused.headers['retry-after']]).toEqual([
      429,
      'rate_limited',
      '1',
    ]);
    expect((await ask({ authorization: `Bearer ${created.json().secret}` })).statusCode).toBe(200);
    now += 1000;
    expect((await ask(service.asAdmin)).statusCode).toBe(200);
    await service.close();
  });
});

describe('secrets given at start', () => {
  it('are stored as hashes only', async () => {
    const service = await openTestApp();
    const [row] = await service.parts.database.selectFrom('sdk_keys').selectAll().execute();
    expect(row?.hash).toBe(hashSecret(SDK_KEY));
    expect(JSON.stringify(row)).not.toContain(SDK_KEY);
    await service.close();
  });
});
