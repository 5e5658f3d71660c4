import { PASSWORD, signIn, signInAs } from '../support/access.js';
import { apiOf, IN_PRODUCTION } from '../support/api.js';
import { eventually, openNodes, type TestNodes } from '../support/nodes.js';
import { describeWithPostgres } from '../support/postgres.js';

jest.setTimeout(60_000);

// The clock stands still: what is seen is seen because it was told, and not because what was known grew old.
const NOW = Date.parse('2030-01-01T00:00:00Z');

describeWithPostgres('access on three nodes', (postgres) => {
  let nodes: TestNodes;
  beforeEach(async () => {
    nodes = await openNodes(await postgres().createDatabase(), { now: () => NOW });
  });
  afterEach(() => nodes.close());

  it('of an expired SDK key ends its streams everywhere, at once', async () => {
    const [here, ...others] = nodes.all;
    const streams = await Promise.all(nodes.all.map((node) => node.stream()));
    const { body } = await here.api.get(`${IN_PRODUCTION}/sdk-keys`);
    await here.api.delete(`${IN_PRODUCTION}/sdk-keys/${body.sdkKeys[0].id}`);
    await Promise.all(streams.map(({ closed }) => closed));
    for (const node of others) expect((await node.stream()).status).toBe(401);
  });

  it('of a revoked token ends everywhere', async () => {
    const [here, ...others] = nodes.all;
    const { body } = await here.api.post('/tokens', { name: 'ci', role: 'admin' });
    const status = (node: (typeof others)[number]) =>
      apiOf(node, { authorization: `Bearer ${body.secret}` })
        .get('/settings')
        .then((answer) => answer.status);
    expect(await Promise.all(nodes.all.map(status))).toEqual([200, 200, 200]);
    await here.api.delete(`/tokens/${body.token.id}`);
    for (const node of others) await eventually(async () => (await status(node)) === 401);
  });

  it('of a member changes and ends everywhere', async () => {
    const [here, there] = nodes.all;
    const ada = await signInAs(here, 'editor', { email: 'ada@example.test' });
    const asAda = apiOf(there, ada.headers);
    expect((await asAda.post('/settings', { key: 'b', type: 'boolean' })).status).toBe(201);
    await here.api.patch(`/members/${ada.id}`, { role: 'viewer' });
    await eventually(async () => (await asAda.post('/settings', { key: 'c', type: 'boolean' })).status === 403);
    await here.api.delete(`/members/${ada.id}`);
    await eventually(async () => (await asAda.get('/settings')).status === 401);
  });

  it('of a session ends everywhere when its member signs out', async () => {
    const [here, there] = nodes.all;
    const { headers } = await signInAs(here, 'viewer', { email: 'ada@example.test' });
    const asAda = apiOf(there, headers);
    expect((await asAda.get('/settings')).status).toBe(200);
    const watching = await there.watch(headers);
    expect((await apiOf(here, headers).delete('/session')).status).toBe(204);
    await watching.closed;
    await eventually(async () => (await asAda.get('/settings')).status === 401);
    expect((await signIn(there, 'ada@example.test', PASSWORD)).statusCode).toBeLessThan(300);
  });

  it('that was missed is looked up when the connection is back', async () => {
    const [here, there] = nodes.all;
    const { body } = await here.api.get(`${IN_PRODUCTION}/sdk-keys`);
    const stream = await there.stream();
    const heard: unknown[] = [];
    there.parts.link.on('access', (change) => heard.push(change));
    await postgres().administer(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'feathery listener'`,
    );
    await here.api.delete(`${IN_PRODUCTION}/sdk-keys/${body.sdkKeys[0].id}`);
    await stream.closed;
    expect((await there.stream()).status).toBe(401);
    expect(heard).toEqual([]);
  });

  it('to a frozen environment is refused everywhere', async () => {
    const [here, there] = nodes.all;
    await here.api.post('/settings', { key: 'b', type: 'boolean' });
    await here.app.inject({
      method: 'PUT',
      url: `/api/v1${IN_PRODUCTION}/freeze`,
      headers: here.asAdmin,
      payload: { reason: 'incident' },
    });
    expect((await there.api.patch(`${IN_PRODUCTION}/settings/b`, { on: true })).status).toBe(423);
  });
});
