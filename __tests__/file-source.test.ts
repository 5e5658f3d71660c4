import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type FeatheryClient, fileSource } from '../lib/index.js';
import { next } from './support/client.js';

const ada = { key: 'ada' };
const quiet = { error() {}, warn() {}, info() {}, debug() {} };

describe('file source', () => {
  let folder: string;
  let path: string;
  let client: FeatheryClient | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'feathery-file-'));
    path = join(folder, 'settings.json');
  });
  afterEach(async () => {
    await client?.close();
    client = undefined;
    rmSync(folder, { recursive: true });
  });

  const write = (content: unknown) =>
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  function open(): FeatheryClient {
    client = createClient('', { dataSource: fileSource(path, { intervalMs: 5 }), logger: quiet });
    return client;
  }

  it('serves plain values, whole settings and segments', () => {
    write({
      values: { plain: 'x' },
      settings: {
        ruled: {
          on: true,
          variations: ['a', 'b'],
          fallthrough: { variation: 0 },
          rules: [{ clauses: [{ op: 'segmentMatch', values: ['beta'] }], variation: 1 }],
        },
      },
      segments: { beta: { included: ['ada'] } },
    });
    const client = open();
    expect(client.variation('plain', ada, '')).toBe('x');
    expect(client.variation('ruled', ada, '')).toBe('b');
    expect(client.variation('ruled', { key: 'bob' }, '')).toBe('a');
    expect(client.status().source).toBe('test');
  });

  it('serves a saved answer of the service', () => {
    const saved = { key: 'a', version: 3, on: true, variations: [7], fallthrough: { variation: 0 } };
    write({ flags: { a: saved }, segments: {} });
    expect(open().variation('a', ada, 0)).toBe(7);
  });

  it('follows the file, tells what changed, and keeps the settings while the file is broken', async () => {
    write({ values: { a: 1, b: 1 } });
    const client = open();
    const keys: string[] = [];
    client.on('update', ({ key }) => keys.push(key));
    const updated = next(client, 'update:a');
    write({ values: { a: 22, b: 1 } });
    await updated;
    expect(client.variation('a', ada, 0)).toBe(22);
    expect(keys).toEqual(['a']);
    const failed = next(client, 'error');
    write('{"values":');
    expect(await failed).toMatchObject({ code: 'DATA_SOURCE', message: expect.stringContaining(path) });
    expect(client.variation('a', ada, 0)).toBe(22);
    const again = next(client, 'update:a');
    write({ values: { a: 333, b: 1 } });
    await again;
    expect(client.variation('a', ada, 0)).toBe(333);
  });

  it('waits for a file that is not there yet', async () => {
    const client = open();
    expect(await next(client, 'error')).toMatchObject({ code: 'DATA_SOURCE' });
    expect(client.initialized()).toBe(false);
    const ready = next(client, 'ready');
    write({ values: { a: 1 } });
    await ready;
    expect(client.variation('a', ada, 0)).toBe(1);
  });
});
