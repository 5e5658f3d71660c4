// Bounds that an operator can set, each met once: what is beyond is refused with a problem that says so, and nothing of
// it is kept. Those of streams are in hub and routes/stream, those of ingest in routes/bulk.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../src/config.js';
import { OPTIONS } from '../src/options.js';
import { apiOf, createSettings, IN_PRODUCTION } from './support/api.js';
import { openTestApp, type TestApp } from './support/app.js';

const KEYS = ['a', 'b', 'c'];
const rulesOf = (count: number) => Array.from({ length: count }, () => ({ variation: 0, clauses: [] }));
const segmentRulesOf = (count: number) => Array.from({ length: count }, () => ({ clauses: [] }));

let service: TestApp;
afterEach(() => service.close());

const start = async (config: Partial<Config>, now?: () => number) => {
  service = await openTestApp({ config, ...(now && { now }) });
  return apiOf(service);
};

describe('lists of a setting', () => {
  it.each([
    ['targets', { targets: [{ variation: 0, values: KEYS }] }, '/targets/0/values'],
    [
      'contextTargets',
      { contextTargets: [{ contextKind: 'organization', variation: 0, values: KEYS }] },
      '/contextTargets/0/values',
    ],
    ['rules', { rules: rulesOf(3) }, '/rules'],
  ])('named %s are bounded', async (_name, patch, pointer) => {
    const api = await start({ maxTargetKeys: 2, maxRules: 2 });
    await createSettings(api, 'x');
    const refused = await api.patch(`${IN_PRODUCTION}/settings/x`, patch);
    expect([refused.status, refused.body.code, refused.body.pointer]).toEqual([422, 'invalid_body', pointer]);
    expect(refused.body.detail).toContain('has 3 entries; this service takes 2');
    expect((await api.get(`${IN_PRODUCTION}/settings/x`)).body.setting.version).toBe(2);
  });

  it('may be as long as the bound', async () => {
    const api = await start({ maxTargetKeys: 3, maxRules: 2 });
    await createSettings(api, 'x');
    const patch = { targets: [{ variation: 0, values: KEYS }], rules: rulesOf(2) };
    expect((await api.patch(`${IN_PRODUCTION}/settings/x`, patch)).status).toBe(200);
  });
});

describe('lists of a segment', () => {
  it.each([
    ['included', { included: KEYS }, '/included'],
    ['excluded', { excluded: KEYS }, '/excluded'],
    ['includedContexts', { includedContexts: [{ contextKind: 'a', values: KEYS }] }, '/includedContexts/0/values'],
    ['excludedContexts', { excludedContexts: [{ contextKind: 'a', values: KEYS }] }, '/excludedContexts/0/values'],
    ['rules', { rules: segmentRulesOf(3) }, '/rules'],
  ])('named %s are bounded', async (_name, fields, pointer) => {
    const api = await start({ maxTargetKeys: 2, maxRules: 2 });
    const { status, body } = await api.post(`${IN_PRODUCTION}/segments`, { key: 's', ...fields });
    expect([status, body.code, body.pointer]).toEqual([422, 'invalid_body', pointer]);
    expect((await api.get(`${IN_PRODUCTION}/segments`)).body.segments).toEqual([]);
  });
});

describe('requests with one SDK key', () => {
  it.each([
    ['GET', '/sdk/latest-all'],
    ['POST', '/bulk'],
    ['POST', '/diagnostic'],
    ['POST', '/sdk/receipts'],
    ['POST', '/ofrep/v1/evaluate/flags'],
  ] as const)('are bounded for %s %s, until the time for another has come', async (method, url) => {
    let time = Date.now();
    await start({ sdkBurst: 2, sdkPerSecond: 1, ingestWindowMs: 0 }, () => time);
    const ask = () =>
      service.app.inject({
        method,
        url,
        headers: { ...service.asSdk, 'content-type': 'application/json' },
        ...(method === 'POST' && { payload: url === '/bulk' ? '[]' : '{}' }),
      });
    const statuses = [await ask(), await ask()].map(({ statusCode }) => statusCode);
    expect(statuses).not.toContain(429);
    const refused = await ask();
    expect([refused.statusCode, refused.json().code, refused.headers['retry-after']]).toEqual([
      429,
      'rate_limited',
      '1',
    ]);
    time += 1000;
    expect((await ask()).statusCode).toBe(statuses[0]);
  });
});

describe('bodies', () => {
  it.each([
    ['/import', { maxImportBytes: 2048 }],
    ['/settings', { maxBodyBytes: 2048 }],
  ])('of %s are bounded', async (path, config) => {
    const api = await start(config);
    const { status, body } = await api.post(path, { key: 'x', description: 'x'.repeat(4000) });
    expect([status, body.code]).toEqual([413, 'body_too_large']);
  });
});

it('each have a test that sets them', async () => {
  await start({});
  const limits = Object.keys(OPTIONS).filter((name) => /^max[A-Z]|Burst$|PerSecond$/.test(name));
  const tests = ['limits', 'hub', 'receipts', 'resume', 'retention', 'ingest', 'connections', 'auth', 'routes/bulk']
    .concat(['routes/stream', 'routes/settings', 'routes/segments', 'routes/environments', 'routes/live'])
    .map((name) => readFileSync(join(__dirname, `${name}.test.ts`), 'utf8'))
    .join('\n');
  expect(limits.filter((name) => !new RegExp(`\\b${name}\\b`).test(tests))).toEqual([]);
});
