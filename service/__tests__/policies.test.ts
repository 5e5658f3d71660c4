import { signInAs } from './support/access.js';
import { openTestApp, type TestApp } from './support/app.js';

const NOW = Date.parse('2030-01-01T00:00:00Z');
let service: TestApp;
beforeEach(async () => {
  service = await openTestApp({ now: () => NOW });
  await call('POST', '/settings', { key: 'a.setting', type: 'boolean' });
});
afterEach(() => service.close());

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

async function call(method: Method, path: string, payload?: object, headers: Record<string, string> = service.asAdmin) {
  const answer = await service.app.inject({ method, url: `/api/v1${path}`, headers, ...(payload && { payload }) });
  return { status: answer.statusCode, ...(answer.body === '' ? {} : answer.json()) };
}

const flip = (headers?: Record<string, string>) =>
  call('PATCH', '/environments/production/settings/a.setting', { on: true }, headers);
const freeze = (headers?: Record<string, string>) =>
  call('PUT', '/environments/production/freeze', { reason: 'Black Friday' }, headers);
const unfreeze = (headers?: Record<string, string>) =>
  call('DELETE', '/environments/production/freeze', undefined, headers);

describe('a frozen environment', () => {
  it('refuses changes, admins included, and says why', async () => {
    expect(await freeze()).toEqual({
      status: 200,
      frozen: { reason: 'Black Friday', by: 'FEATHERY_ADMIN_TOKEN', at: '2030-01-01T00:00:00.000Z' },
      requiresApproval: false,
    });
    const refused = await flip();
    expect(refused).toMatchObject({ status: 423, code: 'environment_frozen', frozen: { reason: 'Black Friday' } });
    expect(refused.detail).toContain('Black Friday');
    expect((await call('POST', '/settings', { key: 'new.setting', type: 'boolean' })).status).toBe(423);
    expect(service.parts.feed.environment('production').settings.get('a.setting')?.on).toBe(false);
  });

  it('leaves the others writable', async () => {
    await call('POST', '/environments', { key: 'test' });
    await freeze();
    expect((await call('PATCH', '/environments/test/settings/a.setting', { on: true })).status).toBe(200);
  });

  it('can be read, and its freeze seen by everybody', async () => {
    await freeze();
    const { headers } = await signInAs(service, 'viewer');
    const read = await call('GET', '/environments/production/settings/a.setting', undefined, headers);
    expect(read.status).toBe(200);
    const policy = await call('GET', '/environments/production/policy', undefined, headers);
    expect(policy.frozen.reason).toBe('Black Friday');
  });

  it('is made by who may change it and broken by an admin, both recorded', async () => {
    const { headers } = await signInAs(service, 'editor');
    const viewer = await signInAs(service, 'viewer');
    expect((await freeze(viewer.headers)).status).toBe(403);
    expect((await freeze(headers)).status).toBe(200);
    expect((await freeze(headers)).code).toBe('environment_frozen');
    expect((await unfreeze(headers)).status).toBe(403);
    expect(await unfreeze()).toMatchObject({ status: 200, frozen: null });
    expect((await flip()).status).toBe(200);
    const entries = await service.parts.database
      .selectFrom('audit')
      .select(['action', 'actor'])
      .where('action', 'like', 'environment.%freeze')
      .orderBy('id')
      .execute();
    expect(entries.map(({ action, actor }) => [action, JSON.parse(actor).name])).toEqual([
      ['environment.freeze', 'editor@example.test'],
      ['environment.unfreeze', 'FEATHERY_ADMIN_TOKEN'],
    ]);
  });

  it('that does not exist is not found', async () => {
    const answer = await call('PUT', '/environments/nowhere/freeze', { reason: 'x' });
    expect(answer).toMatchObject({ status: 404, code: 'environment_not_found' });
  });
});

describe('an environment that asks for approvals', () => {
  beforeEach(() => call('PUT', '/environments/production/approval', { required: true }));

  it('refuses a change that nobody has approved', async () => {
    expect(await flip()).toMatchObject({ status: 409, code: 'approval_required' });
  });

  it('takes new settings, which are off', async () => {
    expect((await call('POST', '/settings', { key: 'new.setting', type: 'boolean' })).status).toBe(201);
  });

  it('is made so by admins only', async () => {
    const { headers } = await signInAs(service, 'editor');
    expect((await call('PUT', '/environments/production/approval', { required: false }, headers)).status).toBe(403);
    await call('PUT', '/environments/production/approval', { required: false });
    expect((await flip(headers)).status).toBe(200);
  });
});
