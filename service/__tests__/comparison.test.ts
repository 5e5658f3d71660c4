import { openTestApp, type TestApp } from './support/app.js';

let service: TestApp;
beforeEach(async () => {
  service = await openTestApp();
  await call('POST', '/settings', { key: 'a.setting', type: 'boolean' });
  await call('POST', '/settings', { key: 'b.setting', type: 'boolean' });
  await call('POST', '/environments', { key: 'test' });
});
afterEach(() => service.close());

async function call(method: 'GET' | 'POST' | 'PUT' | 'PATCH', path: string, payload?: object) {
  const answer = await service.app.inject({
    method,
    url: `/api/v1${path}`,
    headers: service.asAdmin,
    ...(payload && { payload }),
  });
  return { status: answer.statusCode, ...answer.json() };
}

const patch = (environment: string, key: string, body: object) =>
  call('PATCH', `/environments/${environment}/settings/${key}`, body);
const compare = async () => (await call('GET', '/environments/test/compare/production')).differences;
const RULE = { clauses: [{ attribute: 'plan', op: 'in', values: ['gold'] }], variation: 0 };

describe('comparing environments', () => {
  it('finds none between those that serve the same', async () => {
    await patch('test', 'a.setting', { on: true, rules: [RULE] });
    await patch('production', 'a.setting', { on: true, rules: [RULE] });
    expect(await compare()).toEqual([]);
  });

  it('names the fields that differ, here and there', async () => {
    await patch('test', 'a.setting', { on: true });
    expect(await compare()).toEqual([{ kind: 'setting', key: 'a.setting', here: { on: true }, there: { on: false } }]);
  });

  it('shows a segment that one of them does not have', async () => {
    await call('POST', '/environments/production/changes', {
      changes: [{ segment: 'beta', create: true, patch: { included: ['u1'] } }],
    });
    expect(await compare()).toEqual([
      { kind: 'segment', key: 'beta', here: null, there: expect.objectContaining({ name: 'beta', included: ['u1'] }) },
    ]);
  });

  it('with one that does not exist is not found', async () => {
    expect(await call('GET', '/environments/test/compare/nowhere')).toMatchObject({ status: 404 });
  });
});

describe('copying from another environment', () => {
  it('makes everything the same, as one revision, and keeps the salts', async () => {
    await call('POST', '/environments/production/changes', {
      changes: [
        { segment: 'beta', create: true, patch: { included: ['u1'] } },
        { setting: 'a.setting', patch: { on: true, rules: [RULE] } },
      ],
    });
    const test = service.parts.feed.environment('test');
    const { revision } = test;
    const salt = test.settings.get('a.setting')?.salt;
    expect(await call('POST', '/environments/test/copy', { from: 'production' })).toEqual({
      status: 200,
      revision: revision + 1,
    });
    expect(await compare()).toEqual([]);
    expect(test.settings.get('a.setting')?.salt).toBe(salt);
    expect(service.parts.feed.environment('production').settings.get('a.setting')?.salt).not.toBe(salt);
  });

  it('takes only what it is told to', async () => {
    await patch('production', 'a.setting', { on: true });
    await patch('production', 'b.setting', { on: true });
    await call('POST', '/environments/test/copy', { from: 'production', settings: ['b.setting'] });
    expect((await compare()).map(({ key }: { key: string }) => key)).toEqual(['a.setting']);
  });

  it('refuses a setting whose segment would be missing', async () => {
    await call('POST', '/environments/production/changes', {
      changes: [
        { segment: 'beta', create: true },
        {
          setting: 'a.setting',
          patch: { rules: [{ clauses: [{ attribute: '', op: 'segmentMatch', values: ['beta'] }], variation: 0 }] },
        },
      ],
    });
    const refused = await call('POST', '/environments/test/copy', { from: 'production', settings: ['a.setting'] });
    expect(refused).toMatchObject({ status: 422, pointer: expect.stringMatching(/^\/settings\/a\.setting\/rules\/0/) });
  });

  it('is subject to a freeze', async () => {
    await patch('production', 'a.setting', { on: true });
    await call('PUT', '/environments/test/freeze', { reason: 'incident' });
    expect(await call('POST', '/environments/test/copy', { from: 'production' })).toMatchObject({ status: 423 });
  });

  it('of an unknown key or environment is not found', async () => {
    expect((await call('POST', '/environments/test/copy', { from: 'nowhere' })).code).toBe('environment_not_found');
    const unknown = await call('POST', '/environments/test/copy', { from: 'production', settings: ['nothing'] });
    expect(unknown).toMatchObject({ status: 404, code: 'setting_not_found' });
  });
});
