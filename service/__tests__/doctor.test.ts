import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { SYSTEM } from '../src/actor.js';
import { type Config, createConfig } from '../src/config.js';
import { checkNode, checkOpenFiles, diskFinding, runDoctor } from '../src/doctor.js';
import { createFirstEnvironment } from '../src/environments.js';
import { recordAudit } from '../src/storage/audit.js';
import { openDatabase } from '../src/storage/database.js';
import { describeEachDatabase, type Place } from './support/databases.js';

const EDGES = { now: Date.now, nodeVersion: '22.1.0', maxOpenFiles: 1_000_000 };
const HOUR_MS = 3_600_000;

/** What the doctor says: the exit code, and each check's line by its name. */
async function examine(config: Partial<Config>, edges: Partial<typeof EDGES> = {}) {
  const lines: string[] = [];
  const print = (line: string) => void lines.push(line);
  const exitCode = await runDoctor({ ...createConfig(), port: 0, ...config }, { ...EDGES, ...edges }, print);
  const summary = lines.pop() as string;
  const found: Record<string, string> = {};
  for (const line of lines) {
    const [, level, name, text] = /^(ok|warning|problem) +(\w+(?: \w+)?) {2,}(.*)$/.exec(line) ?? [];
    found[name as string] = `${level}: ${text}`;
  }
  return { exitCode, summary, found };
}

describeEachDatabase('doctor', ({ place }) => {
  const prepare = async (change?: (database: Awaited<ReturnType<typeof openDatabase>>) => Promise<unknown>) => {
    const where = await place();
    const database = await openDatabase(where);
    await createFirstEnvironment(database, Date.now());
    await change?.(database);
    await database.destroy();
    if (where.dataDir) chmodSync(where.dataDir, 0o700);
    return where;
  };

  it('finds nothing in a service that is well', async () => {
    const { exitCode, summary, found } = await examine(await prepare());
    expect([exitCode, summary]).toEqual([0, '8 ok, 0 to look at, 0 to solve']);
    expect(found.database).toMatch(/^ok: (SQLite|PostgreSQL) \d+.*, up to date$/);
    expect(Object.keys(found)).toHaveLength(8);
  });

  it('says that a database to be made will be made', async () => {
    const { exitCode, found } = await examine(await place());
    expect([exitCode, found.database]).toEqual([0, expect.stringMatching(/^ok: .*made at the first start/)]);
  });

  it('tells a database of an older version from one of a newer', async () => {
    const older = await prepare((database) =>
      sql`delete from kysely_migration where name <> '0001-settings'`.execute(database),
    );
    const newer = await prepare((database) =>
      sql`insert into kysely_migration (name, timestamp) values ('9999-future', '2100-01-01')`.execute(database),
    );
    const [first, second] = [await examine(older), await examine(newer)];
    expect([first.exitCode, first.found.database]).toEqual([0, expect.stringMatching(/^warning: .*backup/)]);
    expect([second.exitCode, second.found.database]).toEqual([1, expect.stringMatching(/^problem: .*another version/)]);
  });

  it('finds a clock that was set back since the newest change', async () => {
    const where = await prepare((database) =>
      recordAudit(database, {
        at: Date.now() + HOUR_MS,
        actor: SYSTEM,
        action: 'setting.change',
        environment: null,
        revision: null,
        comment: '',
        reverts: null,
        items: [],
      }),
    );
    const { exitCode, found } = await examine(where);
    expect([exitCode, found.clock]).toEqual([0, expect.stringMatching(/^warning: .*newest change.*Set the clock/)]);
  });

  it('changes nothing', async () => {
    const where = await prepare();
    const read = async (from: Place) => {
      const database = await openDatabase(from);
      const { rows } = await sql`select * from environments`.execute(database);
      await database.destroy();
      return rows;
    };
    const before = await read(where);
    await examine(where);
    expect(await read(where)).toEqual(before);
  });

  it('finds a clock that is apart from the one of another machine', async () => {
    const where = await prepare();
    const { exitCode, found } = await examine(where, { now: () => Date.now() + HOUR_MS });
    const expected = where.databaseUrl === undefined ? [0, /^ok/] : [1, /^problem: It is 3\d{6} ms from .*NTP/];
    expect([exitCode, found.clock]).toEqual([expected[0], expect.stringMatching(expected[1] as RegExp)]);
  });
});

describe('doctor', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'feathery-doctor-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  it('goes on beside a service that runs', async () => {
    const database = await openDatabase({ dataDir, databaseUrl: undefined });
    expect((await examine({ dataDir })).exitCode).toBe(0);
    await database.destroy();
  });

  it.each([
    ['from its first byte', 0, 100],
    ['in its middle', 4096, undefined],
  ])('finds a database that is damaged %s, and names the backup', async (_where, start, end) => {
    await (await openDatabase({ dataDir, databaseUrl: undefined })).destroy();
    const file = join(dataDir, 'feathery.db');
    writeFileSync(file, readFileSync(file).fill('x', start, end));
    const { exitCode, found } = await examine({ dataDir });
    expect([exitCode, found.database]).toEqual([1, expect.stringMatching(/^problem: .*Restore a backup/)]);
    expect(found.clock).toMatch(/^ok/);
  });

  it('finds PostgreSQL out of reach, without telling the password', async () => {
    const { exitCode, found } = await examine({ databaseUrl: 'postgres://nobody:secret@127.0.0.1:1/x' });
    expect([exitCode, found.database]).toEqual([1, expect.stringMatching(/^problem: .*ECONNREFUSED.*--database-url/)]);
    expect(JSON.stringify(found)).not.toContain('secret');
  });

  it('finds a folder that cannot be written', async () => {
    const file = join(dataDir, 'file');
    writeFileSync(file, '');
    const { exitCode, found } = await examine({ dataDir: file });
    expect([exitCode, found['data folder']]).toEqual([1, expect.stringMatching(/cannot be written.*--data-dir/)]);
  });

  it('finds a folder that others may look into', async () => {
    const open = join(dataDir, 'open');
    mkdirSync(open);
    chmodSync(open, 0o755);
    expect((await examine({ dataDir: open })).found['data folder']).toMatch(/^warning: .*chmod 700/);
  });

  it('knows a service of its own on the port from another program', async () => {
    let body = '{"status":"ok"}';
    const server = createServer((_request, response) => response.end(body));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    expect((await examine({ dataDir, port })).found.port).toBe(`ok: a service answers on ${port}`);
    body = 'hello';
    const { exitCode, found } = await examine({ dataDir, port });
    expect([exitCode, found.port]).toEqual([1, expect.stringMatching(/in use.*--port/)]);
    await new Promise((resolve) => server.close(resolve));
  });

  it.each([
    [{ host: '0.0.0.0' }, /^warning: .*--trust-proxy/],
    [{ host: '0.0.0.0', trustProxy: ['loopback'] }, /^ok/],
    [{ adminToken: 'password' }, /^warning: FEATHERY_ADMIN_TOKEN can be guessed/],
  ])('judges the configuration %j', async (config, words) => {
    expect((await examine({ dataDir, ...config })).found.configuration).toMatch(words);
  });

  it('finds a clock before the time of this version', async () => {
    const { exitCode, found } = await examine({ dataDir }, { now: () => 0 });
    expect([exitCode, found.clock]).toEqual([1, expect.stringMatching(/1970.*Set the clock/)]);
  });
});

describe('doctor of machines', () => {
  it.each([
    ['20.19.0', 'ok'],
    ['24.0.0', 'ok'],
    ['20.18.3', 'problem'],
    ['18.20.0', 'problem'],
  ])('judges Node %s as %s', (version, level) => {
    expect(checkNode(version).level).toBe(level);
  });

  it.each([
    [50_000, 1024, 'warning'],
    [50_000, 65_536, 'ok'],
    [50_000, undefined, 'ok'],
  ])('judges %d streams with %d open files as %s', (streams, files, level) => {
    expect(checkOpenFiles(streams, files).level).toBe(level);
  });

  it.each([
    [50 * 2 ** 20, 'problem'],
    [500 * 2 ** 20, 'warning'],
    [5 * 2 ** 30, 'ok'],
  ])('judges %d free bytes as %s', (bytes, level) => {
    expect(diskFinding(bytes).level).toBe(level);
  });
});
