import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { sql } from 'kysely';
import { type Database, openDatabase } from '../../src/storage/database.js';

const MEGABYTE = 1_000_000;
/** 4,000 pages with their heads, and the transaction that goes over it. */
const MAX_LOG_BYTES = 16.6 * MEGABYTE + MEGABYTE;

const fakeTimers = () =>
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'Date'] });

describe('the log of the embedded database', () => {
  let folder: string;
  let database: Database;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'feathery-test-'));
    database = await openDatabase({ dataDir: folder, databaseUrl: undefined });
    await sql`create table notes (content text)`.execute(database);
  });
  afterEach(async () => {
    jest.useRealTimers();
    await database.destroy();
    rmSync(folder, { recursive: true, force: true });
  });

  const write = (content: string, rows = 1) =>
    database.transaction().execute((transaction) =>
      sql`with recursive n(i) as (select 1 union all select i + 1 from n where i < ${rows})
            insert into notes select ${content} from n`.execute(transaction),
    );
  const isInFile = (content: string) => readFileSync(join(folder, 'feathery.db')).includes(content);
  const brought = async (content: string) => {
    while (!isInFile(content)) await nextTurn();
    // Busy: the checkpoint that wrote it has not come to its end.
    const ask = async () =>
      (await sql<{ busy: number }>`pragma wal_checkpoint(passive)`.execute(database)).rows[0]?.busy;
    while ((await ask()) !== 0) await nextTurn();
  };
  const logBytes = () => statSync(join(folder, 'feathery.db-wal')).size;

  it('is brought into the file within a second once many rows were written, and not by the commits', async () => {
    fakeTimers();
    for (const content of ['the first note', 'the second note']) {
      await write(content, 600);
      jest.advanceTimersByTime(1000);
      await write('more of them', 600);
      expect(isInFile(content)).toBe(false);
      jest.advanceTimersByTime(1000);
      await brought(content);
    }
  });

  it('begins anew when all of it is in the file', async () => {
    fakeTimers();
    await write('x'.repeat(1000), 1000);
    const before = logBytes();
    for (let round = 0; round < 5; round++) {
      await write(`${round} ${'y'.repeat(500)}`, 1000);
      jest.advanceTimersByTime(1000);
      await brought(`${round} yyy`);
    }
    expect(logBytes()).toBeLessThan(2 * before);
  });

  it('keeps within its bound while more is written than is brought into the file', async () => {
    for (let round = 0; round < 60; round++) await write('x'.repeat(MEGABYTE));
    expect(logBytes()).toBeLessThan(MAX_LOG_BYTES);
  });

  it('is gone when the database is closed while it is brought into the file', async () => {
    fakeTimers();
    await write('x'.repeat(10_000), 1000);
    await write('the last note');
    jest.advanceTimersByTime(1000);
    await database.destroy();
    expect(isInFile('the last note')).toBe(true);
    expect(logBytes()).toBe(0);
  });
});
