import { FRESH_MS } from '../../src/lookup-cache.js';
import { IN_PRODUCTION } from '../support/api.js';
import { SDK_KEY } from '../support/app.js';
import {
  change,
  eventually,
  openNode,
  openNodes,
  revisionOf,
  type TestNode,
  type TestNodes,
  untilAllHave,
} from '../support/nodes.js';
import { describeWithPostgres } from '../support/postgres.js';
import { SseClient } from '../support/sse-client.js';

jest.setTimeout(120_000);

/** How long the database is away. The suite can wait only so long; the half a minute is for a run by hand. */
const OUTAGE_MS = Number(process.env.FEATHERY_TEST_OUTAGE_MS ?? 3_000);

describeWithPostgres('three nodes without their database', (postgres) => {
  let nodes: TestNodes;
  let streams: SseClient[];
  let aheadMs: number;
  let databaseUrl: string;
  beforeEach(async () => {
    aheadMs = 0;
    databaseUrl = await postgres().createDatabase();
    nodes = await openNodes(databaseUrl, { now: () => Date.now() + aheadMs });
    streams = await Promise.all(nodes.all.map((node) => node.stream()));
    for (const stream of streams) await stream.next();
    // Tokens are known to a node that has seen them; SDK keys to all.
    for (const node of nodes.all) await node.api.get('/settings');
  });
  afterEach(async () => {
    for (const stream of streams) stream.close();
    await nodes.close();
  });

  const get = (node: TestNode, url: string, headers: Record<string, string> = node.asSdk) =>
    node.app.inject({ url, headers });

  const bulk = (node: TestNode, id: string) =>
    node.app.inject({
      method: 'POST',
      url: '/bulk',
      headers: { ...node.asSdk, 'x-launchdarkly-payload-id': id },
      payload: [{ kind: 'custom', key: 'purchase', creationDate: Date.now(), contextKeys: { user: 'u' } }],
    });

  async function expectReadsOnly(node: TestNode): Promise<void> {
    const revision = revisionOf(node);
    const write = await node.api.patch(`${IN_PRODUCTION}/settings/a`, { salt: 'x' });
    expect([write.status, write.body.code, write.headers['retry-after']]).toEqual([503, 'database_unavailable', '1']);
    const create = await node.api.post('/settings', { key: 'b', type: 'boolean' });
    expect([create.status, create.body.code]).toEqual([503, 'database_unavailable']);
    const ready = await get(node, '/readyz');
    expect([ready.statusCode, ready.json().code]).toEqual([503, 'database_unavailable']);
    expect((await get(node, '/healthz')).statusCode).toBe(200);
    const events = await bulk(node, 'kept by the SDK');
    expect([events.statusCode, events.headers['retry-after']]).toEqual([503, '1']);
    // From memory.
    expect((await get(node, '/sdk/latest-all')).statusCode).toBe(200);
    const evaluated = await node.api.post(`${IN_PRODUCTION}/evaluate`, { context: { key: 'u' } });
    expect([evaluated.status, evaluated.body.revision]).toEqual([200, revision]);
    expect((await node.api.get(`${IN_PRODUCTION}/settings/a`)).status).toBe(200);
    expect((await node.api.get(`${IN_PRODUCTION}/connections`)).status).toBe(200);
    // Nobody knows whether a key that was never seen is valid.
    const unknown = await get(node, '/all', { authorization: 'sdk-never-seen' });
    expect([unknown.statusCode, unknown.json().code]).toEqual([503, 'database_unavailable']);
    const stream = await node.stream();
    expect([stream.status, (await stream.next()).event]).toEqual([200, 'put']);
    stream.close();
  }

  afterEach(() => postgres().resume());

  it('go on serving, refuse to write, and recover by themselves', async () => {
    const before = revisionOf(nodes.all[0]);
    const stoppedAt = Date.now();
    await postgres().halt();
    for (const node of nodes.all) await expectReadsOnly(node);
    await eventually(() => Date.now() - stoppedAt >= OUTAGE_MS, OUTAGE_MS + 60_000);
    for (const node of nodes.all) await expectReadsOnly(node);
    await postgres().resume();
    for (const node of nodes.all) {
      await eventually(async () => (await get(node, '/readyz')).statusCode === 200);
    }
    const after = await change(nodes.all[1], 'after');
    expect(after).toBe(before + 1);
    for (const stream of streams) {
      expect(stream.isClosed).toBe(false);
      expect((await stream.next()).data.revision).toBe(after);
    }
    expect((await bulk(nodes.all[0], 'kept by the SDK')).statusCode).toBe(202);
    expect((await bulk(nodes.all[2], 'kept by the SDK')).statusCode).toBe(202);
    const { body } = await nodes.all[0].api.get(`${IN_PRODUCTION}/analytics`);
    expect(body.customEvents).toEqual([{ key: 'purchase', count: 1, sum: 0 }]);
    await eventually(() => nodes.all.every(({ parts }) => parts.streaming.peers.ids.length === 2));
  });

  it('keep nobody waiting for a database that hangs, and recover when it goes on', async () => {
    const [node] = nodes.all;
    postgres().freeze();
    // Keys and tokens are to be asked about again.
    aheadMs = FRESH_MS;
    try {
      const startedAt = Date.now();
      const polled = await get(node, '/sdk/latest-all');
      expect(polled.statusCode).toBe(200);
      const evaluated = await node.api.post(`${IN_PRODUCTION}/evaluate`, { context: { key: 'u' } });
      expect(evaluated.status).toBe(200);
      expect(Date.now() - startedAt).toBeLessThan(4_000);
    } finally {
      postgres().thaw();
    }
    const after = await change(node, 'after');
    await untilAllHave(nodes.all, after);
  });

  it('do not take a server back that has seen more on another node', async () => {
    const [ahead] = nodes.all;
    await postgres().administer('create role behind superuser login');
    const behind = await openNode(databaseUrl.replace('//feathery@', '//behind@'));
    // From now on it does not hear what the server is told elsewhere, and cannot ask.
    await postgres().administer(
      'alter role behind nologin',
      "select pg_terminate_backend(pid, 10000) from pg_stat_activity where usename = 'behind'",
    );
    const revision = await change(ahead, 'next');
    expect(revisionOf(behind)).toBe(revision - 1);
    const { epoch } = ahead.parts.feed.environment('production');
    const stream = await behind.stream({ 'last-event-id': `${epoch}:${revision}` });
    const first = stream.next();
    await postgres().administer('alter role behind login');
    expect(await first).toMatchObject({ event: 'synced', data: { revision } });
    stream.close();
    await behind.close();
  });

  it('lose nothing to a standby that takes over', async () => {
    const before = revisionOf(nodes.all[0]);
    for (let count = 0; count < 3; count++) {
      const after = await change(nodes.all[count] as TestNode, `before ${count}`);
      await postgres().halt();
      await postgres().resume();
      await eventually(async () => (await get(nodes.all[2], '/readyz')).statusCode === 200);
      await untilAllHave(nodes.all, after);
    }
    for (const stream of streams) {
      for (let count = 1; count <= 3; count++) expect((await stream.next()).data.revision).toBe(before + count);
    }
  });
});

describeWithPostgres('three nodes whose database has gone back', (postgres) => {
  it('serve its data anew, on all nodes and to every server, under another epoch', async () => {
    const databaseUrl = await postgres().createDatabase();
    const [, name] = /\/(\w+)\?/.exec(databaseUrl) as unknown as [string, string];
    const cut = [
      `alter database ${name} with allow_connections false`,
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`,
    ];
    const allow = `alter database ${name} with allow_connections true`;
    const nodes = await openNodes(databaseUrl);
    const streams = await Promise.all(nodes.all.map((node) => node.stream()));
    for (const stream of streams) await stream.next();
    const isReady = () =>
      eventually(async () => {
        const answers = await Promise.all(nodes.all.map((node) => node.app.inject('/readyz')));
        return answers.every(({ statusCode }) => statusCode === 200);
      });
    try {
      // The standby has what there is now, and not what is committed next.
      await postgres().administer(...cut, `create database standby template ${name}`, allow);
      await isReady();
      const lost = await change(nodes.all[0], 'lost');
      await untilAllHave(nodes.all, lost);
      await postgres().administer(
        ...cut,
        `alter database ${name} rename to gone`,
        `alter database standby rename to ${name}`,
        allow,
      );
      await isReady();
      let after = 0;
      await eventually(async () => {
        after = await change(nodes.all[1], 'kept').catch(() => 0);
        return after > 0;
      });
      expect(after).toBe(lost);
      for (const stream of streams) {
        const salts: string[] = [];
        while (!salts.includes('kept')) salts.push(saltOf((await stream.next()).data));
        expect(salts[0]).toBe('lost');
      }
      const epochs = nodes.all.map(({ parts }) => parts.feed.environment('production').epoch);
      const data = nodes.all.map(({ parts }) => parts.feed.environment('production').dataSet());
      expect([new Set(epochs).size, new Set(data).size]).toEqual([1, 1]);
      const late = await SseClient.open(`${nodes.all[2].address}/all`, { authorization: SDK_KEY });
      expect(saltOf((await late.next()).data)).toBe('kept');
      late.close();
    } finally {
      for (const stream of streams) stream.close();
      await nodes.close();
    }
  });

  /** Of the setting, in a `put` or in a change set. */
  function saltOf(data: {
    data?: { flags: { a: { salt: string } } };
    put?: readonly [{ data: { salt: string } }];
  }): string {
    return data.data?.flags.a.salt ?? data.put?.[0].data.salt ?? '';
  }
});
