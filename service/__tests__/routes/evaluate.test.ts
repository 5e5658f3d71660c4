import { type Api, apiOf, createSettings, IN_PRODUCTION } from '../support/api.js';
import { openTestApp, type TestApp } from '../support/app.js';

let service: TestApp;
let api: Api;
beforeEach(async () => {
  service = await openTestApp();
  api = apiOf(service);
  await createSettings(api, 's', 'other');
});
afterEach(() => service.close());

const evaluate = (body: unknown) => api.post(`${IN_PRODUCTION}/evaluate`, body);

describe('POST /environments/{env}/evaluate', () => {
  it('answers with value, reason and why', async () => {
    await api.patch(`${IN_PRODUCTION}/settings/s`, { on: true, targets: [{ variation: 1, values: ['ann'] }] });
    const { body } = await evaluate({ context: { key: 'ann' }, settings: ['s'] });
    expect(body).toEqual({
      revision: (await api.get(IN_PRODUCTION)).body.revision,
      results: {
        s: {
          value: 'b',
          variationIndex: 1,
          reason: { kind: 'TARGET_MATCH' },
          trace: [{ step: 'targets', matched: true, contextKind: 'user' }],
        },
      },
    });
  });

  it('answers for all settings when none are named', async () => {
    const { body } = await evaluate({ context: { key: 'ann' } });
    expect(Object.keys(body.results).sort()).toEqual(['other', 's']);
  });

  it('follows a change at once', async () => {
    const kindOf = async () =>
      (await evaluate({ context: { key: 'ann' }, settings: ['s'] })).body.results.s.reason.kind;
    const before = await kindOf();
    await api.patch(`${IN_PRODUCTION}/settings/s`, { on: true });
    expect([before, await kindOf()]).toEqual(['OFF', 'FALLTHROUGH']);
  });

  it('answers for an unknown setting as an SDK does', async () => {
    const { body } = await evaluate({ context: { key: 'ann' }, settings: ['none'] });
    expect(body.results.none).toEqual({
      value: null,
      variationIndex: null,
      reason: { kind: 'ERROR', errorKind: 'FLAG_NOT_FOUND' },
      trace: [],
    });
  });

  it.each([[{}], [null], ['ann'], [{ kind: 'multi' }], [{ kind: 'a b', key: 'x' }], [{ kind: 'org', key: '' }]])(
    'refuses the context %j',
    async (context) => {
      expect(await evaluate({ context })).toMatchObject({ status: 422, body: { pointer: '/context' } });
    },
  );

  it('stops a pattern that would take for ever', async () => {
    const clause = { contextKind: 'user', attribute: 'name', op: 'matches', values: ['^(a+)+$'] };
    await api.patch(`${IN_PRODUCTION}/settings/s`, { on: true, rules: [{ variation: 1, clauses: [clause] }] });
    const answer = await evaluate({ context: { key: 'ann', name: `${'a'.repeat(60)}!` } });
    expect(answer).toMatchObject({ status: 422, body: { code: 'too_slow' } });
  });

  it('refuses a body without a context', async () => {
    expect(await evaluate({})).toMatchObject({ status: 422, body: { pointer: '/context' } });
  });
});
