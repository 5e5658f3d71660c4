import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { sql } from 'kysely';
import { backup } from '../src/backup.js';
import { writeLines } from '../src/backup-file.js';
import { restore } from '../src/restore.js';
import { createSetting } from '../src/settings.js';
import { type Database, openDatabase } from '../src/storage/database.js';
import { migrations } from '../src/storage/migrations/index.js';
import { describeEachDatabase, type Place } from './support/databases.js';
import { entry, wire } from './support/wired.js';

const AT = Date.parse('2030-01-31T12:00:00Z');
const now = () => AT;
/** More than are read or written at one time. */
const CONTEXTS = 250;

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'feathery-backup-'));
  file = join(folder, 'backup.gz');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const createOne = async (database: Database, key: string) => {
  const { changes } = await wire(database);
  await changes.commit(entry('setting.create'), (draft) =>
    createSetting(draft, { key, type: 'boolean', description: 'ä "quoted"\nline' }, { now: AT, maxSettings: 100 }),
  );
};

/** Something in tables of every kind: texts, nulls, fractions, ids that are counted, more rows than one page. */
async function fill(database: Database): Promise<void> {
  await createOne(database, 'first');
  await createOne(database, 'second');
  const member = { name: 'Ada', role: 'admin', environments: null, password: '$scrypt$', created_at: AT };
  await database
    .insertInto('members')
    .values({ id: 'm1', email: 'ada@example.com', last_sign_in_at: null, ...member })
    .execute();
  await sql`insert into sessions (id, member, hash, created_at, expires_at, last_used_at, address, user_agent)
    values ('s1', 'm1', 'hash', 1, 2, 3, 'address', 'browser')`.execute(database);
  await sql`insert into links (hash, purpose, member, expires_at) values ('h', 'reset', 'm1', 1)`.execute(database);
  await sql`insert into custom_counts (environment, resolution, start, "key", count, sum)
    values ('production', 'day', ${AT}, 'purchase', 3, 0.1)`.execute(database);
  for (let number = 0; number < CONTEXTS; number++) {
    await sql`insert into contexts (environment, kind, "key", name, attributes, companions, first_seen, last_seen)
      values ('production', 'user', ${`user ${number}`}, ${null}, '{"plan":"pro"}', '[]', 1, 2)`.execute(database);
  }
}

async function readAll(database: Database): Promise<Record<string, unknown[]>> {
  const content: Record<string, unknown[]> = {};
  for (const { name } of await database.introspection.getTables()) {
    if (name.startsWith('kysely_')) continue;
    const { rows } = await sql`select * from ${sql.table(name)}`.execute(database);
    content[name] = rows.map((row) => JSON.stringify(row)).sort();
  }
  return content;
}

async function within<T>(place: Place, use: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase(place);
  try {
    return await use(database);
  } finally {
    await database.destroy();
  }
}

describeEachDatabase('backup', ({ place }) => {
  it('brings everything into an empty database, but for sessions and links', async () => {
    const [from, to] = [await place(), await place()];
    const before = await within(from, async (database) => {
      await fill(database);
      return readAll(database);
    });
    await backup(from, file, now);
    const restored = await restore(to, file, { replace: false, now });
    const after = await within(to, readAll);
    expect(restored).toEqual({ at: '2030-01-31T12:00:00.000Z', environments: 1, rows: expect.any(Number) });
    expect(after.contexts).toHaveLength(CONTEXTS);
    const { environments, audit, ...others } = after;
    expect(others).toEqual({
      ...before,
      sessions: [],
      links: [],
      environments: undefined,
      audit: undefined,
    });
    expect(environments?.map(withoutEpoch)).toEqual(before.environments?.map(withoutEpoch));
    expect(environments).not.toEqual(before.environments);
    expect(audit).toEqual(expect.arrayContaining(before.audit as unknown[]));
    expect(audit?.filter((row) => String(row).includes('service.restore'))).toHaveLength(1);
  }, 30_000);

  it('is of one moment while others write', async () => {
    const from = await place();
    await within(from, async (database) => {
      await fill(database);
      const writing = createOne(database, 'third');
      const reading = backup(from, file, now);
      await Promise.all([writing, reading]);
    });
    const to = await place();
    await restore(to, file, { replace: false, now });
    const { definitions = [], items = [], change_log: log = [] } = await within(to, readAll);
    expect(items).toHaveLength(definitions.length);
    expect(log).toHaveLength(definitions.length);
  }, 30_000);

  it('is not restored over data, unless told to', async () => {
    const [from, to] = [await place(), await place()];
    await within(from, (database) => createOne(database, 'kept'));
    await backup(from, file, now);
    await within(to, (database) => createOne(database, 'there'));
    await expect(restore(to, file, { replace: false, now })).rejects.toThrow(/not empty.*--replace/);
    expect(await keysOf(to)).toEqual(['there']);
    await restore(to, file, { replace: true, now });
    expect(await keysOf(to)).toEqual(['kept']);
    // What is written next does not meet an id that is taken.
    await within(to, (database) => createOne(database, 'next'));
  }, 30_000);

  it.each([
    ['cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2), /cannot be restored/],
    ['of another kind', () => Buffer.from('hello'), /it is no backup, or damaged/],
    ['without its last line', changed((lines) => lines.slice(0, -1)), /its end is missing/],
    ['changed inside', changed((lines) => lines.map((line) => line.replace('kept', 'bent'))), /its checksum is wrong/],
    ['shorter by a row', changed((lines) => [...lines.slice(0, -2), lines.at(-1) as string]), /its checksum is wrong/],
    ['no backup', changed(() => ['{"hello":1}']), /it is not a backup of Feathery/],
    ['of a form to come', changed((lines) => lines.map((line) => line.replace('"format":1', '"format":2'))), /form 2/],
  ])('changes nothing when it is %s', async (_what, damage, words) => {
    const [from, to] = [await place(), await place()];
    await within(from, (database) => createOne(database, 'kept'));
    await backup(from, file, now);
    writeFileSync(file, damage(readFileSync(file)));
    await within(to, (database) => createOne(database, 'there'));
    const before = await within(to, readAll);
    const refused = expect(restore(to, file, { replace: true, now })).rejects;
    await refused.toThrow(words);
    await refused.toThrow(/Nothing was changed/);
    expect(await within(to, readAll)).toEqual(before);
  });

  it('of an earlier version gets the tables of this one', async () => {
    const versions = Object.keys(migrations).slice(0, 1);
    const header = { service: '0.0.1', at: new Date(AT).toISOString(), migrations: versions };
    const environment = { key: 'production', name: 'P', epoch: 'e', revision: 7, created_at: 1 };
    await write(header, environment);
    const to = await place();
    await restore(to, file, { replace: false, now });
    const { environments, sdk_keys: keys } = await within(to, readAll);
    expect([environments?.map(withoutEpoch), keys]).toEqual([[withoutEpoch(JSON.stringify(environment))], []]);
    await within(to, (database) => createOne(database, 'next'));
  });

  it('of a later version is refused', async () => {
    await write({ service: '9.0.0', at: '', migrations: [...Object.keys(migrations), '9999-future'] }, {});
    await expect(restore(await place(), file, { replace: false, now })).rejects.toThrow(/Feathery 9\.0\.0.*newer/);
  });

  it('is not made of a database of another version', async () => {
    const from = await place();
    await within(from, (database) =>
      sql`insert into kysely_migration (name, timestamp) values ('9999-future', '2100-01-01')`.execute(database),
    );
    await expect(backup(from, file, now)).rejects.toThrow(/another version of Feathery/);
    expect(readdirSync(folder)).toEqual([]);
  });

  const keysOf = async (where: Place) =>
    ((await within(where, readAll)).definitions ?? []).map((row) => JSON.parse(String(row)).key);

  async function write(header: Parameters<typeof writeLines>[0], row: object): Promise<void> {
    async function* tables() {
      yield { table: 'environments', columns: Object.keys(row), values: [Object.values(row)] };
    }
    let text = '';
    for await (const line of writeLines(header, tables())) text += line;
    writeFileSync(file, gzipSync(text));
  }
});

describe('backup file', () => {
  const place = () => ({ dataDir: join(folder, 'data'), databaseUrl: undefined });

  it('is for its owner only', async () => {
    await within(place(), (database) => createOne(database, 'a'));
    await backup(place(), file, now);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('does not replace another file', async () => {
    await within(place(), (database) => createOne(database, 'a'));
    writeFileSync(file, 'precious');
    await expect(backup(place(), file, now)).rejects.toThrow(/There is a file .* already/);
    expect(readFileSync(file, 'utf8')).toBe('precious');
  });

  it('is not left behind half written', async () => {
    await within(place(), (database) => createOne(database, 'a'));
    await expect(backup(place(), join(folder, 'no/such/folder.gz'), now)).rejects.toThrow(/The backup failed: ENOENT/);
    expect(existsSync(join(folder, 'no'))).toBe(false);
  });

  it('needs a database, and a file to restore', async () => {
    await expect(backup(place(), file, now)).rejects.toThrow(/There is no database in .*--data-dir/);
    expect(existsSync(place().dataDir)).toBe(false);
    await expect(restore(place(), file, { replace: false, now })).rejects.toThrow(/There is no file/);
  });

  it('is not restored under a service that runs', async () => {
    await within(place(), async (database) => {
      await createOne(database, 'a');
      await backup(place(), file, now);
      await expect(restore(place(), file, { replace: true, now })).rejects.toThrow(/Another Feathery service/);
    });
  });
});

function withoutEpoch(row: unknown): unknown {
  return { ...JSON.parse(String(row)), epoch: undefined };
}

function changed(change: (lines: string[]) => string[]): (bytes: Buffer) => Buffer {
  return (bytes) => gzipSync(change(gunzipSync(bytes).toString().trimEnd().split('\n')).join('\n'));
}
