import { type Api, apiOf, createSettings, IN_PRODUCTION } from '../support/api.js';
import { openTestApp, type TestApp } from '../support/app.js';

let service: TestApp;
let api: Api;
beforeEach(async () => {
  service = await openTestApp();
  api = apiOf(service);
});
afterEach(() => service.close());

describe('GET segment-usage', () => {
  it('names settings and segments whose rules ask for a segment', async () => {
    await createSettings(api, 's', 'other');
    await api.post(`${IN_PRODUCTION}/segments`, { key: 'beta' });
    await api.post(`${IN_PRODUCTION}/segments`, { key: 'unused' });
    const clauses = [{ attribute: '', op: 'segmentMatch', values: ['beta'] }];
    await api.patch(`${IN_PRODUCTION}/settings/s`, {
      rules: [
        { variation: 0, clauses },
        { variation: 1, clauses },
      ],
    });
    await api.post(`${IN_PRODUCTION}/segments`, { key: 'wider', rules: [{ clauses }] });
    expect((await api.get(`${IN_PRODUCTION}/segment-usage`)).body).toEqual({
      usage: { beta: { settings: ['s'], segments: ['wider'] } },
    });
  });
});
