import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { StartError } from '../../src/start-error.js';
import { openDatabase } from '../../src/storage/database.js';
import { insertEnvironment, listEnvironments } from '../../src/storage/environments.js';
import { cannotUseSqlite } from '../../src/storage/sqlite.js';
import { describeEachDatabase } from '../support/databases.js';

const PRODUCTION = { key: 'production', name: 'Production', epoch: 'e', revision: 1, created_at: 1_800_000_000_000 };

describeEachDatabase('database', ({ open, place }) => {
  it('keeps what was stored when it is opened again', async () => {
    const where = await place();
    const first = await openDatabase(where);
    await insertEnvironment(first, PRODUCTION);
    await first.destroy();
    const second = await openDatabase(where);
    expect(await listEnvironments(second)).toEqual([PRODUCTION]);
    await second.destroy();
  });

  it('gives times back as the numbers they were', async () => {
    const database = await open();
    await insertEnvironment(database, PRODUCTION);
    expect((await listEnvironments(database))[0]?.created_at).toBe(1_800_000_000_000);
  });

  it('answers from a table that was changed since the same was asked', async () => {
    const database = await open();
    const ask = async () => (await sql`select * from notes`.execute(database)).rows;
    await sql`create table notes (id integer)`.execute(database);
    await sql`insert into notes (id) values (1)`.execute(database);
    expect(await ask()).toEqual([{ id: 1 }]);
    await sql`alter table notes add column name text`.execute(database);
    expect(await ask()).toEqual([{ id: 1, name: null }]);
  });

  it('answers more different questions than it remembers, each again', async () => {
    const database = await open();
    const ask = async (number: number) =>
      (await sql<{ n: number }>`select ${sql.lit(number)} as n`.execute(database)).rows[0]?.n;
    for (let round = 0; round < 2; round++) {
      for (let number = 0; number < 250; number++) expect(await ask(number)).toBe(number);
    }
  });

  it('undoes everything of a transaction that fails', async () => {
    const database = await open();
    const failing = database.transaction().execute(async (transaction) => {
      await insertEnvironment(transaction, PRODUCTION);
      throw new Error('after all, no');
    });
    await expect(failing).rejects.toThrow('after all, no');
    expect(await listEnvironments(database)).toEqual([]);
  });

  it('refuses a database that a newer version wrote', async () => {
    const where = await place();
    const database = await openDatabase(where);
    await sql`insert into kysely_migration (name, timestamp) values ('9999-future', '2100-01-01')`.execute(database);
    await database.destroy();
    await expect(openDatabase(where)).rejects.toThrow(/another version of Feathery/);
  });
});

describe('database in a folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'feathery-test-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const open = (dataDir = folder) => openDatabase({ dataDir, databaseUrl: undefined });

  it('makes each commit reach the disk before it returns', async () => {
    const database = await open();
    const { rows } = await sql<{ synchronous: number }>`pragma synchronous`.execute(database);
    const journal = await sql<{ journal_mode: string }>`pragma journal_mode`.execute(database);
    expect([rows[0]?.synchronous, journal.rows[0]?.journal_mode]).toEqual([2, 'wal']);
    await database.destroy();
  });

  it('says that the disk is full, keeps what was there, and goes on when there is room again', async () => {
    const database = await open();
    await sql`pragma max_page_count = 1`.execute(database);
    const large = { ...PRODUCTION, name: 'x'.repeat(1_000_000) };
    const writing = database.transaction().execute((transaction) => insertEnvironment(transaction, large));
    await expect(writing).rejects.toMatchObject({ code: 'SQLITE_FULL' });
    expect(await listEnvironments(database)).toEqual([]);
    await sql`pragma max_page_count = 100000`.execute(database);
    await insertEnvironment(database, large);
    expect(await listEnvironments(database)).toEqual([large]);
    await database.destroy();
  });

  it('is refused to a second one while the first is open', async () => {
    const first = await open();
    await expect(open()).rejects.toThrow(StartError);
    await expect(open()).rejects.toThrow(/Another Feathery service is using the data folder/);
    await first.destroy();
    await (await open()).destroy();
  });

  it.each(['file', 'file/data'])('is refused when the folder is a file or in one: %s', async (path) => {
    writeFileSync(join(folder, 'file'), '');
    await expect(open(join(folder, path))).rejects.toThrow(/^Cannot use the data folder .*: it is a file.*--data-dir/);
  });

  it('is not called damaged when it is not a file', async () => {
    mkdirSync(join(folder, 'feathery.db'));
    await expect(open()).rejects.toThrow(/^Cannot use the database .*feathery\.db .*--data-dir/);
  });

  it.each([
    ['from its first byte', (bytes: Buffer) => bytes.fill('x', 0, 100)],
    ['in its middle', (bytes: Buffer) => bytes.fill('x', 4096)],
  ])('is refused with a word on backups when the file is damaged %s', async (_where, damage) => {
    await (await open()).destroy();
    const file = join(folder, 'feathery.db');
    writeFileSync(file, damage(readFileSync(file)));
    const refused = expect(open()).rejects;
    await refused.toThrow(/Restore a backup/);
    await refused.toThrow(StartError);
  });
});

describe('what keeps a database from being used', () => {
  it.each([
    ['file is not a database', /^The database \/data\/feathery\.db is damaged .*Restore a backup/],
    ['database disk image is malformed', /^The database \/data\/feathery\.db is damaged .*Restore a backup/],
    ['database or disk is full', /^The disk of the database .* is full\. Make room/],
    ['unable to open database file', /^Cannot use the database .*--data-dir/],
  ])('is told with what to do: %s', (message, words) => {
    expect(cannotUseSqlite('/data', new Error(message)).message).toMatch(words);
  });
});

describe('PostgreSQL address', () => {
  it('is refused with the reason when nobody answers there', async () => {
    const where = { dataDir: '', databaseUrl: 'postgres://nobody@127.0.0.1:1/none' };
    await expect(openDatabase(where)).rejects.toThrow(
      /Cannot use the PostgreSQL database: .*ECONNREFUSED.*--database-url/,
    );
  });
});
