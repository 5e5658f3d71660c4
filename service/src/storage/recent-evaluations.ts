import { sql } from 'kysely';
import type { Resolution } from './analytics.js';
import type { Database } from './database.js';

/** How often each setting was evaluated in one period. */
export async function countPeriod(
  database: Database,
  environment: string,
  resolution: Resolution,
  start: number,
): Promise<Map<string, number>> {
  const rows = await database
    .selectFrom('evaluation_counts')
    .select(['setting', sql<number>`cast(sum(count) as bigint)`.as('count')])
    .where('environment', '=', environment)
    .where('resolution', '=', resolution)
    .where('start', '=', start)
    .groupBy('setting')
    .execute();
  return new Map(rows.map(({ setting, count }) => [setting, count]));
}
