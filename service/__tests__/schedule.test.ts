import { Schedule } from '../src/schedule.js';
import { openTestApp, type TestApp } from './support/app.js';

const BASE = '/environments/production/change-sets';
const FLIP = { setting: 'a.setting', patch: { on: true } };
let now: number;
let service: TestApp;
beforeEach(async () => {
  now = Date.parse('2030-01-01T00:00:00Z');
  service = await openTestApp({ now: () => now });
  await call('POST', '/settings', { key: 'a.setting', type: 'boolean' });
});
afterEach(() => service.close());

async function call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, payload?: object) {
  const answer = await service.app.inject({
    method,
    url: `/api/v1${path}`,
    headers: service.asAdmin,
    ...(payload && { payload }),
  });
  return { status: answer.statusCode, ...(answer.body === '' ? {} : answer.json()) };
}

async function schedule(at = '2030-01-01T08:00:00Z', changes: object[] = [FLIP]): Promise<string> {
  const { id } = await call('POST', BASE, { title: 'launch', changes });
  expect(await call('POST', `${BASE}/${id}/schedule`, { at })).toMatchObject({ status: 200, state: 'scheduled' });
  return id;
}

const isOn = () => service.parts.feed.environment('production').settings.get('a.setting')?.on;
const state = async (id: string) => (await call('GET', `${BASE}/${id}`)).state;

/** Another node on the same database. */
function otherNode(): Schedule {
  return new Schedule(service.parts);
}

describe('a scheduled change set', () => {
  it('is applied at its time, not before', async () => {
    const id = await schedule();
    now = Date.parse('2030-01-01T07:59:59.999Z');
    await service.parts.schedule.check();
    expect([isOn(), await state(id)]).toEqual([false, 'scheduled']);
    now += 1;
    await service.parts.schedule.check();
    expect([isOn(), await state(id)]).toEqual([true, 'applied']);
  });

  it('is applied by the service itself, as the audit says', async () => {
    const id = await schedule();
    now = Date.parse('2030-01-01T08:00:00Z');
    await service.parts.schedule.check();
    const { auditId } = await call('GET', `${BASE}/${id}`);
    expect((await call('GET', `/audit/${auditId}`)).actor).toEqual({
      kind: 'system',
      id: 'system',
      name: 'Feathery',
      address: null,
    });
  });

  it('is applied once, however many nodes try', async () => {
    await schedule();
    const { revision } = service.parts.feed.environment('production');
    now = Date.parse('2030-01-01T08:00:00Z');
    const nodes = [otherNode(), otherNode(), otherNode()];
    await Promise.all(nodes.map((node) => node.check()));
    for (const node of nodes) await node.close();
    expect(service.parts.feed.environment('production').revision).toBe(revision + 1);
    const { entries } = await call('GET', '/audit?action=change-set.apply');
    expect(entries).toHaveLength(1);
  });

  it('that came due while the service was down is applied at its start', async () => {
    await schedule();
    await service.parts.schedule.close();
    now = Date.parse('2030-01-02T00:00:00Z');
    const restarted = otherNode();
    await restarted.check();
    await restarted.close();
    expect(isOn()).toBe(true);
  });

  it('can be given another time, or none', async () => {
    const later = await schedule();
    await call('POST', `${BASE}/${later}/schedule`, { at: '2030-01-02T00:00:00Z' });
    const never = await schedule();
    await call('POST', `${BASE}/${never}/withdraw`);
    now = Date.parse('2030-01-01T08:00:00Z');
    await service.parts.schedule.check();
    expect([isOn(), await state(later), await state(never)]).toEqual([false, 'scheduled', 'draft']);
  });

  it('that cannot be applied says why, and the next ones go on', async () => {
    await call('POST', '/settings', { key: 'b.setting', type: 'boolean' });
    const broken = await schedule('2030-01-01T08:00:00Z', [{ setting: 'b.setting', patch: { on: true } }]);
    const good = await schedule();
    await call('DELETE', '/settings/b.setting');
    now = Date.parse('2030-01-01T08:00:00Z');
    await service.parts.schedule.check();
    const failed = await call('GET', `${BASE}/${broken}`);
    expect(failed).toMatchObject({ state: 'failed', failure: expect.stringContaining('b.setting') });
    expect(await state(good)).toBe('applied');
  });

  it('into a frozen environment fails', async () => {
    const id = await schedule();
    await call('PUT', '/environments/production/freeze', { reason: 'incident' });
    now = Date.parse('2030-01-01T08:00:00Z');
    await service.parts.schedule.check();
    expect(await call('GET', `${BASE}/${id}`)).toMatchObject({
      state: 'failed',
      failure: expect.stringContaining('incident'),
    });
    expect(isOn()).toBe(false);
  });

  it('needs its approval before it is scheduled', async () => {
    await call('PUT', '/environments/production/approval', { required: true });
    const { id } = await call('POST', BASE, { title: 'launch', changes: [FLIP] });
    const refused = await call('POST', `${BASE}/${id}/schedule`, { at: '2030-01-01T08:00:00Z' });
    expect(refused).toMatchObject({ status: 409, code: 'approval_required' });
  });

  it.each(['2030-01-01T00:00:00Z', '2029-01-01T00:00:00Z', 'tomorrow'])('is not made for %s', async (at) => {
    const { id } = await call('POST', BASE, { title: 'launch', changes: [FLIP] });
    expect(await call('POST', `${BASE}/${id}/schedule`, { at })).toMatchObject({ status: 422, pointer: '/at' });
  });
});

describe('the schedule', () => {
  it('stays as it is while the database is away, and leaves no timer when closed', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'performance'] });
    const node = new Schedule({
      ...service.parts,
      database: {
        selectFrom: () => {
          throw new Error('database is away');
        },
      } as never,
    });
    const before = jest.getTimerCount();
    await node.check();
    expect(jest.getTimerCount()).toBe(before + 1);
    await node.close();
    expect(jest.getTimerCount()).toBe(before);
    jest.useRealTimers();
  });
});
