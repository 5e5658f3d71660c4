// How the client follows its source, seen through the public client.
import type { Hook } from '../lib/index.js';
import { createClient } from '../lib/index.js';
import { Bench, next, off, on } from './support/client.js';
import { close, event, open, put, ScriptedServer, send, stall, status } from './support/sse-server.js';

const ada = { key: 'ada' };
const CAPABLE = { 'X-Feathery-Protocol': '1' };

describe('connection', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(() => bench.close());

  it('takes a change before the first put into the store, but is not initialized by it', async () => {
    const patch = event('patch', { path: '/flags/a', data: on(5) });
    const server = await bench.serve([open(), send(patch), send(put({ b: on() })), stall()]);
    const client = bench.connect(server);
    const keys: string[] = [];
    client.on('update', ({ key }) => keys.push(`${key} ${client.initialized()}`));
    await client.waitForInitialization({ timeoutMs: 5000 });
    expect(keys[0]).toBe('a false');
    expect(client.variation('a', ada, 'default')).toBe('default');
    expect(client.variation('b', ada, 'default')).toBe(true);
  });

  it('tells the revision, and applies a change set as a whole', async () => {
    const server = await bench.serve([open(CAPABLE), send(put({ a: on(1), b: on(1) }, 'e:7')), stall()]);
    const client = bench.connect(server);
    await client.waitForInitialization({ timeoutMs: 5000 });
    expect(client.status().revision).toBe(7);
    const seen: unknown[] = [];
    const read = () => seen.push([client.variation('a', ada, 'x'), client.variation('b', ada, 'x')]);
    client.on('update', read);
    const changes = ['a', 'b'].map((key) => ({ path: `/flags/${key}`, data: off(8) }));
    const heard = next(client, 'update:b');
    (await server.exchange(0)).write(event('changes', { revision: 8, put: changes }, 'e:8'));
    await heard;
    expect(seen).toEqual([
      [false, false],
      [false, false],
    ]);
    expect(client.status().revision).toBe(8);
  });

  it('is live again after a resumption that had nothing to send', async () => {
    const server = await bench.serve(
      [open(CAPABLE), send(put({ a: on() }, 'e:7')), close()],
      [open(CAPABLE), send(event('synced', { revision: 7 }, 'e:7')), stall()],
    );
    const client = bench.connect(server);
    const live = next(client, 'live');
    await client.waitForInitialization({ timeoutMs: 5000 });
    await live;
    expect((await server.exchange(1)).headers['last-event-id']).toBe('e:7');
    expect(client.status()).toMatchObject({ state: 'ready', revision: 7, dataAgeMs: 0 });
    expect(client.variation('a', ada, 'default')).toBe(true);
  });

  it('knows no revision with a service that tells none', async () => {
    const server = await bench.serve([open(), send(put({ a: on() }, 'e:7')), stall()]);
    const client = bench.connect(server);
    await client.waitForInitialization({ timeoutMs: 5000 });
    expect(client.status().revision).toBeNull();
  });

  it('shows hooks the environment once the service has named it', async () => {
    const server = await bench.serve([open({ 'X-LD-EnvID': 'env-1' }), send(put({ a: on() })), stall()]);
    const ids: (string | undefined)[] = [];
    const hook: Hook = {
      getMetadata: () => ({ name: 'x' }),
      beforeEvaluation: (context) => {
        ids.push(context.environmentId);
        return {};
      },
      afterTrack: (context) => void ids.push(context.environmentId),
    };
    const client = bench.connect(server, { hooks: [hook] });
    client.variation('a', ada, false);
    await client.waitForInitialization({ timeoutMs: 5000 });
    client.variation('a', ada, false);
    client.track('event', ada);
    expect(ids).toEqual([undefined, 'env-1', 'env-1']);
  });

  it('tells the age of polled settings', async () => {
    const server = await bench.serve([status(200, {}, JSON.stringify({ flags: { a: on() } }))]);
    const client = bench.connect(server, { stream: false });
    await client.waitForInitialization({ timeoutMs: 5000 });
    const { source, dataAgeMs } = client.status();
    expect(source).toBe('poll');
    expect(dataAgeMs).toBeGreaterThanOrEqual(0);
    expect(dataAgeMs).toBeLessThan(5000);
  });

  it('reports its receipts', async () => {
    const server = await bench.serve([
      open({ ...CAPABLE, 'X-Feathery-Receipts': 'interval-ms=10' }),
      send(put({ a: on() }, 'e:7')),
      stall(),
    ]);
    bench.connect(server, { sendEvents: false });
    const post = await server.post(0);
    expect(post.path).toBe('/sdk/receipts');
    expect(JSON.parse(String(await post.body))).toMatchObject({
      instanceId: (await server.exchange(0)).headers['x-launchdarkly-instance-id'],
      revision: 7,
    });
  });

  it('leaves no connection and no request behind when closed at once', async () => {
    const server = await ScriptedServer.listen([[stall()]]);
    const client = bench.connect(server);
    await client.close();
    for (const socket of server.connections) await new Promise((resolve) => socket.once('close', resolve));
    await server.close();
    expect(server.exchanges.length).toBeLessThanOrEqual(1);
  });

  it('survives a local data source that throws', async () => {
    const client = bench.keep(
      createClient('', {
        dataSource: {
          start() {
            throw new Error('no data today');
          },
        },
        logger: bench.logger,
      }),
    );
    expect(await next(client, 'error')).toMatchObject({ code: 'DATA_SOURCE', message: 'no data today' });
    expect(client.variation('a', ada, 'default')).toBe('default');
  });
});
