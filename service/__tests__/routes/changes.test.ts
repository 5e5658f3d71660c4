import { type Api, apiOf, createSettings, IN_PRODUCTION } from '../support/api.js';
import { openTestApp, type TestApp } from '../support/app.js';

let service: TestApp;
let api: Api;
beforeEach(async () => {
  service = await openTestApp();
  api = apiOf(service);
  await createSettings(api, 'a', 'b');
  await api.post(`${IN_PRODUCTION}/segments`, { key: 'beta' });
});
afterEach(() => service.close());

const apply = (changes: unknown, more: object = {}) => api.post(`${IN_PRODUCTION}/changes`, { changes, ...more });
const state = async () => (await service.app.inject({ url: '/sdk/latest-all', headers: service.asSdk })).body;

describe('POST /environments/{env}/changes', () => {
  it('applies all as one revision', async () => {
    const { revision } = (await api.get(IN_PRODUCTION)).body;
    const answer = await apply(
      [
        { setting: 'a', patch: { on: true } },
        { segment: 'beta', patch: { included: ['u1'] } },
      ],
      { comment: 'launch' },
    );
    expect([answer.status, answer.body]).toEqual([200, { revision: revision + 1 }]);
    const { flags, segments } = JSON.parse(await state());
    expect([flags.a.version, flags.a.on, segments.beta.version]).toEqual([revision + 1, true, revision + 1]);
  });

  it('checks what all of them come to and not each alone', async () => {
    const answer = await apply([
      { setting: 'a', patch: { prerequisites: [{ key: 'b', variation: 0 }] } },
      { setting: 'b', patch: { prerequisites: [] } },
    ]);
    expect(answer.status).toBe(200);
  });

  it('applies none when one is faulty, and names it', async () => {
    const before = await state();
    expect(
      await apply([
        { setting: 'a', patch: { on: true } },
        { setting: 'b', patch: { rules: [{ variation: 9 }] } },
      ]),
    ).toMatchObject({ status: 422, body: { pointer: '/changes/1/patch/rules/0/variation' } });
    expect(await state()).toBe(before);
  });

  it.each<[string, unknown, string]>([
    ['an unknown setting', [{ setting: 'none', patch: {} }], '/changes/0/setting'],
    [
      'an unknown segment',
      [
        { setting: 'a', patch: {} },
        { segment: 'none', patch: {} },
      ],
      '/changes/1/segment',
    ],
    ['an unknown field of a patch', [{ setting: 'a', patch: { nope: 1 } }], '/changes/0/patch/nope'],
    ['neither setting nor segment', [{ patch: {} }], '/changes/0'],
    ['setting and segment at once', [{ setting: 'a', segment: 'beta', patch: {} }], '/changes/0'],
    ['no patch', [{ setting: 'a' }], '/changes/0'],
    ['an unknown field', [{ setting: 'a', patch: {}, x: 1 }], '/changes/0/x'],
    ['no changes', [], '/changes'],
    ['too many changes', Array(201).fill({ setting: 'a', patch: {} }), '/changes'],
    ['what the service owns', [{ setting: 'a', patch: { version: 99 } }], '/changes/0/patch/version'],
  ])('refuses %s, naming where it stands', async (_what, changes, pointer) => {
    const before = await state();
    expect(await apply(changes)).toMatchObject({ status: 422, body: { code: 'invalid_body', pointer } });
    expect(await state()).toBe(before);
  });

  it('applies several changes of one item one after another', async () => {
    await apply([
      { setting: 'a', patch: { on: true } },
      { setting: 'a', patch: { offVariation: 0 } },
    ]);
    expect(JSON.parse(await state()).flags.a).toMatchObject({ on: true, offVariation: 0 });
  });

  it('is refused for a version that is not the present one', async () => {
    const { version } = JSON.parse(await state()).flags.a;
    expect((await apply([{ setting: 'a', patch: { on: true }, version }])).status).toBe(200);
    expect(await apply([{ setting: 'a', patch: { on: false }, version }])).toMatchObject({
      status: 412,
      body: { current: { setting: { on: true } } },
    });
  });

  it('is one entry of the audit, with its comment', async () => {
    await apply(
      [
        { setting: 'a', patch: { on: true } },
        { setting: 'b', patch: { on: true } },
      ],
      { comment: 'launch' },
    );
    const [entry] = (await api.get('/audit?limit=1')).body.entries;
    expect(entry).toMatchObject({
      action: 'environment.change',
      comment: 'launch',
      items: [{ key: 'a' }, { key: 'b' }],
    });
  });

  it('answers 404 for an unknown environment', async () => {
    const changes = [{ setting: 'a', patch: {} }];
    expect((await api.post('/environments/none/changes', { changes })).status).toBe(404);
  });
});
