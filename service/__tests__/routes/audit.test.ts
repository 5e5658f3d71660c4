import { signInAs } from '../support/access.js';
import { type Api, apiOf, createSettings, IN_PRODUCTION } from '../support/api.js';
import { openTestApp, type TestApp } from '../support/app.js';

let service: TestApp;
let api: Api;
beforeEach(async () => {
  service = await openTestApp({ now: () => Date.parse('2030-01-01T00:00:00Z') });
  api = apiOf(service);
  await createSettings(api, 's');
});
afterEach(() => service.close());

const URL = `${IN_PRODUCTION}/settings/s`;
const list = async (query = '') => (await api.get(`/audit?${query}`)).body.entries;
const newest = async () => (await list('limit=1'))[0];
const read = async () => (await api.get(URL)).body.setting;
/** The serving part, without what every change moves. */
const served = async () => ({ ...(await read()), version: undefined });

describe('the audit', () => {
  it('says who changed what, when, from where, and how it was before', async () => {
    const { body } = await api.patch(`${URL}?comment=launch`, { on: true });
    expect(await newest()).toEqual({
      id: expect.any(Number),
      at: '2030-01-01T00:00:00.000Z',
      actor: { kind: 'token', id: 'FEATHERY_ADMIN_TOKEN', name: 'FEATHERY_ADMIN_TOKEN', address: '127.0.0.1' },
      action: 'setting.change',
      environment: 'production',
      revision: body.revision,
      comment: 'launch',
      reverts: null,
      revertible: true,
      items: [{ environment: 'production', kind: 'setting', key: 's', before: { on: false }, after: { on: true } }],
    });
  });

  it('has the whole of what was created or deleted', async () => {
    await api.delete('/settings/s');
    const [deleted, created] = await list('setting=s');
    const definition = { kind: 'definition', key: 's', environment: null };
    expect(created.items).toMatchObject([
      { ...definition, before: null, after: { name: 's', type: 'string' } },
      { kind: 'setting', environment: 'production', before: null, after: { on: false } },
    ]);
    expect(deleted.items).toMatchObject([
      { ...definition, before: { name: 's' }, after: null },
      { kind: 'setting', environment: 'production', before: { on: false }, after: null },
    ]);
  });

  it('has the history of a setting or a segment', async () => {
    await createSettings(api, 'other');
    await api.post(`${IN_PRODUCTION}/segments`, { key: 's' });
    await api.patch(URL, { on: true });
    const actions = async (query: string) => (await list(query)).map(({ action }: { action: string }) => action);
    expect(await actions('setting=s')).toEqual(['setting.change', 'setting.create']);
    expect(await actions('segment=s')).toEqual(['segment.create']);
    expect(await actions('action=setting.change')).toEqual(['setting.change']);
  });

  it('is read page by page, newest first', async () => {
    for (const on of [true, false, true]) await api.patch(URL, { on });
    const ids = (await list()).map(({ id }: { id: number }) => id);
    const first = (await api.get('/audit?limit=2')).body;
    const second = (await api.get(`/audit?limit=2&cursor=${first.nextCursor}`)).body;
    const paged = [...first.entries, ...second.entries].map(({ id }: { id: number }) => id);
    expect([paged, ids]).toEqual([ids.slice(0, 4), [...ids].sort((a, b) => b - a)]);
  });

  it('is read by time and by environment', async () => {
    await api.post('/environments', { key: 'staging' });
    await api.patch('/environments/staging/settings/s', { on: true });
    const of = (key: string) => list(`environment=${key}&action=setting.change`);
    expect([(await of('staging')).length, (await of('production')).length]).toEqual([1, 0]);
    expect(await list('from=2030-01-01T00:00:01Z')).toEqual([]);
    expect(await list('to=2030-01-01T00:00:00Z')).toEqual([]);
    expect((await api.get('/audit?from=yesterday')).status).toBeGreaterThanOrEqual(400);
  });

  it('has nothing under an id that never was, however large', async () => {
    const statuses = [99_999, 99_999_999_999, Number.MAX_SAFE_INTEGER].map(
      async (id) => (await api.get(`/audit/${id}`)).status,
    );
    expect(await Promise.all(statuses)).toEqual([404, 404, 404]);
  });

  it('has one entry under its id', async () => {
    const entry = await newest();
    expect((await api.get(`/audit/${entry.id}`)).body).toEqual(entry);
    expect(await api.get('/audit/99999')).toMatchObject({ status: 404, body: { code: 'audit_entry_not_found' } });
    expect((await api.get('/audit/abc')).status).toBe(400);
  });
});

describe('a revert', () => {
  const revert = (id: number, body?: unknown) => api.post(`/audit/${id}/revert`, body);

  it('gives every field that was touched its value back, as a new change', async () => {
    const before = await served();
    await api.patch(URL, { on: true, samplingRatio: 3, targets: [{ variation: 1, values: ['u'] }] });
    const { id } = await newest();
    const answer = await revert(id, { comment: 'too early' });
    expect(answer).toMatchObject({
      status: 200,
      body: { action: 'audit.revert', reverts: id, comment: 'too early', environment: 'production' },
    });
    expect(await served()).toEqual(before);
  });

  it('needs no comment, and no body, whatever type it names', async () => {
    const url = `/api/v1/audit/${(await api.get('/audit?limit=1')).body.entries[0].id}/revert`;
    const headers = { ...service.asAdmin, 'content-type': 'application/json' };
    expect((await service.app.inject({ method: 'POST', url, headers })).statusCode).toBe(200);
  });

  it('leaves alone what the change did not touch', async () => {
    await api.patch(URL, { on: true });
    const { id } = await newest();
    await api.patch(URL, { offVariation: 0 });
    expect((await revert(id)).status).toBe(200);
    expect(await read()).toMatchObject({ on: false, offVariation: 0 });
  });

  it('is refused when a field it would touch has been changed since', async () => {
    await api.patch(URL, { offVariation: 0 });
    const { id } = await newest();
    await api.patch(URL, { offVariation: 1 });
    expect(await revert(id)).toMatchObject({
      status: 409,
      body: { code: 'revert_conflict', detail: expect.stringContaining('another offVariation') },
    });
  });

  it('can be taken back itself', async () => {
    await api.patch(URL, { on: true });
    const { id } = await newest();
    const { body } = await revert(id);
    await revert(body.id);
    expect((await read()).on).toBe(true);
  });

  it('of a creation deletes', async () => {
    expect((await revert((await newest()).id)).status).toBe(200);
    expect((await api.get('/settings/s')).status).toBe(404);
    expect((await api.get(URL)).status).toBe(404);
  });

  it('of a creation is refused while something needs what was created', async () => {
    const { id } = await newest();
    await createSettings(api, 'dependent');
    await api.patch(`${IN_PRODUCTION}/settings/dependent`, { prerequisites: [{ key: 's', variation: 0 }] });
    expect(await revert(id)).toMatchObject({ status: 409, body: { code: 'in_use' } });
  });

  it('of a deletion brings everything back as it was, in every environment', async () => {
    await api.post('/environments', { key: 'staging' });
    await api.patch(URL, { on: true, salt: 'kept' });
    const before = [await served(), (await api.get('/settings/s')).body.variations];
    await api.delete('/settings/s');
    await api.post('/environments', { key: 'later' });
    const { id } = (await list('setting=s&limit=1'))[0];
    expect((await revert(id)).status).toBe(200);
    expect([await served(), (await api.get('/settings/s')).body.variations]).toEqual(before);
    for (const environment of ['staging', 'later']) {
      expect((await api.get(`/environments/${environment}/settings/s`)).body.setting.on).toBe(false);
    }
  });

  it('of a change of values changes them back everywhere', async () => {
    await api.patch('/settings/s', { name: 'New', variations: [{ value: 'x' }, { value: 'y' }, { value: 'z' }] });
    await revert((await newest()).id);
    expect((await api.get('/settings/s')).body).toMatchObject({ name: 's', variations: [{ value: 'a' }, {}, {}] });
    expect((await read()).variations).toEqual(['a', 'b', 'c']);
  });

  it('of a segment brings its name back, too', async () => {
    await api.post(`${IN_PRODUCTION}/segments`, { key: 'beta', name: 'Beta', included: ['u'] });
    await api.delete(`${IN_PRODUCTION}/segments/beta`);
    await revert((await newest()).id);
    expect((await api.get(`${IN_PRODUCTION}/segments/beta`)).body.segment).toMatchObject({
      name: 'Beta',
      included: ['u'],
    });
  });

  it('is refused for what is no change of settings', async () => {
    await api.post('/environments', { key: 'staging' });
    const entry = await newest();
    expect(entry.revertible).toBe(false);
    expect(await revert(entry.id)).toMatchObject({ status: 409, body: { code: 'not_revertible' } });
  });

  it('is for those who may make the change', async () => {
    await api.patch(URL, { on: true });
    const { id } = await newest();
    const viewer = await signInAs(service, 'viewer');
    expect((await apiOf(service, viewer.headers).post(`/audit/${id}/revert`, {})).status).toBe(403);
    const editor = await signInAs(service, 'editor', { environments: ['production'] });
    expect((await apiOf(service, editor.headers).post(`/audit/${id}/revert`, {})).status).toBe(200);
    const [, created] = (await list('setting=s')).slice(-2);
    expect((await apiOf(service, editor.headers).post(`/audit/${created.id}/revert`, {})).status).toBe(403);
  });
});
