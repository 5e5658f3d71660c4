import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('payloads')
    .addColumn('environment', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('payloads_pk', ['environment', 'id'])
    .execute();
  await db.schema.createIndex('payloads_by_age').on('payloads').columns(['at']).execute();

  await db.schema
    .createTable('evaluation_counts')
    .addColumn('environment', 'text', (column) => column.notNull())
    .addColumn('resolution', 'text', (column) => column.notNull())
    .addColumn('start', 'bigint', (column) => column.notNull())
    .addColumn('setting', 'text', (column) => column.notNull())
    .addColumn('variation', 'bigint', (column) => column.notNull())
    .addColumn('version', 'bigint', (column) => column.notNull())
    .addColumn('count', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('evaluation_counts_pk', [
      'environment',
      'resolution',
      'start',
      'setting',
      'variation',
      'version',
    ])
    .execute();

  await db.schema
    .createTable('custom_counts')
    .addColumn('environment', 'text', (column) => column.notNull())
    .addColumn('resolution', 'text', (column) => column.notNull())
    .addColumn('start', 'bigint', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('count', 'bigint', (column) => column.notNull())
    .addColumn('sum', 'double precision', (column) => column.notNull())
    .addPrimaryKeyConstraint('custom_counts_pk', ['environment', 'resolution', 'start', 'key'])
    .execute();

  await db.schema
    .createTable('contexts')
    .addColumn('environment', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('name', 'text')
    .addColumn('attributes', 'text')
    .addColumn('companions', 'text', (column) => column.notNull())
    .addColumn('first_seen', 'bigint', (column) => column.notNull())
    .addColumn('last_seen', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('contexts_pk', ['environment', 'kind', 'key'])
    .execute();
  await db.schema.createIndex('contexts_by_age').on('contexts').columns(['environment', 'kind', 'last_seen']).execute();
}
