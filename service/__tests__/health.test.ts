import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICE_VERSION } from '../src/version.js';
import { apiOf } from './support/api.js';
import { openTestApp, type TestApp } from './support/app.js';

let service: TestApp;
beforeEach(async () => {
  service = await openTestApp();
});
afterEach(() => service.close());

describe('health', () => {
  it.each(['/healthz', '/readyz'])('is well at %s', async (url) => {
    const answer = await service.app.inject(url);
    expect([answer.statusCode, answer.json()]).toEqual([200, { status: 'ok' }]);
  });

  it('is not ready, but alive, when the database cannot be asked', async () => {
    await service.parts.database.destroy();
    const ready = await service.app.inject('/readyz');
    expect([ready.statusCode, ready.json().code]).toEqual([503, 'database_unavailable']);
    expect((await service.app.inject('/healthz')).statusCode).toBe(200);
  });
});

describe('metrics', () => {
  const read = async () => (await service.app.inject('/metrics')).body;

  it('tell how requests were answered, by route and not by address', async () => {
    await apiOf(service).get('/settings/some-key');
    expect(await read()).toContain(
      'feathery_http_request_seconds_count{method="GET",route="/api/v1/settings/:key",status="404"} 1',
    );
    expect(await read()).not.toContain('some-key');
  });

  it('tell the revision of each environment, and forget the deleted', async () => {
    const api = apiOf(service);
    await api.post('/environments', { key: 'staging' });
    await api.post('/settings', { key: 'a', type: 'boolean' });
    expect(await read()).toContain('feathery_revision{environment="staging"} 2');
    expect(await read()).toContain('feathery_commits_total{environment="production"} 1');
    await api.delete('/environments/staging');
    expect(await read()).not.toContain('feathery_revision{environment="staging"}');
  });

  it('tell how the database and its queries do, and the version', async () => {
    const text = await read();
    expect(text).toMatch(/^feathery_database_query_seconds_count\{outcome="ok"\} [1-9]/m);
    if (service.parts.config.databaseUrl === undefined) expect(text).toMatch(/^feathery_database_bytes [1-9]/m);
    expect(text).toContain(`feathery_build_info{version="${SERVICE_VERSION}"} 1`);
  });

  it('are each in the table of docs/operations.md, and the other way round', async () => {
    const page = readFileSync(join(__dirname, '../../docs/operations.md'), 'utf8');
    const listed = [...page.matchAll(/^\| `(feathery_\w+)` /gm)].map(([, name]) => name);
    const names = [...(await read()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name as string);
    const own = names.filter((name) => !/^feathery_(process|nodejs)_/.test(name));
    // The size of a database is known where it is a file of ours.
    const expected = new Set([...own, 'feathery_database_bytes']);
    expect(listed.sort()).toEqual([...expected].sort());
  });

  it('ask for their token when there is one', async () => {
    const guarded = await openTestApp({ config: { metricsToken: 'for-prometheus' } });
    const statusOf = async (headers: Record<string, string>) =>
      (await guarded.app.inject({ url: '/metrics', headers })).statusCode;
    expect(await statusOf({})).toBe(401);
    expect(await statusOf({ authorization: 'Bearer for-others' })).toBe(401);
    expect(await statusOf(guarded.asAdmin)).toBe(401);
    expect(await statusOf({ authorization: 'Bearer for-prometheus' })).toBe(200);
    await guarded.close();
  });

  it('have only names of our own', async () => {
    const names = [...(await read()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name as string);
    expect(names.filter((name) => !name.startsWith('feathery_'))).toEqual([]);
  });
});
