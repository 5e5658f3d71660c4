import { type Api, apiOf, createSettings, IN_PRODUCTION } from '../support/api.js';
import { openTestApp, SDK_KEY, type TestApp } from '../support/app.js';

let service: TestApp;
let api: Api;
beforeEach(async () => {
  service = await openTestApp({ config: { maxEnvironments: 3 }, now: () => Date.parse('2030-01-01T00:00:00Z') });
  api = apiOf(service);
});
afterEach(() => service.close());

const keys = async () => (await api.get('/environments')).body.environments.map(({ key }: { key: string }) => key);

describe('environments', () => {
  it('begin with production', async () => {
    expect((await api.get('/environments')).body).toEqual({
      environments: [
        {
          key: 'production',
          name: 'Production',
          revision: 1,
          createdAt: '2030-01-01T00:00:00.000Z',
          settingCount: 0,
          segmentCount: 0,
        },
      ],
    });
  });

  it('are created with every setting, off', async () => {
    await createSettings(api, 's');
    await api.patch(`${IN_PRODUCTION}/settings/s`, { on: true });
    const { status, body, headers } = await api.post('/environments', { key: 'staging', name: 'Staging' });
    expect([status, headers.location]).toEqual([201, '/api/v1/environments/staging']);
    expect(body).toMatchObject({ key: 'staging', name: 'Staging', revision: 1, settingCount: 1 });
    expect((await api.get('/environments/staging/settings/s')).body.setting).toMatchObject({ on: false, version: 1 });
  });

  it('are created as a copy, so that everybody gets there what they get here', async () => {
    await createSettings(api, 's');
    await api.post(`${IN_PRODUCTION}/segments`, { key: 'beta', name: 'Beta', included: ['u'] });
    await api.patch(`${IN_PRODUCTION}/settings/s`, { on: true });
    await api.post('/environments', { key: 'staging', copyFrom: 'production' });
    const here = (await api.get(`${IN_PRODUCTION}/settings/s`)).body.setting;
    const there = (await api.get('/environments/staging/settings/s')).body.setting;
    expect(there).toEqual({ ...here, version: 1 });
    expect((await api.get('/environments/staging/segments/beta')).body.segment).toMatchObject({
      name: 'Beta',
      included: ['u'],
    });
  });

  it.each<[object, number, string]>([
    [{ key: 'production' }, 409, 'already_exists'],
    [{ key: 'a b' }, 422, 'invalid_body'],
    [{ key: 'a', copyFrom: 'none' }, 404, 'environment_not_found'],
  ])('are refused as %j', async (body, status, code) => {
    expect(await api.post('/environments', body)).toMatchObject({ status, body: { code } });
    expect(await keys()).toEqual(['production']);
  });

  it('are refused beyond the number the service keeps', async () => {
    for (const key of ['a', 'b']) await api.post('/environments', { key });
    expect(await api.post('/environments', { key: 'c' })).toMatchObject({
      status: 409,
      body: { code: 'limit_reached' },
    });
  });

  it('are renamed', async () => {
    expect((await api.patch(IN_PRODUCTION, { name: 'Live' })).body.name).toBe('Live');
    expect((await api.get(IN_PRODUCTION)).body.name).toBe('Live');
  });

  it('are deleted with all they hold, and their SDK keys open nothing any more', async () => {
    await api.post('/environments', { key: 'staging' });
    const { status } = await api.delete(IN_PRODUCTION);
    expect([status, await keys()]).toEqual([204, ['staging']]);
    expect((await api.get(`${IN_PRODUCTION}/settings`)).status).toBe(404);
    const poll = await service.app.inject({ url: '/sdk/latest-all', headers: { authorization: SDK_KEY } });
    expect(poll.statusCode).toBe(401);
  });

  it('keep the last one', async () => {
    expect(await api.delete(IN_PRODUCTION)).toMatchObject({ status: 409, body: { code: 'in_use' } });
  });

  it.each(['get', 'delete'] as const)('answer 404 to %s when unknown', async (method) => {
    expect(await api[method]('/environments/none')).toMatchObject({
      status: 404,
      body: { code: 'environment_not_found' },
    });
  });

  it('leave their changes in the audit', async () => {
    await api.post('/environments', { key: 'staging' });
    await api.patch('/environments/staging', { name: 'Two' });
    await api.delete('/environments/staging');
    const { entries } = (await api.get('/audit?environment=staging')).body;
    expect(entries.map(({ action }: { action: string }) => action)).toEqual([
      'environment.delete',
      'environment.change',
      'environment.create',
    ]);
    expect(entries[1].items).toMatchObject([{ before: { name: 'staging' }, after: { name: 'Two' } }]);
  });
});
