import { IN_PRODUCTION } from '../support/api.js';
import { change, eventually, openNodes, type TestNode, type TestNodes } from '../support/nodes.js';
import { describeWithPostgres } from '../support/postgres.js';
import type { SseClient } from '../support/sse-client.js';

jest.setTimeout(60_000);

describeWithPostgres('what is shown of three nodes', (postgres) => {
  let nodes: TestNodes;
  let open: SseClient[];
  beforeEach(async () => {
    open = [];
    nodes = await openNodes(await postgres().createDatabase(), { config: { receiptsPerSecond: 300 } });
  });
  afterEach(async () => {
    for (const stream of open) stream.close();
    await nodes.close();
  });

  async function connect(node: TestNode, instanceId: string): Promise<SseClient> {
    const stream = await node.stream({ 'x-launchdarkly-instance-id': instanceId });
    await stream.next();
    open.push(stream);
    return stream;
  }

  async function watch(node: TestNode): Promise<SseClient> {
    const watcher = await node.watch();
    open.push(watcher);
    await watcher.next();
    const [here, ...others] = [node, ...nodes.all.filter((one) => one !== node)];
    await eventually(() => others.every(({ parts }) => parts.streaming.peers.watch('production')));
    await eventually(() => here.parts.streaming.peers.counts('production').connected === open.length - 1);
    return watcher;
  }

  /** The next event of this name that fits. */
  async function next(watcher: SseClient, name: string, fits: (data: Record<string, unknown>) => boolean) {
    for (;;) {
      const { event, data } = await watcher.next();
      if (event === name && fits(data)) return data;
    }
  }

  it('is every server, whichever node is asked', async () => {
    await Promise.all(nodes.all.map((node, index) => connect(node, `i-${index}`)));
    for (const node of nodes.all) {
      await eventually(() => node.parts.streaming.peers.counts('production').connected === 3);
      const { body } = await node.api.get(`${IN_PRODUCTION}/connections`);
      expect(body).toMatchObject({ connected: 3, reporting: 3, nodes: { total: 3, answered: 3 } });
      expect(body.connections.map(({ instanceId }: { instanceId: string }) => instanceId).sort()).toEqual([
        'i-0',
        'i-1',
        'i-2',
      ]);
    }
  });

  it('says how many nodes have answered, and forgets one that has stopped', async () => {
    const [here, there, last] = nodes.all;
    await connect(there, 'i-1');
    await eventually(() => here.parts.streaming.peers.counts('production').connected === 1);
    last.parts.link.removeAllListeners('ask');
    const { body } = await here.api.get(`${IN_PRODUCTION}/connections`);
    expect([body.nodes, body.connections.length]).toEqual([{ total: 3, answered: 2 }, 1]);
    there.parts.streaming.close();
    await eventually(() => here.parts.streaming.peers.counts('production').connected === 0);
    expect(here.parts.streaming.peers.ids).toEqual([last.parts.link.id]);
  });

  it('is a change landing on all servers, told by reports that come to any node', async () => {
    const [here, there, last] = nodes.all;
    for (const [index, node] of nodes.all.entries()) await connect(node, `i-${index}`);
    const watcher = await watch(here);
    const revision = await change(there, 'x');
    for (const stream of open.slice(0, 3)) await stream.next();
    // As a load balancer has it: none of them comes to the node of its server's stream.
    await here.receipt('i-1', revision);
    await here.receipt('i-2', revision);
    const two = await next(watcher, 'landing', (landing) => landing.revision === revision && landing.applied === 2);
    expect(two).toMatchObject({ revision, connected: 3, waiting: ['i-0'], done: false });
    await last.receipt('i-0', revision);
    const all = await next(watcher, 'landing', (landing) => landing.revision === revision && landing.done === true);
    expect(all).toMatchObject({ revision, applied: 3, connected: 3, waiting: [] });
    expect([typeof all.p50Ms, typeof all.slowestMs]).toEqual(['number', 'number']);
    const { body } = await last.api.get(`${IN_PRODUCTION}/connections`);
    expect(body.connections.map(({ confirmed }: { confirmed: boolean }) => confirmed)).toEqual([true, true, true]);
  });

  it('is the servers of other nodes coming and going', async () => {
    const [here, there] = nodes.all;
    const watcher = await watch(here);
    const stream = await connect(there, 'i-1');
    await next(watcher, 'connections', ({ connected }) => connected === 1);
    stream.close();
    await next(watcher, 'connections', ({ connected }) => connected === 0);
  });

  it('is what other nodes count', async () => {
    const [here, there] = nodes.all;
    const watcher = await watch(here);
    const answer = await send(there, 'payload-1');
    expect(answer.statusCode).toBe(202);
    expect(await next(watcher, 'evaluations', () => true)).toEqual({ settings: { a: 7 } });
  });

  it('asks servers to report at a pace that counts those of all nodes', async () => {
    const [here, there] = nodes.all;
    for (let count = 0; count < 12; count++) await connect(there, `i-${count}`);
    await eventually(() => here.parts.streaming.receipts.intervalMs === 40);
    expect(there.parts.streaming.receipts.intervalMs).toBe(40);
  });

  it('counts a payload once, on however many nodes it arrives', async () => {
    const answers = await Promise.all([...nodes.all, ...nodes.all].map((node) => send(node, 'payload-2')));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([202, 202, 202, 202, 202, 202]);
    const { body } = await nodes.all[0].api.get(`${IN_PRODUCTION}/analytics?setting=a`);
    expect(body.settings[0].total).toBe(7);
  });

  function send(node: TestNode, payloadId: string) {
    const counters = [{ variation: 0, version: 2, value: 'a', count: 7 }];
    const features = { a: { default: null, counters, contextKinds: ['user'] } };
    const endDate = Date.now();
    return node.app.inject({
      method: 'POST',
      url: '/bulk',
      headers: { ...node.asSdk, 'x-launchdarkly-payload-id': payloadId, 'x-launchdarkly-event-schema': '4' },
      payload: [{ kind: 'summary', startDate: endDate - 1000, endDate, features }],
    });
  }
});
