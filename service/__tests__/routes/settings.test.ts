import { type Api, apiOf, createSettings, IN_PRODUCTION } from '../support/api.js';
import { openTestApp, type TestApp } from '../support/app.js';

let service: TestApp;
let api: Api;
beforeEach(async () => {
  service = await openTestApp({ now: () => Date.parse('2030-01-01T00:00:00Z'), config: { maxSettings: 5 } });
  api = apiOf(service);
});
afterEach(() => service.close());

const served = async (key: string, environment = 'production') =>
  (await api.get(`/environments/${environment}/settings/${key}`)).body.setting;

describe('POST /settings', () => {
  it('creates a boolean with variations true and false, off everywhere', async () => {
    const { status, body, headers } = await api.post('/settings', { key: 'your.setting.key', type: 'boolean' });
    expect(status).toBe(201);
    expect(headers).toMatchObject({ etag: '"1"', location: '/api/v1/settings/your.setting.key' });
    expect(body).toEqual({
      key: 'your.setting.key',
      version: 1,
      name: 'your.setting.key',
      description: '',
      type: 'boolean',
      tags: [],
      variations: [
        { value: true, name: 'On', description: '' },
        { value: false, name: 'Off', description: '' },
      ],
      valueSchema: null,
      createdAt: '2030-01-01T00:00:00.000Z',
      updatedAt: '2030-01-01T00:00:00.000Z',
      environments: { production: { version: expect.any(Number), on: false } },
    });
    expect(await served('your.setting.key')).toMatchObject({
      on: false,
      variations: [true, false],
      offVariation: 1,
      fallthrough: { variation: 0 },
      salt: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
  });

  it('creates it in every environment, with the last variation when off and the first otherwise', async () => {
    await api.post('/environments', { key: 'staging' });
    const before = (await api.get('/environments/staging')).body.revision;
    await createSettings(api, 's');
    for (const environment of ['production', 'staging']) {
      expect(await served('s', environment)).toMatchObject({ offVariation: 2, fallthrough: { variation: 0 } });
    }
    expect((await api.get('/environments/staging')).body.revision).toBe(before + 1);
  });

  it('keeps values of any JSON', async () => {
    const values = [null, { nested: [null, { a: null }] }, [1, 'two', false], 'text', 0.1];
    await api.post('/settings', { key: 'j', type: 'json', variations: values.map((value) => ({ value })) });
    expect((await served('j')).variations).toEqual(values);
  });

  it('refuses a key that is taken', async () => {
    await createSettings(api, 's');
    expect(await api.post('/settings', { key: 's', type: 'boolean' })).toMatchObject({
      status: 409,
      body: { code: 'already_exists' },
    });
  });

  it('refuses more settings than the service keeps', async () => {
    await createSettings(api, 'a', 'b', 'c', 'd', 'e');
    expect(await api.post('/settings', { key: 'f', type: 'boolean' })).toMatchObject({
      status: 409,
      body: { code: 'limit_reached' },
    });
  });

  it.each<[string, object, string]>([
    ['no key', { type: 'boolean' }, '/key'],
    ['a key with a blank', { key: 'a b', type: 'boolean' }, '/key'],
    ['a key that is too long', { key: 'a'.repeat(257), type: 'boolean' }, '/key'],
    ['no type', { key: 'a' }, '/type'],
    ['an unknown type', { key: 'a', type: 'date' }, '/type'],
    ['an unknown field', { key: 'a', type: 'boolean', colour: 'red' }, '/colour'],
    ['no variations where there is no default', { key: 'a', type: 'string' }, '/variations'],
    [
      'a value of another type',
      { key: 'a', type: 'number', variations: [{ value: 1 }, { value: '2' }] },
      '/variations/1/value',
    ],
    [
      'a value that is there twice',
      { key: 'a', type: 'json', variations: [{ value: { a: 1, b: 2 } }, { value: { b: 2, a: 1 } }] },
      '/variations/1/value',
    ],
    ['a variation without a value', { key: 'a', type: 'json', variations: [{ name: 'x' }] }, '/variations/0/value'],
    [
      'a value against the schema',
      { key: 'a', type: 'number', valueSchema: { minimum: 5 }, variations: [{ value: 9 }, { value: 1 }] },
      '/variations/1/value',
    ],
    ['a schema that is none', { key: 'a', type: 'boolean', valueSchema: { type: 'x' } }, '/valueSchema'],
    [
      'a value that is too large',
      { key: 'a', type: 'string', variations: [{ value: 'x'.repeat(300_000) }] },
      '/variations/0/value',
    ],
    ['a tag with a blank', { key: 'a', type: 'boolean', tags: ['ok', 'a b'] }, '/tags/1'],
  ])('refuses %s, naming where it stands', async (_what, body, pointer) => {
    expect(await api.post('/settings', body)).toMatchObject({
      status: 422,
      headers: { 'content-type': 'application/problem+json; charset=utf-8' },
      body: { code: 'invalid_body', pointer },
    });
    expect((await api.get('/settings')).body.settings).toEqual([]);
  });

  it('refuses a schema whose pattern would take for ever on a value', async () => {
    const variations = [{ value: `${'a'.repeat(60)}!` }];
    const wish = { key: 'a', type: 'string', valueSchema: { pattern: '^(a+)+$' }, variations };
    expect(await api.post('/settings', wish)).toMatchObject({ status: 422, body: { code: 'too_slow' } });
  });
});

describe('GET /settings', () => {
  it('lists by key, page by page', async () => {
    await createSettings(api, 'b', 'c', 'a');
    const first = (await api.get('/settings?limit=2')).body;
    const second = (await api.get(`/settings?limit=2&cursor=${first.nextCursor}`)).body;
    const keys = [first, second].map(({ settings }) => settings.map(({ key }: { key: string }) => key));
    expect([keys, second.nextCursor]).toEqual([[['a', 'b'], ['c']], null]);
  });

  it('finds by text and by tag', async () => {
    await api.post('/settings', { key: 'a', type: 'boolean', name: 'New checkout', tags: ['shop'] });
    await api.post('/settings', { key: 'b', type: 'boolean', tags: ['shop', 'beta'] });
    const keysOf = async (query: string) =>
      (await api.get(`/settings?${query}`)).body.settings.map(({ key }: { key: string }) => key);
    expect(await keysOf('q=CHECKOUT')).toEqual(['a']);
    expect(await keysOf('tag=beta')).toEqual(['b']);
    expect(await keysOf('q=b&tag=shop')).toEqual(['b']);
    expect(await keysOf('q=nothing')).toEqual([]);
  });

  it.each(['limit=0', 'limit=501', 'limit=x', 'cursor=!'])('refuses %s', async (query) => {
    expect(await api.get(`/settings?${query}`)).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  });

  it('has one setting under its key, and nothing under an unknown one', async () => {
    await createSettings(api, 's');
    expect(await api.get('/settings/s')).toMatchObject({ status: 200, headers: { etag: '"1"' }, body: { key: 's' } });
    expect(await api.get('/settings/none')).toMatchObject({ status: 404, body: { code: 'setting_not_found' } });
  });
});

describe('PATCH /settings/{key}', () => {
  it('changes what people read without a new revision for servers', async () => {
    await createSettings(api, 's');
    const { revision } = (await api.get(IN_PRODUCTION)).body;
    const answer = await api.patch('/settings/s', { name: 'Better', tags: ['x'], description: 'What it does' });
    expect(answer).toMatchObject({
      status: 200,
      headers: { etag: '"2"' },
      body: { name: 'Better', tags: ['x'], version: 2 },
    });
    expect((await api.get(IN_PRODUCTION)).body.revision).toBe(revision);
  });

  it('changes values in every environment at once', async () => {
    await api.post('/environments', { key: 'staging' });
    await createSettings(api, 's');
    await api.patch('/settings/s', { variations: [{ value: 'x' }, { value: 'y' }, { value: 'z' }, { value: 'w' }] });
    for (const environment of ['production', 'staging']) {
      expect((await served('s', environment)).variations).toEqual(['x', 'y', 'z', 'w']);
    }
  });

  it('refuses to drop a variation that an environment serves, and says where', async () => {
    await createSettings(api, 's');
    expect(await api.patch('/settings/s', { variations: [{ value: 'a' }, { value: 'b' }] })).toMatchObject({
      status: 422,
      body: { pointer: '/variations', environment: 'production', detail: expect.stringContaining('no variation 2') },
    });
  });

  it('refuses to drop a variation that another setting needs', async () => {
    await createSettings(api, 's', 'dependent');
    await api.patch(`${IN_PRODUCTION}/settings/s`, { offVariation: 0 });
    await api.patch(`${IN_PRODUCTION}/settings/dependent`, { prerequisites: [{ key: 's', variation: 2 }] });
    expect(await api.patch('/settings/s', { variations: [{ value: 'a' }] })).toMatchObject({
      status: 422,
      body: { pointer: '/variations', detail: expect.stringContaining('"dependent" needs variation 2') },
    });
  });

  it('refuses a type that the served values are not of, also when new values come with it', async () => {
    await createSettings(api, 's');
    const variations = [{ value: 1 }, { value: 2 }, { value: 3 }];
    expect(await api.patch('/settings/s', { type: 'number', variations })).toMatchObject({
      status: 422,
      body: { pointer: '/type' },
    });
    expect(await api.patch('/settings/s', { type: 'json' })).toMatchObject({ status: 200, body: { type: 'json' } });
  });

  it('checks present values against a new schema', async () => {
    await createSettings(api, 's');
    expect(await api.patch('/settings/s', { valueSchema: { maxLength: 0 } })).toMatchObject({
      status: 422,
      body: { pointer: '/variations/0/value' },
    });
    expect((await api.patch('/settings/s', { valueSchema: { maxLength: 1 } })).status).toBe(200);
    expect((await api.patch('/settings/s', { valueSchema: null })).body.valueSchema).toBeNull();
  });

  it('is refused for a version that is not the present one', async () => {
    await createSettings(api, 's');
    await api.patch('/settings/s', { name: 'Two' });
    expect(await api.patch('/settings/s', { name: 'Three' }, { 'if-match': '"1"' })).toMatchObject({
      status: 412,
      headers: { etag: '"2"' },
      body: { code: 'stale_version', current: { name: 'Two' } },
    });
    expect((await api.patch('/settings/s', { name: 'Three' }, { 'if-match': '"2"' })).status).toBe(200);
  });

  it('is no new version when it changes nothing', async () => {
    await createSettings(api, 's');
    expect((await api.patch('/settings/s', { name: 's' })).headers.etag).toBe('"1"');
  });

  it('answers 404 for an unknown setting', async () => {
    expect((await api.patch('/settings/none', { name: 'x' })).status).toBe(404);
  });
});

describe('DELETE /settings/{key}', () => {
  it('deletes it everywhere', async () => {
    await createSettings(api, 's');
    expect((await api.delete('/settings/s')).status).toBe(204);
    expect((await api.get('/settings/s')).status).toBe(404);
    expect((await api.get(`${IN_PRODUCTION}/settings/s`)).status).toBe(404);
  });

  it('takes a request that names the type of a body it does not have', async () => {
    await createSettings(api, 's');
    expect((await api.delete('/settings/s', { 'content-type': 'application/json' })).status).toBe(204);
  });

  it('is refused while another setting needs it, and says which', async () => {
    await createSettings(api, 's', 'dependent');
    await api.patch(`${IN_PRODUCTION}/settings/dependent`, { prerequisites: [{ key: 's', variation: 0 }] });
    expect(await api.delete('/settings/s')).toMatchObject({
      status: 409,
      body: { code: 'in_use', neededBy: [{ environment: 'production', kind: 'setting', key: 'dependent' }] },
    });
    expect((await api.get('/settings/s')).status).toBe(200);
  });

  it('leaves the key free for a new one, whose versions go on', async () => {
    await createSettings(api, 's');
    const before = (await served('s')).version;
    await api.delete('/settings/s');
    await createSettings(api, 's');
    expect((await served('s')).version).toBeGreaterThan(before);
    expect((await api.get('/settings/s')).headers.etag).toBe('"3"');
  });

  it('is refused for a version that is not the present one', async () => {
    await createSettings(api, 's');
    expect((await api.delete('/settings/s', { 'if-match': '"9"' })).status).toBe(412);
  });
});

describe('a setting of 10 MB', () => {
  it('is answered with 413 while it is still being sent, and the connection goes on', async () => {
    const address = await service.app.listen({ port: 0, host: '127.0.0.1' });
    const headers = { ...service.asAdmin, 'content-type': 'application/json' };
    const variations = [{ value: 'x'.repeat(10_000_000) }];
    const body = JSON.stringify({ key: 'large', type: 'string', variations });
    for (let times = 0; times < 5; times++) {
      const answer = await fetch(`${address}/api/v1/settings`, { method: 'POST', headers, body });
      expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([413, 'body_too_large']);
    }
    expect((await fetch(`${address}/api/v1/settings`, { headers })).status).toBe(200);
  });
});
