import { type Kysely, PostgresAdapter } from 'kysely';

/** Ids of audit entries fit what a client may ask for, and never run out. SQLite's integers are wide already. */
export async function up(db: Kysely<unknown>): Promise<void> {
  if (!(db.getExecutor().adapter instanceof PostgresAdapter)) return;
  for (const [table, column] of [
    ['audit', 'id'],
    ['audit_items', 'audit_id'],
    ['change_sets', 'audit_id'],
  ] as const) {
    await db.schema
      .alterTable(table)
      .alterColumn(column, (alter) => alter.setDataType('bigint'))
      .execute();
  }
}
