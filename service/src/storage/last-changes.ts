// When each setting was last changed and by whom, from the audit.
import type { Actor } from '../actor.js';
import type { Database } from './database.js';

export interface LastChange {
  /** Null for what is the same in every environment. */
  readonly environment: string | null;
  /** Of the setting. */
  readonly key: string;
  readonly auditId: number;
  readonly at: number;
  readonly actor: Actor;
  readonly comment: string;
}

/** The newest first. */
export async function newestAuditIds(database: Database, limit: number): Promise<number[]> {
  const rows = await database.selectFrom('audit').select('id').orderBy('id', 'desc').limit(limit).execute();
  return rows.map(({ id }) => id);
}

/** The last change of every setting that has one in the audit entry `from` or a later one. */
export async function readLastChanges(database: Database, from: number): Promise<LastChange[]> {
  const latest = database
    .selectFrom('audit_items')
    .select((eb) => ['environment', 'key', eb.fn.max('audit_id').as('audit_id')])
    .where('audit_id', '>=', from)
    .where('kind', 'in', ['setting', 'definition'])
    .groupBy(['environment', 'key'])
    .as('latest');
  const rows = await database
    .selectFrom(latest)
    .innerJoin('audit', 'audit.id', 'latest.audit_id')
    .select(['latest.environment', 'latest.key', 'audit.id', 'audit.at', 'audit.actor', 'audit.comment'])
    .execute();
  return rows.map(({ id, actor, ...row }) => ({ ...row, auditId: id, actor: JSON.parse(actor) as Actor }));
}

/** Grows with every change of any definition. */
export async function definitionsStamp(database: Database): Promise<number> {
  const { stamp } = await database
    .selectFrom('definitions')
    .select((eb) => eb.fn.sum<number>('version').as('stamp'))
    .executeTakeFirstOrThrow();
  return Number(stamp ?? 0);
}
