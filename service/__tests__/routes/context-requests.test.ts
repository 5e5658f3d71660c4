import { type Api, apiOf, IN_PRODUCTION } from '../support/api.js';
import { openTestApp, type TestApp } from '../support/app.js';

let service: TestApp;
let api: Api;
beforeEach(async () => {
  service = await openTestApp({ config: { ingestWindowMs: 0 } });
  api = apiOf(service);
});
afterEach(() => service.close());

const send = (payload: object[], headers: Record<string, string> = {}) =>
  service.app.inject({ method: 'POST', url: '/bulk', headers: { ...service.asSdk, ...headers }, payload });

describe('GET contexts/{kind}/{key}/requests', () => {
  it('tells what was reported, and by which application', async () => {
    const context = { kind: 'multi', user: { key: 'ann' }, organization: { key: 'acme' } };
    const tags = { 'x-launchdarkly-tags': 'application-id/shop application-name/ams-1' };
    await send([{ kind: 'index', context, creationDate: 1_700_000_000_000 }], tags);
    const { body } = await api.get(`${IN_PRODUCTION}/contexts/organization/acme/requests`);
    expect(body.requests).toEqual([
      {
        at: '2023-11-14T22:13:20.000Z',
        kind: 'seen',
        contexts: { user: 'ann', organization: 'acme' },
        key: null,
        value: null,
        metric: null,
        server: 'ams-1',
      },
    ]);
  });

  it('is empty for someone of whom nothing was reported, and 404 in an unknown environment', async () => {
    expect((await api.get(`${IN_PRODUCTION}/contexts/user/nobody/requests`)).body).toEqual({ requests: [] });
    expect((await api.get('/environments/none/contexts/user/a/requests')).status).toBe(404);
  });
});

describe('GET context-kinds', () => {
  it('counts the contexts of each kind, the most first', async () => {
    const users = ['ann', 'ben'].map((key) => ({ kind: 'multi', user: { key }, organization: { key: 'acme' } }));
    await send(users.map((context) => ({ kind: 'index', context })));
    expect((await api.get(`${IN_PRODUCTION}/context-kinds`)).body).toEqual({
      kinds: [
        { kind: 'user', count: 2 },
        { kind: 'organization', count: 1 },
      ],
    });
  });
});
