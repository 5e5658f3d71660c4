import { apiOf, createSettings, IN_PRODUCTION } from './support/api.js';
import { openTestApp } from './support/app.js';
import { describeEachDatabase } from './support/databases.js';

describeEachDatabase('the app', ({ place }) => {
  it('keeps all that was done through its API when it is started again', async () => {
    const where = await place();
    const open = () => openTestApp({ dataDir: where.dataDir, config: { databaseUrl: where.databaseUrl } });
    const first = await open();
    const api = apiOf(first);
    await createSettings(api, 'a', 'b');
    await api.patch('/settings/a', { name: 'Renamed', tags: ['x'] });
    await api.post(`${IN_PRODUCTION}/segments`, { key: 'beta', name: 'Beta', included: ['u1'] });
    const asking = { rules: [{ variation: 0, clauses: [{ op: 'segmentMatch', values: ['beta'] }] }] };
    await api.post(`${IN_PRODUCTION}/changes`, { changes: [{ setting: 'a', patch: { on: true, ...asking } }] });
    await api.post('/environments', { key: 'staging', copyFrom: 'production' });
    await api.delete('/settings/b');
    const { entries } = (await api.get('/audit?setting=b&limit=1')).body;
    await api.post(`/audit/${entries[0].id}/revert`, {});
    await api.delete('/environments/staging');
    const paths = ['/settings?q=renamed', '/settings?tag=x', `${IN_PRODUCTION}/settings`, `${IN_PRODUCTION}/segments`];
    const state = () =>
      Promise.all([...paths, '/environments', '/audit?limit=5'].map((path) => apiOf(first).get(path)));
    const before = (await state()).map(({ body }) => body);
    const poll = (service: typeof first) => service.app.inject({ url: '/sdk/latest-all', headers: service.asSdk });
    const polled = await poll(first);
    await first.close();

    const second = await open();
    const after = await Promise.all(
      [...paths, '/environments', '/audit?limit=5'].map((path) => apiOf(second).get(path)),
    );
    expect(after.map(({ body }) => body)).toEqual(before);
    expect(before[0].settings).toMatchObject([{ key: 'a', name: 'Renamed' }]);
    expect((await poll(second)).json()).toEqual(polled.json());
    await second.close();
  });

  it('answers a request for a key that is taken at the same time once', async () => {
    const where = await place();
    const service = await openTestApp({ dataDir: where.dataDir, config: { databaseUrl: where.databaseUrl } });
    const wishes = Array.from({ length: 5 }, () => apiOf(service).post('/settings', { key: 'a', type: 'boolean' }));
    const statuses = (await Promise.all(wishes)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([201, 409, 409, 409, 409]);
    await service.close();
  });
});
