import { openTestApp, SDK_KEY, type TestApp } from '../support/app.js';

let service: TestApp;

beforeEach(async () => {
  service = await openTestApp({ config: { ingestWindowMs: 0 } });
});

afterEach(() => service.close());

async function admin(method: 'GET' | 'POST' | 'PATCH', path: string, payload?: object) {
  const url = `/api/v1${path}`;
  const answer = await service.app.inject({ method, url, headers: service.asAdmin, ...(payload && { payload }) });
  return answer.json();
}

async function see(...contexts: object[]): Promise<void> {
  const payload = contexts.map((context) => ({ kind: 'index', creationDate: Date.now(), context }));
  await service.app.inject({ method: 'POST', url: '/bulk', headers: { authorization: SDK_KEY }, payload });
}

describe('GET contexts', () => {
  it('gives every context once over all pages', async () => {
    await see(...Array.from({ length: 25 }, (_, index) => ({ kind: 'user', key: `u-${index}` })));
    const keys: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: { contexts: { key: string }[]; nextCursor: string | null } = await admin(
        'GET',
        `/environments/production/contexts?limit=10${cursor && `&cursor=${cursor}`}`,
      );
      keys.push(...page.contexts.map(({ key }) => key));
      cursor = page.nextCursor;
    }
    expect(new Set(keys).size).toBe(25);
    expect(keys).toHaveLength(25);
  });

  it('finds by part of the name or key, in any case and literally', async () => {
    await see(
      { kind: 'user', key: 'u-1', name: 'Anna Smith' },
      { kind: 'user', key: '100%-real' },
      { kind: 'user', key: 'other' },
    );
    const found = async (q: string) =>
      (await admin('GET', `/environments/production/contexts?q=${encodeURIComponent(q)}`)).contexts.map(
        ({ key }: { key: string }) => key,
      );
    expect(await found('SMITH')).toEqual(['u-1']);
    expect(await found('0%-')).toEqual(['100%-real']);
    expect(await found('_')).toEqual([]);
  });

  it('answers 400 to a cursor it did not give', async () => {
    expect(await admin('GET', '/environments/production/contexts?cursor=x')).toMatchObject({ code: 'invalid_request' });
  });
});

describe('GET contexts/{kind}/{key}', () => {
  it('lists every setting when all are asked for', async () => {
    for (const key of ['a', 'b']) await admin('POST', '/settings', { key, type: 'boolean' });
    await see({ kind: 'user', key: 'u' });
    const keysOf = async (query: string) =>
      (await admin('GET', `/environments/production/contexts/user/u${query}`)).settings.map(
        ({ key }: { key: string }) => key,
      );
    expect(await keysOf('')).toEqual([]);
    expect(await keysOf('?all=true')).toEqual(['a', 'b']);
  });

  it('lists what singles a context out, with what others get', async () => {
    for (const key of ['for-all', 'off', 'by-target', 'by-rule', 'by-organization', 'by-split', 'needs-target']) {
      await admin('POST', '/settings', { key, type: 'boolean' });
    }
    const patch = (key: string, body: object) =>
      admin('PATCH', `/environments/production/settings/${key}`, { on: true, ...body });
    await patch('for-all', {});
    await patch('by-target', { fallthrough: { variation: 1 }, targets: [{ variation: 0, values: ['u'] }] });
    await patch('by-rule', {
      fallthrough: { variation: 1 },
      rules: [{ variation: 0, clauses: [{ contextKind: 'user', attribute: 'plan', op: 'in', values: ['gold'] }] }],
    });
    await patch('by-organization', {
      fallthrough: { variation: 1 },
      contextTargets: [{ contextKind: 'organization', variation: 0, values: ['acme'] }],
    });
    await patch('by-split', {
      fallthrough: {
        rollout: {
          variations: [
            { variation: 0, weight: 50_000 },
            { variation: 1, weight: 50_000 },
          ],
        },
      },
    });
    await patch('needs-target', { prerequisites: [{ key: 'by-target', variation: 0 }] });
    await see({ kind: 'multi', user: { key: 'u', plan: 'gold' }, organization: { key: 'acme' } });

    const found = await admin('GET', '/environments/production/contexts/user/u');
    expect(found).toMatchObject({
      kind: 'user',
      key: 'u',
      attributes: { plan: 'gold' },
      companions: { organization: 'acme' },
    });
    const byKey = new Map(found.settings.map((setting: { key: string }) => [setting.key, setting]));
    expect([...byKey.keys()].sort()).toEqual(['by-organization', 'by-rule', 'by-split', 'by-target', 'needs-target']);
    expect(byKey.get('by-target')).toMatchObject({
      value: true,
      variationIndex: 0,
      reason: { kind: 'TARGET_MATCH' },
      usual: { value: false, variationIndex: 1 },
    });
    expect(byKey.get('needs-target')).toMatchObject({
      value: true,
      reason: { kind: 'FALLTHROUGH' },
      usual: { value: false },
    });
  });

  it('answers 404 for one that was never seen', async () => {
    expect(await admin('GET', '/environments/production/contexts/user/nobody')).toMatchObject({
      status: 404,
      code: 'context_not_found',
    });
  });

  it('finds keys with characters that addresses must escape', async () => {
    await see({ kind: 'user', key: 'a/b ü@test.com' });
    const path = `/environments/production/contexts/user/${encodeURIComponent('a/b ü@test.com')}`;
    expect(await admin('GET', path)).toMatchObject({ key: 'a/b ü@test.com' });
  });
});
