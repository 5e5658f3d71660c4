import type { Kysely } from 'kysely';
import { identityColumn } from './identity-column.js';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('environments')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('epoch', 'text', (column) => column.notNull())
    .addColumn('revision', 'bigint', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();

  await db.schema
    .createTable('definitions')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('version', 'bigint', (column) => column.notNull())
    .addColumn('deleted', 'integer', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('description', 'text', (column) => column.notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('tags', 'text', (column) => column.notNull())
    .addColumn('variations', 'text', (column) => column.notNull())
    .addColumn('value_schema', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addColumn('search', 'text', (column) => column.notNull())
    .execute();

  await db.schema
    .createTable('items')
    .addColumn('environment', 'text', (column) => column.notNull().references('environments.key').onDelete('cascade'))
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('version', 'bigint', (column) => column.notNull())
    .addColumn('item', 'text')
    .addColumn('meta', 'text')
    .addPrimaryKeyConstraint('items_pk', ['environment', 'kind', 'key'])
    .execute();

  await db.schema
    .createTable('change_log')
    .addColumn('environment', 'text', (column) => column.notNull().references('environments.key').onDelete('cascade'))
    .addColumn('revision', 'bigint', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('author', 'text', (column) => column.notNull())
    .addColumn('comment', 'text', (column) => column.notNull())
    .addColumn('changes', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('change_log_pk', ['environment', 'revision'])
    .execute();

  await db.schema
    .createTable('audit')
    .addColumn('id', 'integer', identityColumn(db))
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('environment', 'text')
    .addColumn('revision', 'bigint')
    .addColumn('comment', 'text', (column) => column.notNull())
    .addColumn('reverts', 'bigint')
    .execute();

  await db.schema
    .createTable('audit_items')
    .addColumn('audit_id', 'integer', (column) => column.notNull().references('audit.id').onDelete('cascade'))
    .addColumn('position', 'integer', (column) => column.notNull())
    .addColumn('environment', 'text')
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('before', 'text')
    .addColumn('after', 'text')
    .addPrimaryKeyConstraint('audit_items_pk', ['audit_id', 'position'])
    .execute();

  await db.schema.createIndex('audit_items_by_key').on('audit_items').columns(['kind', 'key', 'audit_id']).execute();
}
