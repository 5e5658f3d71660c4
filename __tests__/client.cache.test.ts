import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bench, next, off, on } from './support/client.js';
import { open, put, send, stall, status } from './support/sse-server.js';

const ada = { key: 'ada' };

describe('client with a cache', () => {
  let bench: Bench;
  let folder: string;
  let path: string;
  beforeEach(() => {
    bench = new Bench();
    folder = mkdtempSync(join(tmpdir(), 'feathery-cache-'));
    path = join(folder, 'settings');
  });
  afterEach(async () => {
    await bench.close();
    rmSync(folder, { recursive: true });
  });

  async function fill(): Promise<void> {
    const server = await bench.serve([open(), send(put({ a: on() })), stall()]);
    const client = bench.connect(server, { cache: { path } });
    await client.waitForInitialization({ timeoutMs: 5000 });
    await client.close();
  }

  it('serves the last known settings at once, until the stream delivers', async () => {
    await fill();
    const server = await bench.serve([open(), stall()]);
    const client = bench.connect(server, { cache: { path } });
    expect(client.variationDetail('a', ada, 'default')).toMatchObject({ value: true, reason: { kind: 'FALLTHROUGH' } });
    expect(client.initialized()).toBe(false);
    const { state, source, dataAgeMs } = client.status();
    expect({ state, source }).toEqual({ state: 'initializing', source: 'cache' });
    expect(dataAgeMs).toBeGreaterThanOrEqual(0);
    expect(bench.lines).toEqual([expect.stringMatching(/^warn: .*saved \d+ s ago/)]);
    (await server.exchange(0)).write(put({ a: off(2) }));
    await next(client, 'ready');
    expect(client.variation('a', ada, 'default')).toBe(false);
    expect(client.status().source).toBe('stream');
  });

  it('lets a server start without the service', async () => {
    await fill();
    const client = bench.connect(await bench.serve([status(503)]), { cache: { path } });
    expect(await client.waitForInitialization({ timeoutMs: 20 })).toBe(client);
    expect(client.variation('a', ada, 'default')).toBe(true);
  });

  it('still says at once that the key is refused', async () => {
    await fill();
    const client = bench.connect(await bench.serve([status(401)]), { cache: { path } });
    await expect(client.waitForInitialization({ timeoutMs: 5000 })).rejects.toMatchObject({ code: 'SDK_KEY_REJECTED' });
    expect(client.variation('a', ada, 'default')).toBe(true);
  });

  it('reports a file it cannot use and starts without', async () => {
    writeFileSync(path, 'garbage');
    const server = await bench.serve([open(), send(put({ a: on() })), stall()]);
    const client = bench.connect(server, { cache: { path } });
    expect(await next(client, 'error')).toMatchObject({ code: 'CACHE' });
    await client.waitForInitialization({ timeoutMs: 5000 });
    expect(client.variation('a', ada, 'default')).toBe(true);
  });
});
