import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Batch, createBatches, MAX_BATCH_AGE_MS } from '../lib/batch.js';
import { CLAIM_MS, MAX_SPOOL_FILE_BYTES, MAX_SPOOL_FILES, Spool, type SpoolParts } from '../lib/spool.js';
import { FakeLog } from './support/fake-log.js';

const TIME_MS = 10_000;

let root: string;
let folder: string;
let now: number;
let log: FakeLog;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'feathery-spool-'));
  folder = join(root, 'spool');
  now = 1_000_000_000;
  log = new FakeLog();
});

afterEach(() => rm(root, { recursive: true, force: true }));

function spool(parts: Partial<SpoolParts> = {}): Spool {
  return new Spool({ folder, eventsUri: 'http://events.test', sdkKey: 'key-1', now: () => now, log, ...parts });
}

/** With a character of each length, and one that stands alone. */
function batch(text = 'ü€👋'): Batch {
  return createBatches([JSON.stringify({ text }), JSON.stringify('\ud800')], undefined, now)[0] as Batch;
}

const names = async () => (await readdir(folder)).sort();

/** The only file there is. */
async function onlyFile(): Promise<string> {
  const [name, ...others] = await names();
  expect(others).toEqual([]);
  return join(folder, name as string);
}

describe('Spool', () => {
  it('gives to the next start what was put, unchanged, once', async () => {
    const batches = [batch('a'), batch('b')];
    expect(await spool().putAll(batches, TIME_MS)).toEqual(new Set(batches));
    const next = spool();
    expect((await next.take()).sort((x, y) => x.body.localeCompare(y.body))).toEqual(batches);
    expect(await spool().take()).toEqual([]);
    for (const taken of batches) await next.remove(taken);
    expect(await names()).toEqual([]);
  });

  it('writes files that only their owner can read, in a folder of its own', async () => {
    await spool().putAll([batch()], TIME_MS);
    expect((await stat(await onlyFile())).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  it('never names the key, and writes it nowhere', async () => {
    await spool({ sdkKey: 'very-secret' }).putAll([batch()], TIME_MS);
    const path = await onlyFile();
    expect(path).not.toContain('secret');
    expect(await readFile(path, 'utf8')).not.toContain('secret');
  });

  it('finds nothing where there is no folder, without complaint', async () => {
    expect(await spool().take()).toEqual([]);
    expect(log.warnings).toEqual([]);
  });

  it('leaves files of other services and keys alone', async () => {
    await spool().putAll([batch()], TIME_MS);
    expect(await spool({ sdkKey: 'key-2' }).take()).toEqual([]);
    expect(await spool({ eventsUri: 'http://other.test' }).take()).toEqual([]);
    expect(await spool().take()).toHaveLength(1);
  });

  it('puts batches under the new key after a rotation', async () => {
    const rotated = spool();
    rotated.rotate('key-2');
    await rotated.putAll([batch()], TIME_MS);
    expect(await spool({ sdkKey: 'key-2' }).take()).toHaveLength(1);
  });

  it('gives each file to one of several that start at once', async () => {
    const batches = Array.from({ length: 20 }, (_, i) => batch(`b${i}`));
    await spool().putAll(batches, TIME_MS);
    const taken = await Promise.all(Array.from({ length: 5 }, () => spool().take()));
    const ids = taken.flat().map(({ id }) => id);
    expect(ids.sort()).toEqual(batches.map(({ id }) => id).sort());
    expect(log.warnings).toEqual([]);
  });

  it('takes up a claimed file whose owner has not delivered it in time', async () => {
    await spool().putAll([batch()], TIME_MS);
    await spool().take();
    now += CLAIM_MS;
    expect(await spool().take()).toEqual([]);
    now += 1;
    const [first, second] = await Promise.all([spool().take(), spool().take()]);
    expect(first.length + second.length).toBe(1);
  });

  it('puts a claimed batch back for the next start', async () => {
    const sent = batch();
    await spool().putAll([sent], TIME_MS);
    const holder = spool();
    const [taken] = (await holder.take()) as [Batch];
    expect(await holder.putAll([taken], TIME_MS)).toEqual(new Set([taken]));
    expect(await spool().take()).toEqual([sent]);
  });

  it('clears away what is too old, whoever left it, and says so', async () => {
    await spool({ sdkKey: 'key-2' }).putAll([batch()], TIME_MS);
    now += MAX_BATCH_AGE_MS + 1;
    expect(await spool().take()).toEqual([]);
    expect(await names()).toEqual([]);
    expect(log.warnings).toEqual([expect.stringContaining('too old')]);
  });

  it.each<[string, (content: string) => string]>([
    ['cut off', (content) => content.slice(0, -3)],
    ['changed', (content) => content.replace('text', 'test')],
    ['of another format', (content) => content.replace('"format":1', '"format":2')],
    ['without a size', (content) => content.replace(/"size":\d+/, '"size":"many"')],
    ['empty', () => ''],
    ['no JSON', () => 'secret stuff\n[]'],
    ['not an object', () => 'null\n[]'],
  ])('sets a file aside that is %s, reports it and goes on with the others', async (_, damage) => {
    await spool().putAll([batch()], TIME_MS);
    const path = await onlyFile();
    await writeFile(path, damage(await readFile(path, 'utf8')));
    await spool().putAll([batch('good')], TIME_MS);
    expect(await spool().take()).toMatchObject([{ body: expect.stringContaining('good') }]);
    expect(log.warnings).toEqual([expect.stringContaining('.corrupt')]);
    expect(log.warnings[0]).not.toContain('secret');
    expect((await names()).filter((name) => name.endsWith('.corrupt'))).toHaveLength(1);
  });

  it('ignores files that are not its own', async () => {
    await mkdir(folder);
    await writeFile(join(folder, 'README.md'), 'x');
    await writeFile(join(folder, 'abc.batch'), 'x');
    expect(await spool().take()).toEqual([]);
    expect(await names()).toEqual(['README.md', 'abc.batch']);
  });

  it('does not read a file that is too large', async () => {
    await spool().putAll([batch()], TIME_MS);
    await writeFile(await onlyFile(), Buffer.alloc(MAX_SPOOL_FILE_BYTES + 1));
    expect(await spool().take()).toEqual([]);
    expect(log.warnings).toHaveLength(1);
  });

  it('writes no further file when there are too many, and none that is too large', async () => {
    const batches = Array.from({ length: MAX_SPOOL_FILES + 2 }, (_, i) => batch(`b${i}`));
    expect((await spool().putAll(batches, TIME_MS)).size).toBe(MAX_SPOOL_FILES);
    expect(await names()).toHaveLength(MAX_SPOOL_FILES);
    await rm(folder, { recursive: true });
    expect((await spool().putAll([batch('x'.repeat(MAX_SPOOL_FILE_BYTES))], TIME_MS)).size).toBe(0);
    expect(await spool().take()).toEqual([]);
  });

  it('reports a folder that cannot be used, and puts nothing', async () => {
    await writeFile(folder, 'a file');
    expect((await spool().putAll([batch()], TIME_MS)).size).toBe(0);
    expect(await spool().take()).toEqual([]);
    expect(log.warnings).toHaveLength(2);
  });

  it('begins no further file when the time is over, and counts none that comes too late', async () => {
    expect((await spool().putAll([batch('a'), batch('b')], -1)).size).toBe(0);
    // The first was begun: it is left to the next start.
    while ((await spool().take()).length === 0);
    expect(await spool().take()).toEqual([]);
  });
});
