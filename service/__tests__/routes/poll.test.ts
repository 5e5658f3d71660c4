import { gunzipSync } from 'node:zlib';
import { openTestApp, SDK_KEY, type TestApp } from '../support/app.js';

let service: TestApp;

beforeEach(async () => {
  service = await openTestApp();
  await admin('POST', '/settings', { key: 'a', type: 'boolean' });
});

afterEach(() => service.close());

async function admin(method: 'POST' | 'PATCH', path: string, payload: object): Promise<void> {
  await service.app.inject({ method, url: `/api/v1${path}`, headers: service.asAdmin, payload });
}

function poll(headers: Record<string, string> = {}, query = '') {
  return service.app.inject({ url: `/sdk/latest-all${query}`, headers: { authorization: SDK_KEY, ...headers } });
}

describe('GET /sdk/latest-all', () => {
  it('answers everything, unwrapped', async () => {
    const answer = await poll();
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(answer.json()).toMatchObject({ flags: { a: { key: 'a', on: false } }, segments: {} });
  });

  it('answers 304 without a body while nothing has changed, and a new ETag after a change', async () => {
    const first = await poll();
    const etag = first.headers.etag as string;
    const second = await poll({ 'if-none-match': etag });
    expect([second.statusCode, second.body, second.headers.etag]).toEqual([304, '', etag]);
    await admin('PATCH', '/environments/production/settings/a', { on: true });
    const third = await poll({ 'if-none-match': etag });
    expect([third.statusCode, third.json().flags.a.on]).toEqual([200, true]);
    expect(third.headers.etag).not.toBe(etag);
  });

  it.each([
    ['strong', (etag: string) => etag.replace('W/', '')],
    ['one of several', (etag: string) => `"other", ${etag}`],
    ['any', () => '*'],
  ])('takes an ETag that comes back %s for the same', async (_how, toHeader) => {
    const { etag } = (await poll()).headers;
    expect((await poll({ 'if-none-match': toHeader(etag as string) })).statusCode).toBe(304);
  });

  it('compresses for those who take gzip, and follows each change', async () => {
    const unpacked = async () =>
      JSON.parse(gunzipSync((await poll({ 'accept-encoding': 'gzip' })).rawPayload).toString());
    expect((await unpacked()).flags.a.on).toBe(false);
    await admin('PATCH', '/environments/production/settings/a', { on: true });
    expect((await unpacked()).flags.a.on).toBe(true);
    const answer = await poll({ 'accept-encoding': 'br, gzip;q=0.8' });
    expect([answer.headers['content-encoding'], answer.headers.vary]).toEqual(['gzip', 'accept-encoding']);
  });

  it.each(['', 'identity', 'br', 'gzip;q=0', 'gzip; q=0.0'])('does not compress for %p', async (encoding) => {
    const answer = await poll({ 'accept-encoding': encoding });
    expect(answer.headers['content-encoding']).toBeUndefined();
    expect(answer.json().flags).toHaveProperty('a');
  });

  it('answers 401 to an unknown key and 404 to an unknown filter', async () => {
    expect((await poll({ authorization: 'sdk-unknown' })).statusCode).toBe(401);
    expect((await poll({}, '?filter=none')).statusCode).toBe(404);
  });
});
