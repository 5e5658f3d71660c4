import type { ColumnDefinitionBuilderCallback, Kysely } from 'kysely';
import { PostgresAdapter } from 'kysely';

/** A primary key that counts up by itself and is never used again. The one thing the two dialects spell differently. */
export function identityColumn(db: Kysely<unknown>): ColumnDefinitionBuilderCallback {
  const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter;
  return (column) =>
    isPostgres ? column.generatedAlwaysAsIdentity().primaryKey() : column.primaryKey().autoIncrement();
}
