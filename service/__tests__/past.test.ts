import { type Api, apiOf, createSettings, IN_PRODUCTION } from './support/api.js';
import { openTestApp, type TestApp } from './support/app.js';

let service: TestApp;
let api: Api;
beforeEach(async () => {
  service = await openTestApp();
  api = apiOf(service);
});
afterEach(() => service.close());

const revision = async (): Promise<number> => (await api.get(IN_PRODUCTION)).body.revision;
const at = (wanted: number, key = 's', context: object = { key: 'ann' }) =>
  api.post(`${IN_PRODUCTION}/evaluate`, { context, settings: [key], revision: wanted });
const reasonAt = async (wanted: number, key = 's') => (await at(wanted, key)).body.results[key].reason;

describe('evaluate at an earlier revision', () => {
  it('answers as it would have then, before and after each change', async () => {
    await createSettings(api, 's');
    const created = await revision();
    await api.patch(`${IN_PRODUCTION}/settings/s`, { on: true });
    await api.patch(`${IN_PRODUCTION}/settings/s`, { targets: [{ variation: 1, values: ['ann'] }] });
    await api.patch(`${IN_PRODUCTION}/settings/s`, { on: false });
    expect(await reasonAt(created)).toEqual({ kind: 'OFF' });
    expect(await reasonAt(created + 1)).toEqual({ kind: 'FALLTHROUGH' });
    expect(await reasonAt(created + 2)).toEqual({ kind: 'TARGET_MATCH' });
    expect(await reasonAt(created + 3)).toEqual({ kind: 'OFF' });
    expect((await at(created + 1)).body.revision).toBe(created + 1);
  });

  it('does not know what was created later, and still knows what was deleted later', async () => {
    await createSettings(api, 's');
    const before = await revision();
    await createSettings(api, 'later');
    await api.delete('/settings/s');
    expect(await reasonAt(before, 'later')).toEqual({ kind: 'ERROR', errorKind: 'FLAG_NOT_FOUND' });
    expect(await reasonAt(before)).toEqual({ kind: 'OFF' });
    expect(await reasonAt(await revision())).toEqual({ kind: 'ERROR', errorKind: 'FLAG_NOT_FOUND' });
  });

  it('has the segments and values of that time, whatever else the same commit changed', async () => {
    await createSettings(api, 's');
    await api.post(`${IN_PRODUCTION}/segments`, { key: 'beta', included: ['ann'] });
    const clauses = [{ attribute: '', op: 'segmentMatch', values: ['beta'] }];
    await api.patch(`${IN_PRODUCTION}/settings/s`, { on: true, rules: [{ variation: 2, clauses }] });
    const before = await revision();
    await api.post(`${IN_PRODUCTION}/changes`, {
      changes: [
        { segment: 'beta', patch: { included: [] } },
        { setting: 's', patch: { fallthrough: { variation: 1 } } },
      ],
    });
    await api.patch('/settings/s', { variations: [{ value: 'x' }, { value: 'y' }, { value: 'z' }] });
    expect((await at(before)).body.results.s).toMatchObject({ value: 'c', reason: { kind: 'RULE_MATCH' } });
    expect((await at(before + 1)).body.results.s).toMatchObject({ value: 'b' });
    expect((await at(before + 2)).body.results.s).toMatchObject({ value: 'y' });
  });

  it('reaches back over more changes than one page of the audit holds', async () => {
    const keys = Array.from({ length: 60 }, (_, index) => `s-${index}`);
    await createSettings(api, ...keys);
    const before = await revision();
    for (let round = 0; round < 10; round++) {
      const changes = keys.map((setting) => ({ setting, patch: { on: round % 2 === 0 } }));
      await api.post(`${IN_PRODUCTION}/changes`, { changes });
    }
    expect(await reasonAt(before, 's-59')).toEqual({ kind: 'OFF' });
    expect(await reasonAt(before + 1, 's-59')).toEqual({ kind: 'FALLTHROUGH' });
  });

  it('refuses a revision that has not been', async () => {
    await createSettings(api, 's');
    expect(await at((await revision()) + 1)).toMatchObject({ status: 422, body: { pointer: '/revision' } });
  });

  it('leaves the present as it is', async () => {
    await createSettings(api, 's');
    const before = await revision();
    await api.patch(`${IN_PRODUCTION}/settings/s`, { on: true });
    await at(before);
    expect(await reasonAt(await revision())).toEqual({ kind: 'FALLTHROUGH' });
  });
});
