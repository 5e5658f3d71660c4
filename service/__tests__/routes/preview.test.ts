import { seeContexts } from '../../src/storage/contexts.js';
import { type Api, apiOf, createSettings, IN_PRODUCTION } from '../support/api.js';
import { openTestApp, type TestApp } from '../support/app.js';

let service: TestApp;
let api: Api;
beforeEach(async () => {
  service = await openTestApp();
  api = apiOf(service);
  await createSettings(api, 'a');
  await api.patch(`${IN_PRODUCTION}/settings/a`, { on: true });
  const at = Date.now();
  const seen = (kind: string, key: string, attributes: object, companions: Record<string, string> = {}) => ({
    kind,
    key,
    name: key.toUpperCase(),
    attributes: JSON.stringify(attributes),
    companions,
    at,
  });
  await seeContexts(service.parts.database, 'production', [
    seen('organization', 'acme', { plan: 'gold', address: { city: 'Ulm' } }, { user: 'ada' }),
    seen('organization', 'globex', { plan: 'free' }, { user: 'ben' }),
    seen('user', 'ada', { seats: 3 }, { organization: 'acme' }),
    seen('user', 'ben', { beta: true, roles: ['admin', 'author'] }, { organization: 'globex' }),
  ]);
});
afterEach(() => service.close());

const preview = (...changes: object[]) => api.post(`${IN_PRODUCTION}/preview`, { changes });

describe('a preview', () => {
  it('counts who would get another value, among those seen', async () => {
    const rules = [
      { clauses: [{ contextKind: 'organization', attribute: 'plan', op: 'in', values: ['gold'] }], variation: 1 },
    ];
    const { status, body } = await preview({ setting: 'a', patch: { rules } });
    expect(status).toBe(200);
    expect(body).toMatchObject({ considered: { user: 2, organization: 2 }, changed: { user: 1, organization: 1 } });
    expect(body.transitions).toHaveLength(2);
    expect(body.examples).toContainEqual({
      setting: 'a',
      kind: 'user',
      key: 'ada',
      name: 'ADA',
      before: { value: 'a', variationIndex: 0 },
      after: { value: 'b', variationIndex: 1 },
    });
  });

  it('tells which fields differ, and changes nothing', async () => {
    const { body } = await preview({ setting: 'a', patch: { on: false } });
    expect(body.items).toEqual([
      { environment: 'production', kind: 'setting', key: 'a', before: { on: true }, after: { on: false } },
    ]);
    expect((await api.get(`${IN_PRODUCTION}/settings/a`)).body.setting.on).toBe(true);
  });

  it('looks at settings that depend on what changes', async () => {
    await createSettings(api, 'b');
    await api.patch(`${IN_PRODUCTION}/settings/b`, { on: true, prerequisites: [{ key: 'a', variation: 0 }] });
    const { body } = await preview({ setting: 'a', patch: { on: false } });
    expect([...new Set(body.transitions.map(({ setting }: { setting: string }) => setting))].sort()).toEqual([
      'a',
      'b',
    ]);
  });

  it('looks through a segment, and at a value that is not there yet', async () => {
    const clauses = [{ op: 'segmentMatch', contextKind: 'user', values: ['beta'] }];
    const variations = ['a', 'b', 'c', 'd'].map((value) => ({ value }));
    const { body } = await preview(
      { segment: 'beta', create: true, patch: { included: ['ben'] } },
      { definition: 'a', patch: { variations } },
      { setting: 'a', patch: { rules: [{ clauses, variation: 3 }] } },
    );
    expect(body.changed).toEqual({ user: 1, organization: 1 });
    expect(body.examples[0].after).toEqual({ value: 'd', variationIndex: 3 });
  });

  it('is answered with the problem that the change would have', async () => {
    const faulty = await preview({ setting: 'a', patch: { offVariation: 9 } });
    expect([faulty.status, faulty.body.errors[0].pointer]).toEqual([422, '/changes/0/patch/offVariation']);
    const stale = await preview({ setting: 'a', patch: { on: false }, version: 1 });
    expect([stale.status, stale.body.code]).toEqual([412, 'stale_version']);
  });
});

describe('the attributes seen', () => {
  it('are listed with their values as clauses name them', async () => {
    const { body } = await api.get(`${IN_PRODUCTION}/attributes`);
    const find = (attribute: string) =>
      body.attributes.find((one: { attribute: string }) => one.attribute === attribute);
    expect(find('plan')).toEqual({
      kind: 'organization',
      attribute: 'plan',
      count: 2,
      values: expect.arrayContaining(['gold', 'free']),
    });
    expect(find('/address/city').values).toEqual(['Ulm']);
    expect(find('roles').values).toEqual(['admin', 'author']);
    expect(find('seats').values).toEqual([3]);
    expect(find('beta').values).toEqual([true]);
  });
});
