import { type Api, apiOf, createSettings, IN_PRODUCTION } from '../support/api.js';
import { openTestApp, type TestApp } from '../support/app.js';

let service: TestApp;
let api: Api;
beforeEach(async () => {
  service = await openTestApp({ config: { maxSegments: 3 } });
  api = apiOf(service);
});
afterEach(() => service.close());

const SEGMENTS = `${IN_PRODUCTION}/segments`;
const asking = (segment: string) => ({
  rules: [{ variation: 0, clauses: [{ op: 'segmentMatch', values: [segment] }] }],
});

describe('segments', () => {
  it('are created with what a patch could set', async () => {
    const { status, body, headers } = await api.post(SEGMENTS, {
      key: 'beta',
      name: 'Beta',
      tags: ['x'],
      included: ['u1'],
    });
    expect([status, headers]).toMatchObject([201, { etag: `"${body.revision}"`, location: `/api/v1${SEGMENTS}/beta` }]);
    expect(body).toEqual({
      environment: 'production',
      revision: body.revision,
      segment: {
        key: 'beta',
        version: body.revision,
        name: 'Beta',
        description: '',
        tags: ['x'],
        deleted: false,
        included: ['u1'],
        excluded: [],
        includedContexts: [],
        excludedContexts: [],
        rules: [],
        salt: expect.stringMatching(/^[0-9a-f]{16}$/),
        unbounded: false,
        generation: null,
      },
    });
    expect((await api.get(`${SEGMENTS}/beta`)).body).toEqual(body);
  });

  it.each<[object, number, string]>([
    [{ key: 'taken' }, 409, 'already_exists'],
    [{ key: 'a b' }, 422, 'invalid_body'],
    [{}, 422, 'invalid_body'],
    [{ key: 'a', version: 9 }, 422, 'invalid_body'],
    [{ key: 'a', rules: [{ clauses: [{ op: 'segmentMatch', values: ['a'] }] }] }, 422, 'invalid_body'],
  ])('are refused as %j', async (body, status, code) => {
    await api.post(SEGMENTS, { key: 'taken' });
    expect(await api.post(SEGMENTS, body)).toMatchObject({ status, body: { code } });
  });

  it('are refused beyond the number an environment keeps', async () => {
    for (const key of ['a', 'b', 'c']) await api.post(SEGMENTS, { key });
    expect(await api.post(SEGMENTS, { key: 'd' })).toMatchObject({ status: 409, body: { code: 'limit_reached' } });
  });

  it('are listed by key, found by text and by tag', async () => {
    await api.post(SEGMENTS, { key: 'b', description: 'Early BIRDS' });
    await api.post(SEGMENTS, { key: 'a', tags: ['shop'] });
    const keysOf = async (query: string) =>
      (await api.get(`${SEGMENTS}?${query}`)).body.segments.map(({ key }: { key: string }) => key);
    expect(await keysOf('')).toEqual(['a', 'b']);
    expect(await keysOf('q=birds')).toEqual(['b']);
    expect(await keysOf('tag=shop')).toEqual(['a']);
    const { nextCursor } = (await api.get(`${SEGMENTS}?limit=1`)).body;
    expect(await keysOf(`limit=1&cursor=${nextCursor}`)).toEqual(['b']);
  });

  it('take a merge patch of the wire model and of what people read', async () => {
    await api.post(SEGMENTS, { key: 'beta', included: ['u1'] });
    const { body } = await api.patch(`${SEGMENTS}/beta`, { included: ['u2'], name: 'New', tags: null });
    expect(body.segment).toMatchObject({ included: ['u2'], name: 'New', tags: [], version: body.revision });
    expect((await api.get(`${SEGMENTS}/beta`)).body).toEqual(body);
  });

  it('keep their name when their rules change', async () => {
    await api.post(SEGMENTS, { key: 'beta', name: 'Beta' });
    const { body } = await api.patch(`${SEGMENTS}/beta`, { rules: [{ weight: 50_000 }] });
    expect(body.segment).toMatchObject({
      name: 'Beta',
      rules: [{ id: expect.any(String), clauses: [], weight: 50_000 }],
    });
  });

  it('do not show servers what only people read', async () => {
    await api.post(SEGMENTS, { key: 'beta', name: 'Secret plan' });
    const poll = await service.app.inject({ url: '/sdk/latest-all', headers: service.asSdk });
    expect(poll.json().segments.beta).toMatchObject({ key: 'beta' });
    expect(poll.body).not.toContain('Secret plan');
  });

  it('are refused with the present state for a stale version', async () => {
    const { headers } = await api.post(SEGMENTS, { key: 'beta' });
    await api.patch(`${SEGMENTS}/beta`, { included: ['u'] });
    const stale = { 'if-match': headers.etag as string };
    expect(await api.patch(`${SEGMENTS}/beta`, { included: [] }, stale)).toMatchObject({
      status: 412,
      body: { current: { segment: { included: ['u'] } } },
    });
    expect((await api.delete(`${SEGMENTS}/beta`, stale)).status).toBe(412);
  });

  it('are deleted only when nothing asks for them', async () => {
    await createSettings(api, 's');
    for (const key of ['beta', 'outer']) await api.post(SEGMENTS, { key });
    await api.patch(`${IN_PRODUCTION}/settings/s`, asking('beta'));
    await api.patch(`${SEGMENTS}/outer`, { rules: [{ clauses: [{ op: 'segmentMatch', values: ['beta'] }] }] });
    const refused = await api.delete(`${SEGMENTS}/beta`);
    expect(refused).toMatchObject({ status: 409, body: { code: 'in_use' } });
    expect(refused.body.neededBy).toEqual([
      { environment: 'production', kind: 'setting', key: 's' },
      { environment: 'production', kind: 'segment', key: 'outer' },
    ]);
    await api.patch(`${IN_PRODUCTION}/settings/s`, { rules: [] });
    expect((await api.delete(`${SEGMENTS}/outer`)).status).toBe(204);
    expect((await api.delete(`${SEGMENTS}/beta`)).status).toBe(204);
    expect(await api.get(`${SEGMENTS}/beta`)).toMatchObject({ status: 404, body: { code: 'segment_not_found' } });
  });

  it('answer 404 when unknown', async () => {
    for (const answer of [await api.patch(`${SEGMENTS}/none`, {}), await api.delete(`${SEGMENTS}/none`)]) {
      expect(answer).toMatchObject({ status: 404, body: { code: 'segment_not_found' } });
    }
  });
});
