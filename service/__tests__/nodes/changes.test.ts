import { IN_PRODUCTION } from '../support/api.js';
import { change, eventually, openNodes, revisionOf, type TestNodes, untilAllHave } from '../support/nodes.js';
import { describeWithPostgres } from '../support/postgres.js';
import type { SseClient } from '../support/sse-client.js';

jest.setTimeout(60_000);

describeWithPostgres('changes on three nodes', (postgres) => {
  let nodes: TestNodes;
  let streams: SseClient[];
  beforeEach(async () => {
    nodes = await openNodes(await postgres().createDatabase());
    streams = await Promise.all(nodes.all.map((node) => node.stream()));
    for (const stream of streams) await stream.next();
  });
  afterEach(async () => {
    for (const stream of streams) stream.close();
    await nodes.close();
  });

  /** The revisions that each stream is told of, up to the newest. */
  function told(newest: number): Promise<number[][]> {
    return Promise.all(
      streams.map(async (stream) => {
        const revisions: number[] = [];
        while (revisions.at(-1) !== newest) revisions.push((await stream.next()).data.revision);
        return revisions;
      }),
    );
  }

  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + 1 + index);

  it('reach the streams of all, in one order, without a gap', async () => {
    const before = revisionOf(nodes.all[0]);
    await Promise.all(range(0, 30).map((count) => change(nodes.all[count % 3] as never, `${count}`)));
    const expected = range(before, before + 30);
    expect(await told(before + 30)).toEqual([expected, expected, expected]);
    const data = nodes.all.map(({ parts }) => parts.feed.environment('production').dataSet());
    expect(new Set(data).size).toBe(1);
  });

  it('that were not heard of reach the streams when the connection is back', async () => {
    const before = revisionOf(nodes.all[0]);
    const cut = `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'feathery%'`;
    for (let count = 0; count < 3; count++) {
      await postgres().administer(cut);
      // The answer may be lost with the connection, as it may on any network; the change is there or it is not.
      await change(nodes.all[count] as never, `cut ${count}`).catch(() => {});
    }
    const [one] = nodes.all;
    await eventually(() => nodes.all.every(({ parts }) => parts.link.isListening));
    const after = await eventuallyChanged(() => change(one, 'in peace'));
    const expected = range(before, after);
    expect(await told(after)).toEqual([expected, expected, expected]);
  });

  async function eventuallyChanged(attempt: () => Promise<number>): Promise<number> {
    let revision = 0;
    await eventually(async () => {
      revision = await attempt().catch(() => 0);
      return revision > 0;
    });
    return revision;
  }

  it('reach a node that hears nobody, as it looks for itself', async () => {
    const [here, deaf] = nodes.all;
    await deaf.parts.link.close();
    const revision = await change(here, 'unheard');
    await untilAllHave([deaf], revision);
  });

  it('are compared with what was committed elsewhere a moment ago', async () => {
    const [here, there] = nodes.all;
    const path = `${IN_PRODUCTION}/settings/a`;
    const { headers } = await here.api.get(path);
    await change(there, 'first');
    const stale = await here.api.patch(path, { salt: 'second' }, { 'if-match': String(headers.etag) });
    expect([stale.status, stale.body.current.setting.salt]).toEqual([412, 'first']);
  });

  it('create a setting once when two nodes are asked at the same time, in environments new to one of them', async () => {
    const [here, there] = nodes.all;
    const setting = { key: 'b', type: 'boolean' };
    const [environment, ...settings] = await Promise.all([
      there.api.post('/environments', { key: 'staging', name: 'Staging' }),
      here.api.post('/settings', setting),
      there.api.post('/settings', setting),
    ]);
    expect([environment.status, ...settings.map(({ status }) => status).sort()]).toEqual([201, 201, 409]);
    for (const node of nodes.all) {
      await eventually(() => node.parts.feed.environments.has('staging'));
      await eventually(async () => (await node.api.get('/environments/staging/settings/b')).status === 200);
    }
  });

  it('delete an environment on all, and end its streams', async () => {
    const [here, there] = nodes.all;
    await here.api.post('/environments', { key: 'staging', name: 'Staging' });
    await here.api.delete('/environments/production');
    await Promise.all(streams.map(({ closed }) => closed));
    await eventually(() => !there.parts.feed.environments.has('production'));
  });

  it('scheduled for a time are applied once', async () => {
    const [here] = nodes.all;
    const at = new Date(Date.now() + 1_000).toISOString();
    const changes = [{ setting: 'a', patch: { on: true } }];
    const { body } = await here.api.post(`${IN_PRODUCTION}/change-sets`, { title: 'launch', changes });
    const planned = await here.api.post(`${IN_PRODUCTION}/change-sets/${body.id}/schedule`, { at });
    expect(planned.status).toBe(200);
    const before = revisionOf(here);
    await eventually(() => Date.now() > Date.parse(at));
    await Promise.all(nodes.all.map(({ parts }) => parts.schedule.check()));
    await untilAllHave(nodes.all, before + 1);
    const applied = await here.api.get('/audit?action=change-set.apply');
    expect([applied.body.entries.length, ...nodes.all.map(revisionOf)]).toEqual([
      1,
      before + 1,
      before + 1,
      before + 1,
    ]);
  });
});
