import { type Api, apiOf, createSettings, IN_PRODUCTION } from '../support/api.js';
import { openTestApp, type TestApp } from '../support/app.js';

let service: TestApp;
let api: Api;
beforeEach(async () => {
  service = await openTestApp({ config: { maxBodyBytes: 100_000 } });
  api = apiOf(service);
  await createSettings(api, 's', 'other');
});
afterEach(() => service.close());

const URL = `${IN_PRODUCTION}/settings/s`;
const read = async () => (await api.get(URL)).body.setting;

describe('GET /environments/{env}/settings/{key}', () => {
  it('answers with the wire model, the revision, and the version as ETag', async () => {
    const { status, body, headers } = await api.get(URL);
    expect([status, body.environment, headers.etag]).toEqual([200, 'production', `"${body.setting.version}"`]);
    expect(body.revision).toBeGreaterThan(body.setting.version);
  });

  it.each([
    ['/environments/none/settings/s', 'environment_not_found'],
    ['/environments/production/settings/none', 'setting_not_found'],
  ])('answers 404 for %s', async (path, code) => {
    expect(await api.get(path)).toMatchObject({ status: 404, body: { code } });
  });

  it('lists them page by page', async () => {
    const first = (await api.get(`${IN_PRODUCTION}/settings?limit=1`)).body;
    const second = (await api.get(`${IN_PRODUCTION}/settings?limit=1&cursor=${first.nextCursor}`)).body;
    expect([first.settings[0].key, second.settings[0].key, second.nextCursor]).toEqual(['other', 's', null]);
  });
});

describe('PATCH /environments/{env}/settings/{key}', () => {
  it.each(['application/merge-patch+json', 'application/json'])('takes a merge patch as %s', async (type) => {
    const before = await read();
    const contextTargets = [{ contextKind: 'organization', variation: 0, values: ['acme'] }];
    const { status, body, headers } = await api.patch(URL, { on: true, contextTargets }, { 'content-type': type });
    expect([status, headers.etag, body.revision]).toEqual([200, `"${body.revision}"`, body.setting.version]);
    expect(body).toEqual({
      environment: 'production',
      revision: body.revision,
      setting: { ...before, version: body.revision, on: true, contextTargets },
    });
    expect(await read()).toEqual(body.setting);
  });

  it('takes a field away by null', async () => {
    await api.patch(URL, { samplingRatio: 5, rules: [{ variation: 0 }] });
    await api.patch(URL, { samplingRatio: null, rules: null, offVariation: null });
    const setting = await read();
    expect(setting).toMatchObject({ rules: [], offVariation: null });
    expect(setting).not.toHaveProperty('samplingRatio');
  });

  it('replaces a variation by a rollout and back', async () => {
    const rollout = {
      variations: [
        { variation: 0, weight: 50_000 },
        { variation: 1, weight: 50_000 },
      ],
    };
    await api.patch(URL, { fallthrough: { rollout } });
    expect((await read()).fallthrough).toEqual({ rollout: { kind: 'rollout', ...rollout } });
    await api.patch(URL, { fallthrough: { variation: 2 } });
    expect((await read()).fallthrough).toEqual({ variation: 2 });
  });

  it('gives rules an id that stays', async () => {
    await api.patch(URL, { rules: [{ variation: 0 }] });
    const [{ id }] = (await read()).rules;
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    await api.patch(URL, { on: true });
    expect((await read()).rules[0].id).toBe(id);
  });

  it('keeps the older name for availability in step', async () => {
    await api.patch(URL, { clientSide: true });
    expect((await read()).clientSideAvailability).toEqual({ usingMobileKey: true, usingEnvironmentId: true });
    await api.patch(URL, { clientSideAvailability: { usingEnvironmentId: false } });
    expect((await read()).clientSide).toBe(false);
  });

  it('takes back whole what was read', async () => {
    const { body } = await api.get(URL);
    expect((await api.patch(URL, { ...body.setting, on: true })).body.setting).toMatchObject({ on: true });
  });

  it.each([
    [{ version: 99 }, '/version'],
    [{ key: 'x' }, '/key'],
    [{ deleted: true }, '/deleted'],
    [{ variations: ['x'] }, '/variations'],
  ])('refuses %j, which is not for a patch to say', async (patch, pointer) => {
    expect(await api.patch(URL, patch)).toMatchObject({ status: 422, body: { pointer } });
  });

  it('is refused with the present state for a version that is not the present one', async () => {
    const stale = (await api.get(URL)).headers.etag as string;
    const { body } = await api.patch(URL, { on: true });
    const refused = await api.patch(URL, { on: false }, { 'if-match': stale });
    expect(refused).toMatchObject({
      status: 412,
      headers: { etag: `"${body.setting.version}"` },
      body: { code: 'stale_version', current: body },
    });
    expect((await read()).on).toBe(true);
  });

  it.each(['nonsense', '"x"'])('is refused for the If-Match %s', async (ifMatch) => {
    expect((await api.patch(URL, { on: true }, { 'if-match': ifMatch })).status).toBe(412);
  });

  it('is applied to whatever is there with If-Match: * or none', async () => {
    expect((await api.patch(URL, { on: true }, { 'if-match': '*' })).status).toBe(200);
  });

  it.each([
    ['/environments/none/settings/s', 'environment_not_found'],
    ['/environments/production/settings/none', 'setting_not_found'],
  ])('answers 404 for %s', async (path, code) => {
    expect(await api.patch(path, { on: true })).toMatchObject({ status: 404, body: { code } });
  });

  it('lists every fault of a patch, each with its pointer', async () => {
    const clauses = [
      { attribute: 'email', op: 'matches', values: ['('] },
      { op: 'segmentMatch', values: ['none'] },
    ];
    const { status, body } = await api.patch(URL, { offVariation: 7, rules: [{ variation: 3, clauses }] });
    expect([status, body.pointer]).toEqual([422, '/offVariation']);
    expect(body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '/offVariation',
      '/rules/0/variation',
      '/rules/0/clauses/0/values/0',
      '/rules/0/clauses/1/values/0',
    ]);
  });

  it('refuses a cycle of prerequisites', async () => {
    await api.patch(`${IN_PRODUCTION}/settings/other`, { prerequisites: [{ key: 's', variation: 0 }] });
    expect(await api.patch(URL, { prerequisites: [{ key: 'other', variation: 0 }] })).toMatchObject({
      status: 422,
      body: { pointer: '/prerequisites', detail: expect.stringContaining('s → other → s') },
    });
  });

  it('refuses a cycle of segments', async () => {
    const asking = (...values: string[]) => ({ rules: [{ clauses: [{ op: 'segmentMatch', values }] }] });
    await api.post(`${IN_PRODUCTION}/segments`, { key: 'a' });
    await api.post(`${IN_PRODUCTION}/segments`, { key: 'b', ...asking('a') });
    const { status, body } = await api.patch(`${IN_PRODUCTION}/segments/a`, asking('b'));
    expect([status, body.pointer, body.detail]).toEqual([422, '/rules', '/rules: is a cycle of segments: a → b → a']);
  });

  it('keeps the comment for the audit', async () => {
    await api.patch(`${URL}?comment=${encodeURIComponent('launch day')}`, { on: true });
    expect((await api.get('/audit?limit=1')).body.entries[0].comment).toBe('launch day');
  });
});

describe('a body that cannot be', () => {
  const send = (payload: string, type = 'application/json') =>
    service.app.inject({
      method: 'PATCH',
      url: `/api/v1${URL}`,
      headers: { ...service.asAdmin, 'content-type': type },
      payload,
    });

  it.each<[string, string, string, number, string]>([
    ['not JSON', '{"on":', 'application/json', 400, 'invalid_json'],
    ['not JSON as a merge patch', '{"on":', 'application/merge-patch+json', 400, 'invalid_json'],
    ['empty', '', 'application/json', 400, 'invalid_json'],
    ['of another type', 'on=true', 'application/x-www-form-urlencoded', 415, 'unsupported_media_type'],
    ['too large', JSON.stringify({ salt: 'x'.repeat(200_000) }), 'application/json', 413, 'body_too_large'],
    ['too deep', `${'{"rules":'.repeat(100)}1${'}'.repeat(100)}`, 'application/json', 400, 'invalid_request'],
    ['an attack on prototypes', '{"__proto__":{"on":true}}', 'application/json', 400, 'invalid_json'],
    ['a list', '[]', 'application/json', 422, 'invalid_body'],
    ['null', 'null', 'application/json', 422, 'invalid_body'],
  ])('for being %s is answered by a problem and changes nothing', async (_what, payload, type, status, code) => {
    const before = await read();
    const answer = await send(payload, type);
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
    expect(await read()).toEqual(before);
  });
});
