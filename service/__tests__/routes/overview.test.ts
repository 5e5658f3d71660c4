import { gunzipSync } from 'node:zlib';
import { type Api, apiOf, createSettings, IN_PRODUCTION } from '../support/api.js';
import { openTestApp, type TestApp } from '../support/app.js';

const NOW = Date.parse('2030-01-31T12:30:00Z');
const HOUR_MS = 3_600_000;

let service: TestApp;
let api: Api;
let now: number;
beforeEach(async () => {
  now = NOW;
  service = await openTestApp({ now: () => now });
  api = apiOf(service);
});
afterEach(() => service.close());

const overview = async () => (await api.get(`${IN_PRODUCTION}/overview`)).body;
const count = (setting: string, start: number, count: number, resolution: 'hour' | 'day' = 'hour') =>
  service.parts.database
    .insertInto('evaluation_counts')
    .values({ environment: 'production', resolution, start, setting, variation: 0, version: 1, count })
    .execute();

describe('the overview', () => {
  it('tells of every setting what it serves, with numbers in place of lists', async () => {
    await createSettings(api, 'b', 'a');
    await api.patch(`${IN_PRODUCTION}/settings/a`, {
      on: true,
      contextTargets: [
        { contextKind: 'organization', variation: 0, values: ['acme', 'globex'] },
        { variation: 1, values: ['ada'] },
      ],
      rules: [{ clauses: [{ attribute: 'plan', op: 'in', values: ['gold'] }], variation: 2 }],
    });
    const { revision, settings } = await overview();
    expect(revision).toBe(4);
    expect(settings.map(({ key }: { key: string }) => key)).toEqual(['a', 'b']);
    expect(settings[0]).toMatchObject({
      version: 4,
      variations: [{ value: 'a' }, { value: 'b' }, { value: 'c' }],
      serving: {
        on: true,
        offVariation: 2,
        fallthrough: { variation: 0 },
        targets: [
          { contextKind: 'organization', variation: 0, count: 2 },
          { contextKind: 'user', variation: 1, count: 1 },
        ],
        rules: [{ variation: 2 }],
      },
    });
  });

  it('tells who changed a setting last, here or everywhere', async () => {
    await createSettings(api, 'a', 'b');
    await api.post('/environments', { key: 'staging', name: 'Staging' });
    now += 1000;
    await api.patch(`${IN_PRODUCTION}/settings/a?comment=launch`, { on: true });
    expect((await overview()).settings[0].lastChange).toMatchObject({
      at: new Date(now).toISOString(),
      comment: 'launch',
    });
    now += 1000;
    await api.patch('/environments/staging/settings/a?comment=elsewhere', { on: true });
    expect((await overview()).settings[0].lastChange.comment).toBe('launch');
    await api.patch('/settings/a?comment=name', { name: 'Other' });
    expect((await overview()).settings[0]).toMatchObject({ name: 'Other', lastChange: { comment: 'name' } });
  });

  it('knows of settings that are gone and of those that are new', async () => {
    await createSettings(api, 'a');
    await overview();
    await api.delete('/settings/a');
    await createSettings(api, 'b');
    expect((await overview()).settings.map(({ key }: { key: string }) => key)).toEqual(['b']);
  });

  it('shows the beginning of a long value', async () => {
    const value = 'x'.repeat(1000);
    await api.post('/settings', { key: 'a', type: 'string', variations: [{ value }] });
    const [{ variations }] = (await overview()).settings;
    expect(variations).toEqual([{ name: '', value: `${'x'.repeat(80)}…` }]);
  });

  it('is not sent again to those who have it, and is when a setting or its name is another', async () => {
    await createSettings(api, 'a');
    const get = (etag: unknown) => api.get(`${IN_PRODUCTION}/overview`, { 'if-none-match': String(etag) });
    const first = (await get('"none"')).headers.etag;
    expect(await get(first)).toMatchObject({ status: 304, body: '' });
    await api.patch(`${IN_PRODUCTION}/settings/a`, { on: true });
    const second = await get(first);
    expect(second).toMatchObject({ status: 200, body: { settings: [{ serving: { on: true } }] } });
    await api.patch('/settings/a', { name: 'Other' });
    expect(await get(second.headers.etag)).toMatchObject({ status: 200, body: { settings: [{ name: 'Other' }] } });
  });

  it('is compressed for those who take it so', async () => {
    await createSettings(api, 'a');
    const { rawPayload, headers } = await service.app.inject({
      url: `/api/v1${IN_PRODUCTION}/overview`,
      headers: { ...service.asAdmin, 'accept-encoding': 'gzip, br' },
    });
    expect(headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding' });
    expect(JSON.parse(gunzipSync(rawPayload).toString())).toEqual(await overview());
  });

  it('is refused for an environment that does not exist', async () => {
    expect((await api.get('/environments/nowhere/overview')).body.code).toBe('environment_not_found');
    expect((await api.get('/environments/nowhere/overview/evaluations')).body.code).toBe('environment_not_found');
  });
});

describe('the evaluations of the last hours', () => {
  const evaluations = async () => (await api.get(`${IN_PRODUCTION}/overview/evaluations`)).body;
  const hour = (ago: number) => NOW - (NOW % HOUR_MS) - ago * HOUR_MS;

  it('are counted by the hour, the present one last', async () => {
    await count('a', hour(0), 5);
    await count('a', hour(2), 7);
    const { from, settings } = await evaluations();
    expect(from).toBe(new Date(hour(23)).toISOString());
    expect(settings.a.counts).toEqual([...Array(21).fill(0), 7, 0, 5]);
    expect(settings.a.last).toBe(new Date(hour(0)).toISOString());
  });

  it('name the day of the last one when that is longer ago, up to 30 days', async () => {
    const day = Date.parse('2030-01-20T00:00:00Z');
    await count('old', day, 1, 'day');
    await count('gone', Date.parse('2029-12-01T00:00:00Z'), 1, 'day');
    const { settings } = await evaluations();
    expect(settings).toEqual({ old: { counts: Array(24).fill(0), last: new Date(day).toISOString() } });
  });

  it.each([
    ['runs on', 10_000],
    ['was set back', -60_000],
  ])('follow what comes in while the clock %s', async (_how, ms) => {
    await evaluations();
    await count('a', hour(0), 5);
    now += ms;
    expect((await evaluations()).settings.a.counts.at(-1)).toBe(5);
  });
});
