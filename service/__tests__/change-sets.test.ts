import { type Browser, type SignedIn, signInAs } from './support/access.js';
import { openTestApp, type TestApp } from './support/app.js';

const BASE = '/environments/production/change-sets';
const FLIP = { setting: 'a.setting', patch: { on: true } };
let now: number;
let service: TestApp;
let author: SignedIn;
let reviewer: SignedIn;
beforeEach(async () => {
  now = Date.parse('2030-01-01T00:00:00Z');
  service = await openTestApp({ now: () => now });
  await call('POST', '/settings', { key: 'a.setting', type: 'boolean' }, service.asAdmin);
  author = await signInAs(service, 'editor', { email: 'author@example.test' });
  reviewer = await signInAs(service, 'editor', { email: 'reviewer@example.test' });
});
afterEach(() => service.close());

type Headers = Browser | Record<string, string>;

async function call(
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  payload?: object,
  headers: Headers = author.headers,
) {
  const answer = await service.app.inject({ method, url: `/api/v1${path}`, headers, ...(payload && { payload }) });
  return { status: answer.statusCode, ...(answer.body === '' ? {} : answer.json()) };
}

async function create(changes: object[] = [FLIP], headers?: Headers) {
  return call('POST', BASE, { title: 'launch', changes }, headers);
}

function step(id: string, name: string, headers?: Headers, payload?: object) {
  return call('POST', `${BASE}/${id}/${name}`, payload, headers);
}

const requireApproval = () => call('PUT', '/environments/production/approval', { required: true }, service.asAdmin);
const isOn = () => service.parts.feed.environment('production').settings.get('a.setting')?.on;

describe('change sets', () => {
  it('are kept as drafts that change nothing', async () => {
    const created = await create();
    expect(created).toMatchObject({
      status: 201,
      version: 1,
      state: 'draft',
      steps: ['edit', 'submit', 'schedule', 'apply', 'delete'],
      title: 'launch',
      changes: [FLIP],
      author: { kind: 'member', id: author.id, name: 'author@example.test' },
      decision: null,
    });
    expect(isOn()).toBe(false);
    expect((await call('GET', BASE)).changeSets.map(({ id }: { id: string }) => id)).toEqual([created.id]);
  });

  it('are checked when they are written, by JSON pointer', async () => {
    const answer = await create([FLIP, { setting: 'a.setting', patch: { offVariation: 7 } }]);
    expect([answer.status, answer.pointer]).toEqual([422, '/changes/1/patch/offVariation']);
  });

  it('show what they would change', async () => {
    const { id } = await create();
    expect((await call('GET', `${BASE}/${id}/preview`)).items).toEqual([
      { environment: 'production', kind: 'setting', key: 'a.setting', before: { on: false }, after: { on: true } },
    ]);
  });

  it('are applied as one revision, where no approval is asked for', async () => {
    const { revision } = service.parts.feed.environment('production');
    const { id } = await create([
      { segment: 'beta', create: true, patch: { included: ['u1'] } },
      { setting: 'a.setting', patch: { on: true, rules: [betaRule()] } },
    ]);
    const applied = await step(id, 'apply');
    expect(applied).toMatchObject({ status: 200, state: 'applied', steps: [], auditId: expect.any(Number) });
    expect(service.parts.feed.environment('production').revision).toBe(revision + 1);
    expect(isOn()).toBe(true);
    const entry = await call('GET', `/audit/${applied.auditId}`);
    expect(entry).toMatchObject({ action: 'change-set.apply', comment: 'launch', revision: revision + 1 });
    expect((await call('POST', `/audit/${applied.auditId}/revert`, {})).status).toBe(200);
    expect(isOn()).toBe(false);
  });

  it('can bring a new variation and serve it in one', async () => {
    await call('POST', '/settings', { key: 'greeting', type: 'string', variations: [{ value: 'Hello' }] });
    const created = await create([
      { definition: 'greeting', patch: { variations: [{ value: 'Hello' }, { value: 'Bonjour' }] } },
      { setting: 'greeting', patch: { on: true, fallthrough: { variation: 1 } } },
    ]);
    expect(await step(created.id, 'apply')).toMatchObject({ status: 200, state: 'applied' });
    expect(service.parts.feed.environment('production').settings.get('greeting')).toMatchObject({
      variations: ['Hello', 'Bonjour'],
      fallthrough: { variation: 1 },
    });
  });

  it.each([
    [{ definition: 'a.setting', patch: { variations: [] } }, '/changes/0/patch/variations'],
    [{ definition: 'a.setting', patch: { colour: 'red' } }, '/changes/0/patch/colour'],
    [{ definition: 'a.setting', patch: { variations: [{ value: true }] } }, '/changes/0/patch/variations'],
    [{ definition: 'unknown', patch: { name: 'x' } }, '/changes/0/definition'],
    [{ setting: 'unknown', patch: { on: true } }, '/changes/0/setting'],
    [{ setting: 'a.setting' }, '/changes/0'],
    [{ setting: 'a.setting', delete: true }, '/changes/0'],
    [{ segment: 'beta', delete: true, patch: {} }, '/changes/0'],
    [{ segment: 'beta', delete: true, create: true }, '/changes/0'],
    [{ setting: 'a.setting', segment: 'beta', patch: {} }, '/changes/0'],
  ])('with the change %j are refused by JSON pointer', async (change, pointer) => {
    const answer = await create([change]);
    expect([answer.status, answer.pointer]).toEqual([422, pointer]);
  });

  it('that touch every environment are nothing for an editor of some', async () => {
    const limited = await signInAs(service, 'editor', { email: 'limited@example.test', environments: ['production'] });
    const changes = [{ definition: 'a.setting', patch: { name: 'x' } }];
    expect((await create(changes, limited.headers)).status).toBe(403);
    const direct = await call('POST', '/environments/production/changes', { changes }, limited.headers);
    expect(direct.status).toBe(403);
    const { id } = await create(changes);
    await step(id, 'submit');
    expect((await step(id, 'approve', limited.headers)).status).toBe(403);
    expect(await step(id, 'approve', reviewer.headers)).toMatchObject({ state: 'approved' });
  });

  it('are applied once, however many ask at the same time', async () => {
    const { id } = await create();
    const { revision } = service.parts.feed.environment('production');
    const answers = await Promise.all([step(id, 'apply'), step(id, 'apply', reviewer.headers), step(id, 'apply')]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    expect(service.parts.feed.environment('production').revision).toBe(revision + 1);
  });

  it('that change nothing any more end as applied, too', async () => {
    const { id } = await create();
    await call('PATCH', '/environments/production/settings/a.setting', { on: true });
    expect(await step(id, 'apply')).toMatchObject({ status: 200, state: 'applied', auditId: null });
  });

  it('are refused when what they build on is gone, and stay as they are', async () => {
    const { id } = await create();
    await call('DELETE', '/settings/a.setting');
    expect(await step(id, 'apply')).toMatchObject({ status: 422, pointer: '/changes/0/setting' });
    expect((await call('GET', `${BASE}/${id}`)).state).toBe('draft');
  });

  it('are refused when an item has another version than they were made for', async () => {
    const version = service.parts.feed.environment('production').settings.get('a.setting')?.version;
    const { id } = await create([{ ...FLIP, version }]);
    await call('PATCH', '/environments/production/settings/a.setting', { trackEvents: true });
    expect(await step(id, 'apply')).toMatchObject({ status: 412, code: 'stale_version' });
  });

  it('are rewritten and submitted by their author only', async () => {
    const { id } = await create();
    const other = { title: 'another', changes: [FLIP] };
    expect((await call('PATCH', `${BASE}/${id}`, other, reviewer.headers)).status).toBe(403);
    expect((await step(id, 'submit', reviewer.headers)).status).toBe(403);
    expect(await call('PATCH', `${BASE}/${id}`, { title: 'another' })).toMatchObject({ title: 'another', version: 2 });
  });

  it('are thrown away by their author or an admin', async () => {
    const { id } = await create();
    expect((await call('DELETE', `${BASE}/${id}`, undefined, reviewer.headers)).status).toBe(403);
    expect((await call('DELETE', `${BASE}/${id}`, undefined, service.asAdmin)).status).toBe(204);
    expect((await call('GET', `${BASE}/${id}`)).code).toBe('change_set_not_found');
  });

  it('of another environment are not found', async () => {
    const { id } = await create();
    await call('POST', '/environments', { key: 'test' }, service.asAdmin);
    expect((await call('GET', `/environments/test/change-sets/${id}`)).status).toBe(404);
  });

  it('are not written or decided by viewers', async () => {
    const viewer = await signInAs(service, 'viewer');
    const { id } = await create();
    await step(id, 'submit');
    for (const name of ['withdraw', 'approve', 'reject', 'apply']) {
      expect((await step(id, name, viewer.headers)).status).toBe(403);
    }
    expect((await create([FLIP], viewer.headers)).status).toBe(403);
    expect((await call('GET', `${BASE}/${id}`, undefined, viewer.headers)).status).toBe(200);
  });

  it('are listed by state, newest first, in pages', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 3; index += 1) {
      now += 1;
      ids.unshift((await create()).id);
    }
    await step(ids[1] as string, 'submit');
    const page = await call('GET', `${BASE}?state=draft&limit=1`);
    expect(page.changeSets.map(({ id }: { id: string }) => id)).toEqual([ids[0]]);
    const next = await call('GET', `${BASE}?state=draft&limit=1&cursor=${page.nextCursor}`);
    expect(next.changeSets.map(({ id }: { id: string }) => id)).toEqual([ids[2]]);
    expect(next.nextCursor).toBeNull();
  });
});

describe('approval', () => {
  it('by another member lets a change into an environment that asks for it', async () => {
    await requireApproval();
    const { id } = await create();
    expect((await step(id, 'apply')).code).toBe('approval_required');
    await step(id, 'submit');
    const approved = await step(id, 'approve', reviewer.headers, { comment: 'looks right' });
    expect(approved).toMatchObject({
      state: 'approved',
      decision: { approved: true, by: 'reviewer@example.test', at: '2030-01-01T00:00:00.000Z', comment: 'looks right' },
    });
    expect(await step(id, 'apply')).toMatchObject({ status: 200, state: 'applied' });
    expect(isOn()).toBe(true);
  });

  it('is never given by the author, whatever the role', async () => {
    await requireApproval();
    const admin = await signInAs(service, 'admin');
    const { id } = await create([FLIP], admin.headers);
    await step(id, 'submit', admin.headers);
    expect(await step(id, 'approve', admin.headers)).toMatchObject({ status: 403, code: 'not_allowed' });
  });

  it('is never given by a token: it may be the author in disguise', async () => {
    const { id } = await create();
    await step(id, 'submit');
    expect((await step(id, 'approve', service.asAdmin)).status).toBe(403);
  });

  it('is given only by who may change that environment', async () => {
    await call('POST', '/environments', { key: 'test' }, service.asAdmin);
    const limited = await signInAs(service, 'editor', { email: 'limited@example.test', environments: ['test'] });
    const { id } = await create();
    await step(id, 'submit');
    expect((await step(id, 'approve', limited.headers)).status).toBe(403);
  });

  it('is void as soon as the change set is written anew', async () => {
    await requireApproval();
    const { id } = await create();
    await step(id, 'submit');
    await step(id, 'approve', reviewer.headers);
    expect((await call('PATCH', `${BASE}/${id}`, { title: 'sneaky' })).code).toBe('change_set_state');
    expect(await step(id, 'withdraw')).toMatchObject({ state: 'draft', decision: null });
    await call('PATCH', `${BASE}/${id}`, { title: 'sneaky' });
    expect((await step(id, 'apply')).code).toBe('approval_required');
  });

  it('is refused for a version that the reviewer has not seen', async () => {
    const { id } = await create();
    const { version } = await step(id, 'submit');
    await step(id, 'withdraw');
    await call('PATCH', `${BASE}/${id}`, { title: 'sneaky' });
    await step(id, 'submit');
    const headers = { ...reviewer.headers, 'if-match': `"${version}"` };
    expect(await step(id, 'approve', headers)).toMatchObject({ status: 412, code: 'stale_version' });
  });

  it('that is denied keeps the change out until it is written anew', async () => {
    const { id } = await create();
    await step(id, 'submit');
    expect(await step(id, 'reject', reviewer.headers, { comment: 'too early' })).toMatchObject({
      state: 'rejected',
      decision: { approved: false, comment: 'too early' },
    });
    expect((await step(id, 'apply')).code).toBe('change_set_state');
    expect(await call('PATCH', `${BASE}/${id}`, { title: 'again' })).toMatchObject({ state: 'draft', decision: null });
  });

  it('does not thaw a frozen environment', async () => {
    await requireApproval();
    const { id } = await create();
    await step(id, 'submit');
    await step(id, 'approve', reviewer.headers);
    await call('PUT', '/environments/production/freeze', { reason: 'incident' });
    expect(await step(id, 'apply')).toMatchObject({ status: 423, code: 'environment_frozen' });
  });

  it('leaves a trail: who wrote, who approved, who applied', async () => {
    const { id } = await create();
    await step(id, 'submit');
    await step(id, 'approve', reviewer.headers);
    await step(id, 'apply');
    const { entries } = await call('GET', '/audit?environment=production');
    const trail = entries
      .filter(({ action }: { action: string }) => action.startsWith('change-set.'))
      .map(({ action, actor }: { action: string; actor: { name: string } }) => [action, actor.name]);
    expect(trail).toEqual([
      ['change-set.apply', 'author@example.test'],
      ['change-set.approve', 'reviewer@example.test'],
      ['change-set.submit', 'author@example.test'],
      ['change-set.create', 'author@example.test'],
    ]);
  });
});

function betaRule() {
  return { clauses: [{ attribute: '', op: 'segmentMatch', values: ['beta'] }], variation: 0 };
}
