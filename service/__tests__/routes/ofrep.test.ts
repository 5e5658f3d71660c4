import { openTestApp, SDK_KEY, type TestApp } from '../support/app.js';

let service: TestApp;

beforeAll(async () => {
  service = await openTestApp();
  await admin('POST', '/settings', { key: 'on', type: 'boolean' });
  await admin('POST', '/settings', { key: 'text', type: 'string', variations: [{ value: 'a' }, { value: 'b' }] });
  await admin('POST', '/settings', { key: 'none', type: 'boolean' });
  await admin('PATCH', '/environments/production/settings/on', {
    on: true,
    rules: [{ variation: 1, clauses: [{ contextKind: 'organization', attribute: 'key', op: 'in', values: ['acme'] }] }],
  });
  await admin('PATCH', '/environments/production/settings/text', {
    on: true,
    fallthrough: { rollout: { variations: [{ variation: 0, weight: 100_000 }] } },
  });
  await admin('PATCH', '/environments/production/settings/none', { offVariation: null });
});

afterAll(() => service.close());

async function admin(method: 'POST' | 'PATCH', path: string, payload: object): Promise<void> {
  const answer = await service.app.inject({ method, url: `/api/v1${path}`, headers: service.asAdmin, payload });
  if (answer.statusCode >= 300) throw new Error(answer.body);
}

function ask(path: string, body: unknown, headers: Record<string, string> = { authorization: `Bearer ${SDK_KEY}` }) {
  return service.app.inject({
    method: 'POST',
    url: `/ofrep/v1/evaluate/flags${path}`,
    headers: { 'content-type': 'application/json', ...headers },
    payload: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

const USER = { context: { targetingKey: 'u', plan: 'gold' } };

describe('OFREP, one setting', () => {
  it('serves value, variant, reason and version', async () => {
    const answer = await ask('/on', USER);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      key: 'on',
      value: true,
      variant: '0',
      reason: 'DEFAULT',
      metadata: { version: expect.any(Number) },
    });
  });

  it('takes several kinds of context at once', async () => {
    const context = { kind: 'multi', user: { targetingKey: 'u' }, organization: { targetingKey: 'acme' } };
    expect((await ask('/on', { context })).json()).toMatchObject({
      value: false,
      variant: '1',
      reason: 'TARGETING_MATCH',
    });
    const alone = { kind: 'organization', targetingKey: 'acme' };
    expect((await ask('/on', { context: alone })).json()).toMatchObject({ value: false });
  });

  it('calls a split by its name', async () => {
    expect((await ask('/text', USER)).json()).toMatchObject({ value: 'a', reason: 'SPLIT' });
  });

  it('leaves the value out when the default value of the caller is due', async () => {
    const body = (await ask('/none', USER)).json();
    expect(body).toMatchObject({ key: 'none', reason: 'DISABLED' });
    expect(body).not.toHaveProperty('value');
  });

  it.each([
    ['no such setting', '/unknown', USER, 404, 'FLAG_NOT_FOUND'],
    ['no targeting key', '/on', { context: { plan: 'gold' } }, 400, 'TARGETING_KEY_MISSING'],
    ['no context', '/on', {}, 400, 'TARGETING_KEY_MISSING'],
    ['a kind that cannot be', '/on', { context: { kind: 'a b', targetingKey: 'u' } }, 400, 'INVALID_CONTEXT'],
    ['a context that is none', '/on', { context: 7 }, 400, 'INVALID_CONTEXT'],
    ['a body that is no JSON', '/on', '{', 400, 'PARSE_ERROR'],
  ])('answers %s as the protocol says', async (_what, path, body, status, errorCode) => {
    const answer = await ask(path, body);
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ key: path.slice(1), errorCode, errorDetails: expect.any(String) });
  });

  it('takes the key in X-API-Key as well, and refuses others', async () => {
    expect((await ask('/on', USER, { 'x-api-key': SDK_KEY })).statusCode).toBe(200);
    expect((await ask('/on', USER, { 'x-api-key': 'sdk-unknown' })).statusCode).toBe(401);
    expect((await ask('/on', USER, {})).statusCode).toBe(401);
  });
});

describe('OFREP, all settings', () => {
  it('serves every setting, with an ETag that stands until a setting or the context changes', async () => {
    const first = await ask('', USER);
    expect(
      first
        .json()
        .flags.map(({ key }: { key: string }) => key)
        .sort(),
    ).toEqual(['none', 'on', 'text']);
    const etag = first.headers.etag as string;
    const headers = { authorization: SDK_KEY, 'if-none-match': etag };
    const again = await ask('', USER, headers);
    expect([again.statusCode, again.body]).toEqual([304, '']);
    expect((await ask('', { context: { targetingKey: 'other' } }, headers)).statusCode).toBe(200);
    await admin('PATCH', '/environments/production/settings/on', { on: false });
    expect((await ask('', USER, headers)).statusCode).toBe(200);
  });
});
