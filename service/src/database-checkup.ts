// What `feathery doctor` asks the database, beside a service that may be using it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Config } from './config.js';
import { type Finding, ok, problem, warning } from './finding.js';
import { readNewestTime } from './storage/audit.js';
import type { Database } from './storage/database.js';
import { openToRead, readSchemaState, type SchemaState } from './storage/reader.js';
import { DATABASE_FILE } from './storage/sqlite.js';
import { isoTime } from './time.js';

type Place = Pick<Config, 'dataDir' | 'databaseUrl'>;

const LEAST_POSTGRES = 15;
/** No clock that is right says less: this version was made later. */
const LEAST_TIME = Date.parse('2026-01-01T00:00:00Z');
/** Apart by more than this, an expiry or a schedule is noticed at different times by different nodes. */
const APART_MS = 1000;
const FAR_APART_MS = 60_000;

/** Whether the database answers, is whole, and fits this version. */
export async function checkDatabase(place: Place): Promise<Finding> {
  if (!exists(place)) return ok('made at the first start');
  const isEmbedded = place.databaseUrl === undefined;
  try {
    return await reading(place, isEmbedded ? checkSqlite : checkPostgres);
  } catch (error) {
    const reason = (error as Error).message || (error as { code?: string }).code;
    return problem(
      isEmbedded
        ? `It cannot be read: ${reason}. Restore a backup into an empty folder (feathery restore).`
        : `It cannot be asked: ${reason}. Check --database-url, and that PostgreSQL is running.`,
    );
  }
}

/** Whether the clock can be right: after this version was made, with the database, after what is stored. */
export async function checkClock(place: Place, now: () => number): Promise<Finding> {
  if (now() < LEAST_TIME) return problem(`It says ${isoTime(now())}, which is long past. Set the clock.`);
  if (!exists(place)) return ok(isoTime(now()));
  return reading(place, async (database) => {
    const apartMs = place.databaseUrl === undefined ? 0 : await measureDifference(database, now);
    if (Math.abs(apartMs) > APART_MS) {
      const text = `It is ${Math.round(apartMs)} ms from the clock of the database. Synchronise both (NTP).`;
      return Math.abs(apartMs) > FAR_APART_MS ? problem(text) : warning(text);
    }
    const newest = (await readSchemaState(database)) === 'current' ? await readNewestTime(database) : undefined;
    if (newest === undefined || newest <= now() + APART_MS) return ok(isoTime(now()));
    return warning(
      `It says ${isoTime(now())}, but the newest change is of ${isoTime(newest)}: one of the two is wrong. Set the clock. ` +
        'No change is lost by this; only times in the audit are out of order.',
    );
  }).catch(() => ok(`${isoTime(now())}, not compared with the database`));
}

function exists({ dataDir, databaseUrl }: Place): boolean {
  return databaseUrl !== undefined || existsSync(join(dataDir, DATABASE_FILE));
}

async function reading<T>(place: Place, use: (database: Database) => Promise<T>): Promise<T> {
  const database = openToRead(place);
  try {
    return await use(database);
  } finally {
    await database.destroy();
  }
}

async function checkSqlite(database: Database): Promise<Finding> {
  const { rows } = await sql<{ integrity_check: string }>`pragma integrity_check(1)`.execute(database);
  const fault = rows[0]?.integrity_check;
  if (fault !== 'ok')
    return problem(`It is damaged: ${fault}. Restore a backup into an empty folder (feathery restore).`);
  const version = await readOne<string>(database, sql`select sqlite_version() as value`);
  return schemaFinding(await readSchemaState(database), `SQLite ${version}, whole`);
}

async function checkPostgres(database: Database): Promise<Finding> {
  const version = await readOne<string>(database, sql`select current_setting('server_version_num') as value`);
  const major = Math.floor(Number(version) / 10_000);
  if (major < LEAST_POSTGRES) return problem(`PostgreSQL ${major} is too old. Use ${LEAST_POSTGRES} or newer.`);
  const encoding = await readOne<string>(database, sql`select current_setting('server_encoding') as value`);
  if (encoding !== 'UTF8') return problem(`It keeps texts as ${encoding}. Create it with ENCODING 'UTF8'.`);
  if (await readOne<boolean>(database, sql`select pg_is_in_recovery() as value`)) {
    return problem('It is a standby and takes no writes. Name the primary in --database-url.');
  }
  const mayCreate = sql`select coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) as value`;
  if (!(await readOne<boolean>(database, mayCreate))) {
    return problem('This user may not create tables. Grant it CREATE on the schema.');
  }
  return schemaFinding(await readSchemaState(database), `PostgreSQL ${major}`);
}

function schemaFinding(state: SchemaState, what: string): Finding {
  const texts: Readonly<Record<SchemaState, Finding>> = {
    empty: ok(`${what}, empty: tables are made at the first start`),
    current: ok(`${what}, up to date`),
    older: warning(
      `${what}, written by an older version. The next start changes it: make a backup with that version first.`,
    ),
    newer: problem(`${what}, written by another version of Feathery. Start that version, or a newer one.`),
  };
  return texts[state];
}

/** By how much our clock is ahead; what the question took is taken into account. */
async function measureDifference(database: Database, now: () => number): Promise<number> {
  const before = now();
  const theirs = await readOne<number>(database, sql`select extract(epoch from clock_timestamp()) * 1000 as value`);
  return (before + now()) / 2 - Number(theirs);
}

async function readOne<T>(database: Database, query: ReturnType<typeof sql>): Promise<T> {
  const { rows } = await query.execute(database);
  return (rows[0] as { value: T }).value;
}
