// Everything that opens something, or is known of somebody, goes through a service that logs as much as it can.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '../src/log.js';
import { buildProgram, type Program, type Running } from './support/process.js';

const GIVEN = {
  FEATHERY_ADMIN_TOKEN: 'given-admin-token-1f6a9c',
  FEATHERY_SDK_KEY: 'given-sdk-key-77d0b2',
  FEATHERY_METRICS_TOKEN: 'given-metrics-token-5c31e8',
};
const PASSWORD = 'correct horse battery staple';
const WRONG = { password: 'wrong-password-91c2', token: 'wrong-token-3e77', sdkKey: 'wrong-sdk-key-b1b1' };
const USER = { key: 'user-key-ada-4711', email: 'ada.private@example.com' };

let program: Program;
let folder: string;
beforeAll(() => {
  program = buildProgram();
  folder = mkdtempSync(join(tmpdir(), 'feathery-log-'));
}, 60_000);
afterAll(() => {
  program.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** Calls a service and keeps every secret that it answers with. */
function client({ address }: Running) {
  const secrets: string[] = [];
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const answer = await fetch(address + path, {
      method,
      headers: {
        authorization: `Bearer ${GIVEN.FEATHERY_ADMIN_TOKEN}`,
        'x-feathery-csrf': '1',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    secrets.push(...(text.match(/\b(?:sdk|fta|fts|ftl)-[\w-]{20,}/g) ?? []));
    const cookie = /^[^=]+=([^;]{20,})/.exec(answer.headers.get('set-cookie') ?? '')?.[1];
    if (cookie !== undefined) secrets.push(cookie);
    return { status: answer.status, text, cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '' };
  };
  return { call, secrets };
}

describe('the log of a full run', () => {
  it('has no key, token, password, cookie, link or user', async () => {
    const service = await program.start(['serve', '--port', '0', '--data-dir', folder], {
      ...GIVEN,
      FEATHERY_LOG_LEVEL: 'debug',
    });
    const { call, secrets } = client(service);
    const setup = /#token=(\S+)/.exec(service.stdout.join('\n'))?.[1] as string;
    const asSdk = { authorization: GIVEN.FEATHERY_SDK_KEY };
    const use = { token: setup, password: PASSWORD, email: USER.email, name: 'Ada' };
    expect((await call('POST', '/api/v1/session/link/use', use, { authorization: '' })).status).toBe(201);
    const signIn = { email: USER.email, password: PASSWORD };
    const { status, cookie } = await call('POST', '/api/v1/session', signIn, { authorization: '' });
    expect(status).toBe(201);
    await call('POST', '/api/v1/session', { ...signIn, password: WRONG.password }, { authorization: '' });
    await call('GET', '/api/v1/session', undefined, { authorization: '', cookie });
    await call('POST', '/api/v1/members', { email: `other.${USER.email}`, name: 'Other', role: 'viewer' });
    await call('POST', '/api/v1/tokens', { name: 'CI', role: 'editor' });
    await call('POST', '/api/v1/environments/production/sdk-keys', { name: 'More' });
    await call('POST', '/api/v1/settings', { key: 'a', type: 'boolean' });
    await call('GET', `/api/v1/settings?q=${USER.key}&token=${WRONG.token}`);
    await call('GET', `/api/v1/environments/production/contexts/user/${USER.key}`);
    await call('POST', '/api/v1/environments/production/evaluate', { context: USER });
    await call('POST', '/api/v1/environments/production/evaluate', `{"secret":"${WRONG.token}`);
    const stream = { streamUri: service.address, sdkKey: WRONG.sdkKey, environment: 'production' };
    expect((await call('POST', '/api/v1/import/stream', stream)).status).toBe(502);
    await call('GET', '/api/v1/settings', undefined, { authorization: `Bearer ${WRONG.token}` });
    await call('GET', `/sdk/latest-all?key=${WRONG.sdkKey}`, undefined, { authorization: WRONG.sdkKey });
    await call('GET', '/sdk/latest-all', undefined, asSdk);
    await call(
      'POST',
      '/bulk',
      [{ kind: 'identify', creationDate: Date.now(), context: { kind: 'user', ...USER } }],
      asSdk,
    );
    await call('POST', '/bulk', `[{"kind":"identify","context":"${USER.key}`, asSdk);
    await call('POST', '/ofrep/v1/evaluate/flags', { context: { targetingKey: USER.key } }, asSdk);
    await call('GET', '/metrics', undefined, { authorization: `Bearer ${GIVEN.FEATHERY_METRICS_TOKEN}` });
    await call('GET', `/nowhere/${GIVEN.FEATHERY_SDK_KEY}`);
    await service.end('SIGTERM');

    // Some were made: the session's and the link's, a token, an SDK key.
    expect(secrets.length).toBeGreaterThanOrEqual(4);
    const log = service.stderr.join('\n');
    expect(log).toContain('"route":"/api/v1/session"');
    expect(log).toContain('"route":"/bulk"');
    const known = [
      setup,
      PASSWORD,
      ...secrets,
      ...Object.values(GIVEN),
      ...Object.values(WRONG),
      ...Object.values(USER),
    ];
    expect(known.filter((secret) => log.includes(secret))).toEqual([]);
    // What was given is not printed either; what the first start makes is printed once, on purpose.
    const out = service.stdout.join('\n');
    expect(Object.values(GIVEN).filter((secret) => out.includes(secret))).toEqual([]);
  }, 60_000);

  it('has no password of a database that cannot be reached', () => {
    const address = 'postgres://feathery:database-password-8842@127.0.0.1:1/x';
    for (const command of [['serve'], ['doctor'], ['backup', join(folder, 'b.gz')]]) {
      const { code, stdout, stderr } = program.run([...command, '--port', '0', '--database-url', address]);
      expect([code, stdout + stderr]).toEqual([1, expect.not.stringContaining('database-password-8842')]);
    }
  }, 30_000);
});

it('has of an error its type, message, stack and code, and not the rows that a database names beside', () => {
  const lines: string[] = [];
  const log = createLog('info', { write: (line: string) => lines.push(line) });
  const detail = { detail: `Failing row contains (${USER.email}).`, parameters: [USER.key] };
  log.error({
    err: Object.assign(new TypeError('it failed', { cause: new Error('why') }), { code: '23502', ...detail }),
  });
  const { err } = JSON.parse(lines[0] as string);
  expect(err).toEqual({
    type: 'TypeError',
    message: 'it failed: why',
    stack: expect.stringContaining('log.secrets'),
    code: '23502',
  });
});
