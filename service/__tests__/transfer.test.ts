import type { AddressInfo } from 'node:net';
import { signInAs } from './support/access.js';
import { openTestApp, type TestApp } from './support/app.js';

let service: TestApp;
beforeEach(async () => {
  service = await openTestApp();
});
afterEach(() => service.close());

async function call(method: 'GET' | 'POST' | 'PUT' | 'PATCH', path: string, payload?: object, to: TestApp = service) {
  const answer = await to.app.inject({
    method,
    url: `/api/v1${path}`,
    headers: to.asAdmin,
    ...(payload && { payload }),
  });
  return { status: answer.statusCode, ...answer.json() };
}

async function fill(): Promise<void> {
  await call('POST', '/settings', { key: 'a.setting', type: 'boolean', tags: ['one'], name: 'A' });
  await call('POST', '/settings', {
    key: 'limits',
    type: 'json',
    variations: [{ value: { max: 1 } }, { value: null, name: 'none' }],
    valueSchema: { type: ['object', 'null'] },
  });
  await call('POST', '/environments', { key: 'test', name: 'Test' });
  await call('POST', '/environments/production/changes', {
    changes: [
      { segment: 'beta', create: true, patch: { included: ['u1'], name: 'Beta testers', tags: ['x'] } },
      {
        setting: 'a.setting',
        patch: {
          on: true,
          rules: [{ clauses: [{ attribute: '', op: 'segmentMatch', values: ['beta'] }], variation: 0 }],
          contextTargets: [{ contextKind: 'organization', values: ['acme'], variation: 0 }],
        },
      },
    ],
  });
}

const exported = async (from: TestApp = service) => {
  const { status: _, exportedAt: __, ...data } = await call('GET', '/export', undefined, from);
  return data;
};

describe('export and import', () => {
  it('carry a whole service over to another one', async () => {
    await fill();
    const data = await exported();
    const other = await openTestApp();
    const imported = await call('POST', '/import', data, other);
    expect(imported).toMatchObject({ status: 200, settings: 2, segments: 1, created: ['test'], warnings: [] });
    expect(withoutVersions(await exported(other))).toEqual(withoutVersions(data));
    await other.close();
  });

  it('change nothing when everything is as the export says', async () => {
    await fill();
    const { revision } = service.parts.feed.environment('production');
    expect((await call('POST', '/import', await exported())).revisions.production).toBe(revision);
  });

  it('leave alone what is not named', async () => {
    await fill();
    const data = await exported();
    await call('POST', '/settings', { key: 'later', type: 'string', variations: [{ value: 'x' }] });
    await call('PATCH', '/environments/production/settings/a.setting', { on: false });
    await call('POST', '/import', data);
    const { settings } = service.parts.feed.environment('production');
    expect([settings.get('a.setting')?.on, settings.has('later')]).toEqual([true, true]);
  });

  it('are all or nothing: a fault names its item and no environment is left behind', async () => {
    await fill();
    const data = await exported();
    data.environments[1].key = 'new';
    data.environments[1].settings['a.setting'].fallthrough = { variation: 9 };
    const refused = await call('POST', '/import', data);
    expect(refused).toMatchObject({ status: 422, pointer: '/settings/a.setting/fallthrough/variation' });
    expect(service.parts.feed.environments.has('new')).toBe(false);
  });

  it.each([
    [{ settings: { 'a.setting': { on: 'yes' } } }, '/environments/0/settings/a.setting/on'],
    [{ settings: { unknown: {} } }, '/environments/0/settings/unknown'],
    [{ segments: { beta: { included: 5 } } }, '/environments/0/segments/beta/included'],
  ])('refuse %j by JSON pointer', async (environment, pointer) => {
    await fill();
    const refused = await call('POST', '/import', {
      format: 'feathery-export',
      formatVersion: 1,
      settings: [],
      environments: [{ key: 'production', settings: {}, segments: {}, ...environment }],
    });
    expect([refused.status, refused.pointer]).toEqual([422, pointer]);
  });

  it('refuse another format', async () => {
    expect(await call('POST', '/import', { format: 'other' })).toMatchObject({ status: 422 });
  });

  it('do not pass a freeze', async () => {
    await fill();
    const data = await exported();
    await call('PATCH', '/environments/production/settings/a.setting', { on: false });
    await call('PUT', '/environments/production/freeze', { reason: 'incident' });
    expect(await call('POST', '/import', data)).toMatchObject({ status: 423 });
  });

  it('are read by everybody and written by admins', async () => {
    const { headers } = await signInAs(service, 'editor');
    expect((await service.app.inject({ url: '/api/v1/export', headers })).statusCode).toBe(200);
    const written = await service.app.inject({ method: 'POST', url: '/api/v1/import', headers, payload: {} });
    expect(written.statusCode).toBe(403);
  });
});

describe('an import from LaunchDarkly', () => {
  const DATA = {
    flags: { flip: { key: 'flip', version: 4, on: true, variations: [true, false], fallthrough: { variation: 0 } } },
    segments: {},
  };

  it('takes what its SDKs get into one environment', async () => {
    const imported = await call('POST', '/import/launchdarkly', { data: DATA, environment: 'production' });
    expect(imported).toMatchObject({ status: 200, settings: 1, created: [] });
    const evaluated = await call('POST', '/environments/production/evaluate', { context: { key: 'u' } });
    expect(evaluated.results.flip).toMatchObject({ value: true, reason: { kind: 'FALLTHROUGH' } });
  });

  it('takes a list of flags with all their environments', async () => {
    const items = [
      {
        key: 'flip',
        name: 'Flip',
        variations: [{ value: true }, { value: false }],
        environments: {
          production: { on: true, fallthrough: { variation: 0 }, offVariation: 1 },
          staging: { on: false, fallthrough: { variation: 0 }, offVariation: 1 },
        },
      },
    ];
    const imported = await call('POST', '/import/launchdarkly', { data: { items } });
    expect(imported).toMatchObject({ status: 200, settings: 1, created: ['staging'] });
    expect(service.parts.feed.environment('staging').settings.get('flip')?.on).toBe(false);
    expect(service.parts.feed.environment('production').settings.get('flip')?.on).toBe(true);
  });

  it.each([
    [{ data: {} }, '/data'],
    [{ data: DATA }, '/environment'],
  ])('refuses %j', async (body, pointer) => {
    expect(await call('POST', '/import/launchdarkly', body)).toMatchObject({ status: 422, pointer });
  });
});

describe('an import from a stream', () => {
  it('takes what an SDK key opens in another service, and disconnects', async () => {
    await fill();
    await service.app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = service.app.server.address() as AddressInfo;
    const other = await openTestApp();
    const body = { streamUri: `http://127.0.0.1:${port}`, sdkKey: service.asSdk.authorization, environment: 'copied' };
    const imported = await call('POST', '/import/stream', body, other);
    expect(imported).toMatchObject({ status: 200, settings: 2, segments: 1, created: ['copied'] });
    const source = service.parts.feed.environment('production').settings.get('a.setting');
    expect(other.parts.feed.environment('copied').settings.get('a.setting')).toEqual({
      ...source,
      version: expect.any(Number),
    });
    const refused = await call('POST', '/import/stream', { ...body, sdkKey: 'sdk-wrong' }, other);
    expect(refused).toMatchObject({ status: 502, code: 'import_failed' });
    expect(JSON.stringify(refused)).not.toContain('sdk-wrong');
    await other.close();
  });

  it('refuses an address that is none, and asks nobody', async () => {
    const body = { streamUri: 'https://stream example.test', sdkKey: 'sdk-any', environment: 'copied' };
    const refused = await call('POST', '/import/stream', body);
    expect(refused).toMatchObject({ status: 422, pointer: '/streamUri' });
  });
});

function withoutVersions(data: object): unknown {
  return JSON.parse(JSON.stringify(data), (field, value) => (field === 'version' ? undefined : value));
}
