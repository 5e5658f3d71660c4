import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cache, type CacheParts } from '../lib/cache.js';
import type { FeatheryError } from '../lib/errors.js';
import type { DataSet } from '../lib/protocol.js';

const data: DataSet = {
  settings: { a: { key: 'a', version: 1, variations: ['ü', null] }, __proto__x: { key: '__proto__x', version: 2 } },
  segments: { s: { key: 's', version: 3, included: ['ada'] } },
};

describe('cache', () => {
  let folder: string;
  let path: string;
  let problems: FeatheryError[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'feathery-cache-'));
    path = join(folder, 'settings.cache');
    problems = [];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const make = (parts: Partial<CacheParts> = {}) =>
    new Cache({
      path,
      identity: ['key', ''],
      keepAlive: false,
      now: () => 1_000_000,
      read: () => ({ data, revision: 7 }),
      onProblem: (error) => problems.push(error),
      ...parts,
    });

  async function write(parts: Partial<CacheParts> = {}): Promise<void> {
    const cache = make(parts);
    cache.save(true);
    await cache.close();
  }

  it('gives back what was saved, with its age', async () => {
    await write();
    expect(make().load()).toEqual({ data, revision: 7, savedAt: 1_000_000 });
    expect(problems).toEqual([]);
  });

  it('is a file for its owner alone, with nothing beside it', async () => {
    await write({ path: join(folder, 'made', 'on', 'demand') });
    const made = join(folder, 'made', 'on');
    expect(readdirSync(made)).toEqual(['demand']);
    expect(statSync(join(made, 'demand')).mode & 0o777).toBe(0o600);
  });

  it('is nothing to talk about when there is no file yet', () => {
    expect(make().load()).toBeUndefined();
    expect(problems).toEqual([]);
  });

  it('does not hold the SDK key', async () => {
    await write({ identity: ['secret-key', ''] });
    expect(readFileSync(path, 'utf8')).not.toContain('secret-key');
  });

  it.each([
    ['is empty', () => ''],
    ['is no JSON', () => 'garbage'],
    ['is another JSON', () => '{"flags":{}}'],
    ['is null', () => 'null\nnull'],
    ['is cut', (text: string) => text.slice(0, -20)],
    ['lacks its last line', (text: string) => text.split('\n').slice(0, -2).join('\n')],
    ['was changed', (text: string) => text.replace('ada', 'bob')],
    ['is of a future format', (text: string) => text.replace('"version":1', '"version":2')],
    ['is of another program', (text: string) => text.replace('feathery-cache', 'other')],
    ['has binary in it', () => '\u0000\uffff'],
  ])('is ignored and reported when the file %s', async (_name, change) => {
    await write();
    writeFileSync(path, change(readFileSync(path, 'utf8')));
    expect(make().load()).toBeUndefined();
    expect(problems).toEqual([expect.objectContaining({ code: 'CACHE', message: expect.stringContaining(path) })]);
  });

  it('is ignored when it belongs to another key or filter', async () => {
    await write();
    expect(make({ identity: ['other key', ''] }).load()).toBeUndefined();
    expect(make({ identity: ['key', 'filter'] }).load()).toBeUndefined();
    expect(problems).toHaveLength(2);
  });

  it('reports a file that cannot be read, and one that cannot be written', async () => {
    const unusable = join(folder, 'a-file');
    writeFileSync(unusable, '');
    expect(make({ path: folder }).load()).toBeUndefined();
    await write({ path: join(unusable, 'below') });
    expect(problems.map(({ code }) => code)).toEqual(['CACHE', 'CACHE']);
  });

  it('keeps the file before when writing fails', async () => {
    await write();
    const cache = make({
      read: () => ({ data: { settings: { bad: { toJSON: () => fail() } as never }, segments: {} }, revision: 8 }),
    });
    cache.save(true);
    await cache.close();
    expect(problems).toHaveLength(1);
    expect(make().load()?.revision).toBe(7);
    expect(readdirSync(folder)).toEqual(['settings.cache']);
  });

  it('is written once for changes in quick succession, and not when nothing has changed', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    let reads = 0;
    const cache = make({ read: () => ({ data, revision: ++reads }) });
    cache.save(true);
    cache.save(true);
    cache.save(false);
    jest.advanceTimersByTime(1000);
    cache.save(false);
    jest.advanceTimersByTime(5000);
    expect(reads).toBe(1);
    cache.save(true);
    jest.advanceTimersByTime(1000);
    expect(reads).toBe(2);
    jest.useRealTimers();
    await cache.close();
    expect(make().load()?.revision).toBe(2);
  });

  it('is written at the first confirmation, because the file may be old', async () => {
    const cache = make();
    cache.save(false);
    await cache.close();
    expect(make().load()?.savedAt).toBe(1_000_000);
  });

  it('writes what is pending under the key it came with, and is written anew for another key', async () => {
    const cache = make();
    cache.save(true);
    cache.rotate(['next key', '']);
    await cache.close();
    expect(make().load()?.revision).toBe(7);
    cache.save(false);
    await cache.close();
    expect(make({ identity: ['next key', ''] }).load()?.revision).toBe(7);
    expect(problems).toEqual([]);
  });

  it('is always complete while several write it', async () => {
    const settings = Object.fromEntries(
      Array.from({ length: 500 }, (_, n) => [`s${n}`, { key: `s${n}`, version: 1, variations: ['x'.repeat(50)] }]),
    );
    const writers = Array.from({ length: 5 }, (_, n) => {
      const cache = make({ read: () => ({ data: { settings, segments: {} }, revision: n }) });
      cache.save(true);
      return cache.close();
    });
    await Promise.all(writers);
    const loaded = make().load();
    expect(Object.keys(loaded?.data.settings ?? {})).toHaveLength(500);
    expect(readdirSync(folder)).toEqual(['settings.cache']);
    expect(problems).toEqual([]);
  });

  it('takes away what a killed process has left, but nothing that may still be in use', async () => {
    const old = `${path}.0.tmp`;
    for (const name of [old, `${path}.1.tmp`]) writeFileSync(name, '');
    const now = Date.now();
    utimesSync(old, new Date(now - 4_000_000), new Date(now - 4_000_000));
    await write({ now: () => now });
    expect(readdirSync(folder).sort()).toEqual(['settings.cache', 'settings.cache.1.tmp']);
  });

  it('is not readable by others even when the file before was', async () => {
    writeFileSync(path, '');
    chmodSync(path, 0o666);
    await write();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});

function fail(): never {
  throw new Error('cannot be written');
}
