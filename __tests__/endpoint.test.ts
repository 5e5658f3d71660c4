import { gunzipSync } from 'node:zlib';
import { Endpoint } from '../lib/endpoint.js';
import { type ClientOptions, resolveOptions } from '../lib/options.js';
import { FakeService } from './support/fake-service.js';

const headers = { 'User-Agent': 'Test/1', 'X-LaunchDarkly-Instance-Id': 'i-1' };

describe('Endpoint', () => {
  let service: FakeService;
  let end: AbortController;

  beforeEach(() => {
    service = new FakeService();
    end = new AbortController();
  });

  function endpoint(options: ClientOptions = {}): Endpoint {
    const resolved = resolveOptions({ serviceUri: 'http://events.test/base/', ...options }, { warn: () => {} });
    return new Endpoint({ options: resolved, sdkKey: 'key-1', headers, fetch: service.fetch, signal: end.signal });
  }

  it('posts JSON with the headers that say who is asking', () => {
    void endpoint().post('/bulk', '[1]', { 'X-Extra': 'yes' });
    expect(service.request(0)).toMatchObject({
      url: 'http://events.test/base/bulk',
      init: {
        method: 'POST',
        body: '[1]',
        timeoutMs: 10_000,
        headers: {
          ...headers,
          Authorization: 'key-1',
          'Content-Type': 'application/json',
          'X-Extra': 'yes',
        },
      },
    });
    expect(service.request(0).init.headers).not.toHaveProperty('Content-Encoding');
  });

  it('compresses the body when asked to', async () => {
    service.answer = (request) => request.answer(202);
    await endpoint({ enableEventCompression: true }).post('/bulk', '["compressed"]');
    const { body, headers: sent } = service.request(0).init;
    expect(sent).toMatchObject({ 'Content-Encoding': 'gzip' });
    expect(gunzipSync(body as Uint8Array).toString()).toBe('["compressed"]');
  });

  it.each([
    [200, 'good'],
    [202, 'good'],
    [204, 'good'],
    [301, 'recoverable'],
    [400, 'recoverable'],
    [401, 'refused'],
    [403, 'refused'],
    [404, 'refused'],
    [408, 'recoverable'],
    [413, 'too-large'],
    [429, 'recoverable'],
    [500, 'recoverable'],
    [503, 'recoverable'],
  ])('takes status %i as %s', async (status, outcome) => {
    service.answer = (request) => request.answer(status);
    expect(await endpoint().post('/bulk', '[]')).toEqual({ outcome, reason: `status ${status}` });
  });

  it('takes a broken connection as recoverable', async () => {
    service.answer = (request) => request.fail(new Error('ECONNRESET'));
    expect(await endpoint().post('/bulk', '[]')).toEqual({ outcome: 'recoverable', reason: 'ECONNRESET' });
  });

  it('remembers the time of the service as soon as the headers are there, of any answer', async () => {
    const target = endpoint();
    expect(target.serverTime).toBe(Number.NEGATIVE_INFINITY);
    const answered = target.post('/bulk', '[]');
    // The body never ends; that must not matter.
    service.request(0).answer(503, { date: 'Thu, 09 Oct 2025 08:53:20 GMT' });
    await answered;
    expect(target.serverTime).toBe(1760000000000);
  });

  it('keeps the time it knows when an answer has none or a broken one', async () => {
    const target = endpoint();
    const dates: Record<string, string>[] = [{ Date: 'Thu, 09 Oct 2025 08:53:20 GMT' }, {}, { Date: 'soon' }];
    service.answer = (request) => request.answer(202, dates.shift());
    for (let i = 0; i < 3; i++) await target.post('/bulk', '[]');
    expect(target.serverTime).toBe(1760000000000);
  });

  it('uses the new key after a rotation', () => {
    const target = endpoint();
    target.rotate('key-2');
    void target.post('/bulk', '[]');
    expect(service.request(0).init.headers).toMatchObject({ Authorization: 'key-2' });
  });

  it('repeats a request at once that was refused for a key replaced in the meantime', async () => {
    const target = endpoint();
    const answered = target.post('/bulk', '[7]', { 'X-LaunchDarkly-Payload-ID': 'p' });
    target.rotate('key-2');
    service.answer = (request) => request.answer(202);
    service.request(0).answer(401);
    expect(await answered).toMatchObject({ outcome: 'good' });
    expect(service.request(1).init).toMatchObject({
      body: '[7]',
      headers: { Authorization: 'key-2', 'X-LaunchDarkly-Payload-ID': 'p' },
    });
  });

  it('ends its requests with the signal', async () => {
    const answered = endpoint().post('/bulk', '[]');
    end.abort();
    expect((await answered).outcome).toBe('recoverable');
  });
});
