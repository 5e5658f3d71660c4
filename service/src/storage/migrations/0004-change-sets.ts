import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('change_sets')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('environment', 'text', (column) => column.notNull().references('environments.key').onDelete('cascade'))
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('title', 'text', (column) => column.notNull())
    .addColumn('changes', 'text', (column) => column.notNull())
    .addColumn('author', 'text', (column) => column.notNull())
    .addColumn('decision', 'text')
    .addColumn('scheduled_at', 'bigint')
    .addColumn('failure', 'text')
    .addColumn('audit_id', 'integer')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('change_sets_by_environment')
    .on('change_sets')
    .columns(['environment', 'created_at', 'id'])
    .execute();
  await db.schema.createIndex('change_sets_by_schedule').on('change_sets').columns(['state', 'scheduled_at']).execute();
}
