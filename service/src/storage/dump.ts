// Every table row by row, for backups: read in one moment of the database, and put in place of what is there.
import { type RawBuilder, sql } from 'kysely';
import type { Database, Tables } from './database.js';
import { createEpoch, listEnvironments } from './environments.js';
import { isShared } from './locks.js';
import { migrations } from './migrations/index.js';

/** Sessions and one-time links are not kept: what has ended since must not come back to life. */
const NOT_KEPT = ['sessions', 'links'] as const;

type KeptTable = Exclude<keyof Tables, (typeof NOT_KEPT)[number]>;

/** The tables that are kept, each after those it refers to, with their primary keys. */
const PRIMARY_KEYS: { readonly [Name in KeptTable]: readonly (keyof Tables[Name] & string)[] } = {
  environments: ['key'],
  definitions: ['key'],
  items: ['environment', 'kind', 'key'],
  change_log: ['environment', 'revision'],
  audit: ['id'],
  audit_items: ['audit_id', 'position'],
  change_sets: ['id'],
  sdk_keys: ['id'],
  tokens: ['id'],
  members: ['id'],
  environment_policies: ['environment'],
  payloads: ['environment', 'id'],
  evaluation_counts: ['environment', 'resolution', 'start', 'setting', 'variation', 'version'],
  custom_counts: ['environment', 'resolution', 'start', 'key'],
  contexts: ['environment', 'kind', 'key'],
};
const KEPT = Object.keys(PRIMARY_KEYS) as KeptTable[];
/** Tables whose `id` the database counts up. */
const COUNTED: readonly KeptTable[] = ['audit'];

/** A row can be a setting of several megabytes. */
const ROWS_PER_READ = 100;
const ROWS_PER_WRITE = 100;

/** The rows of one table that are read or written together. */
export interface Rows {
  readonly table: string;
  readonly columns: readonly string[];
  readonly values: readonly (readonly unknown[])[];
}

/** Reads all tables. `transaction` is one that sees a single moment. */
export async function* readTables(transaction: Database): AsyncGenerator<Rows> {
  for (const table of KEPT) {
    const keys: readonly string[] = PRIMARY_KEYS[table];
    for (let last: Row | undefined; ; ) {
      const { rows } = await pageAfter(last, table, keys).execute(transaction);
      last = rows.at(-1);
      if (last === undefined) break;
      const columns = Object.keys(last);
      yield { table, columns, values: rows.map((row) => columns.map((column) => row[column])) };
    }
  }
}

type Row = Record<string, unknown>;

function pageAfter(last: Row | undefined, table: string, keys: readonly string[]): RawBuilder<Row> {
  const key = sql.join(keys.map((name) => sql.ref(name)));
  const isAfter = last && sql`where (${key}) > (${sql.join(keys.map((name) => last[name]))})`;
  return sql<Row>`select * from ${sql.table(table)} ${isAfter ?? sql``} order by ${key} limit ${ROWS_PER_READ}`;
}

/** Whether nothing that is kept has a row. */
export async function isEmpty(database: Database): Promise<boolean> {
  for (const table of KEPT) {
    const { rows } = await sql`select 1 from ${sql.table(table)} limit 1`.execute(database);
    if (rows.length > 0) return false;
  }
  return true;
}

/** Drops every table and makes those of an earlier or the present version anew, empty. */
export async function recreateTables(transaction: Database, versions: readonly string[]): Promise<void> {
  for (const table of [...KEPT, ...NOT_KEPT].toReversed()) await transaction.schema.dropTable(table).execute();
  for (const name of versions) await migrations[name]?.up(transaction);
}

export async function insertRows(transaction: Database, { table, columns, values }: Rows): Promise<void> {
  const names = sql.join(columns.map((name) => sql.ref(name)));
  // PostgreSQL counts ids up by itself and takes given ones only when told to.
  const overriding = isShared(transaction) ? sql`overriding system value` : sql``;
  for (let start = 0; start < values.length; start += ROWS_PER_WRITE) {
    const rows = values.slice(start, start + ROWS_PER_WRITE).map((row) => sql`(${sql.join(row)})`);
    await sql`insert into ${sql.table(table)} (${names}) ${overriding} values ${sql.join(rows)}`.execute(transaction);
  }
}

/** Brings the tables that `recreateTables` made to the present version, and ids that are counted to where they stood. */
export async function completeTables(transaction: Database, versions: readonly string[]): Promise<void> {
  for (const name of Object.keys(migrations).slice(versions.length)) await migrations[name]?.up(transaction);
  if (!isShared(transaction)) return;
  for (const table of COUNTED) {
    await sql`select setval(pg_get_serial_sequence(${table}, 'id'), max(id)) from ${sql.table(table)}`.execute(
      transaction,
    );
  }
}

/** Says that revisions before and after cannot be compared: every server gets everything anew. */
export async function renewEpochs(transaction: Database): Promise<number> {
  const environments = await listEnvironments(transaction);
  for (const { key } of environments) {
    await transaction.updateTable('environments').set({ epoch: createEpoch() }).where('key', '=', key).execute();
  }
  return environments.length;
}
