// Counts per minute, hour and day, and the ids of the payloads they came in.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { sql } from 'kysely';
import type { CustomCount, EvaluationCount } from '../analytics.js';
import type { Database } from './database.js';
import { jsonRows } from './json-rows.js';

export interface AnalyticsTables {
  /** Payloads that have been counted, so that none is counted twice. */
  payloads: { environment: string; id: string; at: number };
  evaluation_counts: {
    environment: string;
    resolution: Resolution;
    start: number;
    setting: string;
    /** -1: the caller's default value was served. */
    variation: number;
    /** -1: the setting was not known. */
    version: number;
    count: number;
  };
  custom_counts: {
    environment: string;
    resolution: Resolution;
    start: number;
    key: string;
    count: number;
    sum: number;
  };
}

/** Where counts are. */
export type CountTable = 'evaluation_counts' | 'custom_counts';

/** Every count is kept in each of these, so that a long period is read from few rows and a short one in detail. */
export const PERIODS_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
export type Resolution = keyof typeof PERIODS_MS;
export const RESOLUTIONS = Object.keys(PERIODS_MS) as Resolution[];

/**
 * Rows in one statement: up to ten milliseconds' work for the embedded database. Others get their turn after it, which
 * under load may be a long one, and whoever waits for the transaction waits for that as well.
 */
const ROWS_PER_STATEMENT = 2_000;

/** Rows read in one go, 5 to 10 ms' work, and rows added up by the embedded database itself, about as long. */
const ROWS_PER_READ = 2_000;
const ROWS_PER_SUM = 20_000;

/** Columns after the environment, in the order of the table. */
type EvaluationRow = [
  resolution: Resolution,
  start: number,
  setting: string,
  variation: number,
  version: number,
  count: number,
];
type CustomRow = [resolution: Resolution, start: number, key: string, count: number, sum: number];

/** Notes payloads as counted. Returns those that were not yet, as `<environment> <id>`. */
export async function claimPayloads(
  database: Database,
  payloads: readonly AnalyticsTables['payloads'][],
): Promise<Set<string>> {
  const claimed = new Set<string>();
  for await (const chunk of chunks(payloads)) {
    const ids = chunk.map(({ environment, id, at }) => [environment, id, at]);
    const { rows } = await sql<{ environment: string; id: string }>`
      insert into payloads (environment, id, at)
      select value->>0, value->>1, cast(value->>2 as bigint)
      from ${jsonRows(database, ids)} where true
      on conflict (environment, id) do nothing
      returning environment, id
    `.execute(database);
    for (const { environment, id } of rows) claimed.add(`${environment} ${id}`);
  }
  return claimed;
}

export async function addEvaluations(
  database: Database,
  environment: string,
  counts: Iterable<EvaluationCount>,
): Promise<void> {
  const rows = new Map<string, EvaluationRow>();
  for (const { start, setting, variation, version, count } of counts) {
    for (const resolution of RESOLUTIONS) {
      const period = periodOf(start, resolution);
      const id = `${resolution} ${period} ${setting} ${variation} ${version}`;
      const row = rows.get(id);
      if (row === undefined) rows.set(id, [resolution, period, setting, variation, version, count]);
      else row[5] += count;
    }
  }
  for await (const chunk of chunks(inKeyOrder(rows))) {
    await sql`
      insert into evaluation_counts (environment, resolution, start, setting, variation, version, count)
      select ${environment}, value->>0, cast(value->>1 as bigint), value->>2, cast(value->>3 as bigint),
        cast(value->>4 as bigint), cast(value->>5 as bigint)
      from ${jsonRows(database, chunk)} where true
      on conflict (environment, resolution, start, setting, variation, version)
      do update set count = evaluation_counts.count + excluded.count
    `.execute(database);
  }
}

export async function addCustomEvents(
  database: Database,
  environment: string,
  counts: Iterable<CustomCount>,
): Promise<void> {
  const rows = new Map<string, CustomRow>();
  for (const { start, key, count, sum } of counts) {
    for (const resolution of RESOLUTIONS) {
      const period = periodOf(start, resolution);
      const id = `${resolution} ${period} ${key}`;
      const row = rows.get(id);
      if (row === undefined) {
        rows.set(id, [resolution, period, key, count, sum]);
      } else {
        row[3] += count;
        row[4] += sum;
      }
    }
  }
  for await (const chunk of chunks(inKeyOrder(rows))) {
    await sql`
      insert into custom_counts (environment, resolution, start, key, count, sum)
      select ${environment}, value->>0, cast(value->>1 as bigint), value->>2, cast(value->>3 as bigint),
        cast(value->>4 as double precision)
      from ${jsonRows(database, chunk)} where true
      on conflict (environment, resolution, start, key)
      do update set count = custom_counts.count + excluded.count, sum = custom_counts.sum + excluded.sum
    `.execute(database);
  }
}

export interface Range {
  readonly environment: string;
  readonly resolution: Resolution;
  /** Starts of the first period and of the one after the last, in milliseconds. */
  readonly from: number;
  readonly to: number;
}

export interface PeriodCount {
  readonly setting: string;
  readonly start: number;
  readonly variation: number;
  readonly version: number;
  readonly count: number;
}

/** Counts per setting and period, in the order of periods, a page at a time: others get their turn in between. */
export async function* readEvaluations(
  database: Database,
  range: Range,
  setting?: string | undefined,
): AsyncGenerator<PeriodCount[]> {
  let query = database
    .selectFrom('evaluation_counts')
    .select(['setting', 'start', 'variation', 'version', 'count'])
    .where('environment', '=', range.environment)
    .where('resolution', '=', range.resolution)
    .orderBy('start')
    .orderBy('setting')
    .orderBy('variation')
    .orderBy('version')
    .limit(ROWS_PER_READ);
  // With each period named, the key leads straight to the rows of one setting.
  if (setting === undefined) query = query.where('start', '<', range.to);
  else query = query.where('start', 'in', periodsOf(range)).where('setting', '=', setting);
  let next = query.where('start', '>=', range.from);
  for (;;) {
    const page = await next.execute();
    yield page;
    const last = page.at(-1);
    if (last === undefined || page.length < ROWS_PER_READ) return;
    const { start, variation, version } = last;
    next = query.where(
      sql<boolean>`(start, setting, variation, version) > (${start}, ${last.setting}, ${variation}, ${version})`,
    );
    await nextTurn();
  }
}

export interface CustomSum {
  readonly key: string;
  readonly count: number;
  readonly sum: number;
}

/** Custom events, the most frequent first, at most `limit` of them. */
export async function readCustomEvents(database: Database, range: Range, limit: number): Promise<CustomSum[]> {
  const sums = new Map<string, CustomSum>();
  for await (const part of sumCustomEvents(database, range)) {
    for (const { key, count, sum } of part) {
      const before = sums.get(key) ?? { count: 0, sum: 0 };
      sums.set(key, { key, count: before.count + count, sum: before.sum + sum });
    }
  }
  return [...sums.values()].sort((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1)).slice(0, limit);
}

/** Sums of so many rows at a time as the embedded database adds up in one go. */
async function* sumCustomEvents(database: Database, range: Range): AsyncGenerator<CustomSum[]> {
  const all = database
    .selectFrom('custom_counts')
    .where('environment', '=', range.environment)
    .where('resolution', '=', range.resolution);
  let rest = all.where('start', '>=', range.from);
  for (;;) {
    const last = await rest
      .where('start', '<', range.to)
      .select(['start', 'key'])
      .orderBy('start')
      .orderBy('key')
      .limit(1)
      .offset(ROWS_PER_SUM - 1)
      .executeTakeFirst();
    // One bound on each side: of two the embedded database takes one into the index, and reads up to it.
    const part =
      last === undefined
        ? rest.where('start', '<', range.to)
        : rest.where(sql<boolean>`(start, key) <= (${last.start}, ${last.key})`);
    yield await part
      .select(['key', sql<number>`cast(sum(count) as bigint)`.as('count'), sql<number>`sum(sum)`.as('sum')])
      .groupBy('key')
      .execute();
    if (last === undefined) return;
    rest = all.where(sql<boolean>`(start, key) > (${last.start}, ${last.key})`);
    await nextTurn();
  }
}

/** Environments that have counts, those among them that do not exist any longer included. */
export async function listCountedEnvironments(database: Database, table: CountTable): Promise<string[]> {
  const environments: string[] = [];
  for (let last = ''; ; ) {
    // One look-up each: a plain `distinct` would read every row.
    const next = await database
      .selectFrom(table)
      .select('environment')
      .where('environment', '>', last)
      .orderBy('environment')
      .limit(1)
      .executeTakeFirst();
    if (next === undefined) return environments;
    last = next.environment;
    environments.push(last);
  }
}

/** Deletes the oldest period of an environment if it began before `before`. Returns whether there was one. */
export async function deleteOldestPeriod(
  database: Database,
  table: CountTable,
  { environment, resolution, before }: { environment: string; resolution: Resolution; before: number },
): Promise<boolean> {
  const oldest = await database
    .selectFrom(table)
    .select('start')
    .where('environment', '=', environment)
    .where('resolution', '=', resolution)
    .where('start', '<', before)
    .orderBy('start')
    .limit(1)
    .executeTakeFirst();
  if (oldest === undefined) return false;
  await database
    .deleteFrom(table)
    .where('environment', '=', environment)
    .where('resolution', '=', resolution)
    .where('start', '=', oldest.start)
    .execute();
  return true;
}

/** Forgets payloads counted before `before`, about `limit` of them. Returns whether there may be more. */
export async function deleteOldPayloads(database: Database, before: number, limit: number): Promise<boolean> {
  const last = await database
    .selectFrom('payloads')
    .select('at')
    .where('at', '<', before)
    .orderBy('at')
    .limit(1)
    .offset(limit - 1)
    .executeTakeFirst();
  await database
    .deleteFrom('payloads')
    .where('at', last === undefined ? '<' : '<=', last?.at ?? before)
    .execute();
  return last !== undefined;
}

/** Start of the period a time lies in. Periods are those of UTC. */
export function periodOf(at: number, resolution: Resolution): number {
  return at - (at % PERIODS_MS[resolution]);
}

function periodsOf({ from, to, resolution }: Range): number[] {
  const periods: number[] = [];
  for (let start = from; start < to; start += PERIODS_MS[resolution]) periods.push(start);
  return periods;
}

/** Always the same order, so that two nodes that count at once never wait for each other in a circle. */
function inKeyOrder<T>(rows: ReadonlyMap<string, T>): T[] {
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

/** Other requests get their turn between statements: the embedded database runs each of them in one go. */
async function* chunks<T>(rows: readonly T[]): AsyncGenerator<T[]> {
  for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
    if (start > 0) await nextTurn();
    yield rows.slice(start, start + ROWS_PER_STATEMENT);
  }
}
