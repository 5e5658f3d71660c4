import type { Database } from './database.js';

/** Writes when each key, token or session was last used, in one transaction. Never sets one back. */
export async function writeLastUses(
  database: Database,
  table: 'sdk_keys' | 'tokens' | 'sessions',
  uses: ReadonlyMap<string, number>,
): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    for (const [id, at] of uses) {
      await transaction
        .updateTable(table)
        .set({ last_used_at: at })
        .where('id', '=', id)
        .where((eb) => eb.or([eb('last_used_at', 'is', null), eb('last_used_at', '<', at)]))
        .execute();
    }
  });
}
