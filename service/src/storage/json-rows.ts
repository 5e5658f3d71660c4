import { PostgresAdapter, type RawBuilder, sql } from 'kysely';
import type { Database } from './database.js';

/**
 * Many rows as one parameter: a source to select from, named `j`, whose `value` is each row's JSON array. A statement
 * with a placeholder for every value takes twice the time, most of it for reading the statement.
 */
export function jsonRows(database: Database, rows: readonly (readonly unknown[])[]): RawBuilder<unknown> {
  const json = JSON.stringify(rows);
  const isPostgres = database.getExecutor().adapter instanceof PostgresAdapter;
  return isPostgres ? sql`json_array_elements(${json}::json) as j(value)` : sql`json_each(${json}) as j`;
}
