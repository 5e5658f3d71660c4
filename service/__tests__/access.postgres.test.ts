import { linkPath } from '../src/links.js';
import { FRESH_MS } from '../src/lookup-cache.js';
import { PASSWORD, signInAs, tokenOf, useLink } from './support/access.js';
import { openTestApp, SDK_KEY, type TestApp } from './support/app.js';
import { POSTGRES_BIN, type Postgres, startPostgres } from './support/postgres.js';

const describeIfInstalled = POSTGRES_BIN === undefined && !process.env.FEATHERY_REQUIRE_ALL ? describe.skip : describe;

describeIfInstalled('two nodes over PostgreSQL', () => {
  let postgres: Postgres;
  let now: number;
  let nodes: readonly [TestApp, TestApp];

  beforeAll(async () => {
    postgres = await startPostgres();
  }, 60_000);
  afterAll(() => postgres?.stop());

  beforeEach(async () => {
    now = Date.parse('2030-01-01T00:00:00Z');
    const databaseUrl = await postgres.createDatabase();
    const open = () => openTestApp({ config: { databaseUrl }, now: () => now });
    // The first one brings the schema up to date; then both start again with the same keys at the same time.
    await (await open()).close();
    nodes = [await open(), await open()];
  }, 60_000);
  afterEach(async () => {
    for (const node of nodes) await node.close();
  });

  async function call(
    node: TestApp,
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    payload?: object,
  ) {
    const answer = await node.app.inject({
      method,
      url: `/api/v1${path}`,
      headers: node.asAdmin,
      ...(payload && { payload }),
    });
    return { status: answer.statusCode, ...(answer.body === '' ? {} : answer.json()) };
  }

  const opens = (node: TestApp, secret: string) =>
    node.parts.auth.authenticateSdk({ headers: { authorization: secret } }).then(
      () => true,
      () => false,
    );

  it('make sure of the same SDK key at the same time, once', async () => {
    await Promise.all(nodes.map((node) => node.parts.auth.sdkKeys.ensure('production', 'sdk-of-both-nodes')));
    const { sdkKeys } = await call(nodes[0], 'GET', '/environments/production/sdk-keys');
    expect(sdkKeys).toHaveLength(2);
    expect(await opens(nodes[1], 'sdk-of-both-nodes')).toBe(true);
  });

  it('refuse on one node, a moment later, the key that was expired on the other', async () => {
    const [here, there] = nodes;
    const { sdkKeys } = await call(here, 'GET', '/environments/production/sdk-keys');
    expect(await opens(there, SDK_KEY)).toBe(true);
    const told: string[] = [];
    there.parts.auth.onSdkKeyExpired((keyId) => told.push(keyId));
    await call(here, 'DELETE', `/environments/production/sdk-keys/${sdkKeys[0].id}`);
    expect(await opens(here, SDK_KEY)).toBe(false);
    now += FRESH_MS;
    expect(await opens(there, SDK_KEY)).toBe(false);
    await there.parts.auth.sdkKeys.start();
    expect(new Set(told)).toEqual(new Set([sdkKeys[0].id]));
  });

  it('make one first admin of two who use the link at the same time', async () => {
    const link = await nodes[0].parts.auth.members.issueSetupLink();
    const token = tokenOf(linkPath(link as NonNullable<typeof link>));
    const answers = await Promise.all(
      nodes.map((node, index) => useLink(node, token, { email: `admin${index}@example.test`, password: PASSWORD })),
    );
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([201, 410]);
  });

  it('keep one of two admins who remove each other at the same time', async () => {
    const ada = await signInAs(nodes[0], 'admin', { email: 'ada@example.test' });
    const bob = await signInAs(nodes[1], 'admin', { email: 'bob@example.test' });
    const remove = (node: TestApp, id: string, headers: Record<string, string>) =>
      node.app.inject({ method: 'DELETE', url: `/api/v1/members/${id}`, headers });
    const answers = await Promise.all([remove(nodes[0], bob.id, ada.headers), remove(nodes[1], ada.id, bob.headers)]);
    expect(answers.filter(({ statusCode }) => statusCode === 204)).toHaveLength(1);
    expect(await nodes[0].parts.auth.members.list()).toHaveLength(1);
  });

  it('let no change in behind a freeze', async () => {
    const [here, there] = nodes;
    await call(here, 'POST', '/settings', { key: 'a.setting', type: 'boolean' });
    await there.parts.feed.wake();
    await call(here, 'PUT', '/environments/production/freeze', { reason: 'incident' });
    expect(await call(there, 'PATCH', '/environments/production/settings/a.setting', { on: true })).toMatchObject({
      status: 423,
    });
  });

  it('apply a scheduled change set once', async () => {
    const [here, there] = nodes;
    await call(here, 'POST', '/settings', { key: 'a.setting', type: 'boolean' });
    const changes = [{ setting: 'a.setting', patch: { on: true } }];
    const { id } = await call(here, 'POST', '/environments/production/change-sets', { title: 'launch', changes });
    await call(here, 'POST', `/environments/production/change-sets/${id}/schedule`, { at: '2030-01-01T08:00:00Z' });
    const { revision } = here.parts.feed.environment('production');
    now = Date.parse('2030-01-01T08:00:00Z');
    await Promise.all([here.parts.schedule.check(), there.parts.schedule.check()]);
    await Promise.all(nodes.map((node) => node.parts.feed.wake()));
    for (const node of nodes) expect(node.parts.feed.environment('production').revision).toBe(revision + 1);
    expect((await call(there, 'GET', `/environments/production/change-sets/${id}`)).state).toBe('applied');
    const { entries } = await call(there, 'GET', '/audit?action=change-set.apply');
    expect(entries).toHaveLength(1);
  });

  it('carry a whole service over', async () => {
    const [here] = nodes;
    await call(here, 'POST', '/settings', { key: 'a.setting', type: 'boolean' });
    const { status: _, ...data } = await call(here, 'GET', '/export');
    data.environments[0].settings['a.setting'].on = true;
    expect(await call(here, 'POST', '/import', data)).toMatchObject({ status: 200 });
    expect(here.parts.feed.environment('production').settings.get('a.setting')?.on).toBe(true);
  });
});
