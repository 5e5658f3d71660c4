// Changes kept for later: drafts, what waits for approval, what is scheduled, and what became of them.
import type { Actor } from '../actor.js';
import type { RequestedChange } from '../change-request.js';
import type { ChangeSetState } from '../change-set-steps.js';
import type { Database } from './database.js';

export interface ChangeSetTables {
  change_sets: {
    id: string;
    environment: string;
    version: number;
    state: string;
    title: string;
    changes: string;
    author: string;
    decision: string | null;
    scheduled_at: number | null;
    failure: string | null;
    audit_id: number | null;
    created_at: number;
    updated_at: number;
  };
}

/** What another member said to a change set. */
export interface Decision {
  readonly approved: boolean;
  readonly by: Actor;
  readonly at: number;
  readonly comment: string;
}

export interface ChangeSet {
  readonly id: string;
  readonly environment: string;
  /** Grows with each step, so that nobody decides about something else than they saw. */
  readonly version: number;
  readonly state: ChangeSetState;
  readonly title: string;
  readonly changes: readonly RequestedChange[];
  readonly author: Actor;
  readonly decision: Decision | null;
  readonly scheduledAt: number | null;
  /** Why it could not be applied at its time. */
  readonly failure: string | null;
  /** The audit entry of its application; null before, and when it changed nothing. */
  readonly auditId: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export async function insertChangeSet(database: Database, changeSet: ChangeSet): Promise<void> {
  await database.insertInto('change_sets').values(toRow(changeSet)).execute();
}

/**
 * Writes a change set that is one version above what is stored.
 *
 * @returns False when the stored version is not the one below any more: somebody else was first.
 */
export async function updateChangeSet(database: Database, changeSet: ChangeSet): Promise<boolean> {
  const { numUpdatedRows } = await database
    .updateTable('change_sets')
    .set(toRow(changeSet))
    .where('id', '=', changeSet.id)
    .where('version', '=', changeSet.version - 1)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Returns false when it is not at this version any more. */
export async function deleteChangeSet(database: Database, { id, version }: ChangeSet): Promise<boolean> {
  const { numDeletedRows } = await database
    .deleteFrom('change_sets')
    .where('id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst();
  return numDeletedRows === 1n;
}

export async function readChangeSet(
  database: Database,
  environment: string,
  id: string,
): Promise<ChangeSet | undefined> {
  const row = await database
    .selectFrom('change_sets')
    .selectAll()
    .where('environment', '=', environment)
    .where('id', '=', id)
    .executeTakeFirst();
  return row === undefined ? undefined : toChangeSet(row);
}

export interface ChangeSetFilter {
  readonly state?: ChangeSetState | undefined;
  /** Only those after this one in the list. */
  readonly after?: { readonly createdAt: number; readonly id: string } | undefined;
  readonly limit: number;
}

/** Newest first. */
export async function listChangeSets(
  database: Database,
  environment: string,
  { state, after, limit }: ChangeSetFilter,
): Promise<ChangeSet[]> {
  let query = database.selectFrom('change_sets').selectAll().where('environment', '=', environment);
  if (state !== undefined) query = query.where('state', '=', state);
  if (after !== undefined) {
    query = query.where((eb) =>
      eb.or([
        eb('created_at', '<', after.createdAt),
        eb.and([eb('created_at', '=', after.createdAt), eb('id', '<', after.id)]),
      ]),
    );
  }
  const rows = await query.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit).execute();
  return rows.map(toChangeSet);
}

/** How many are not applied yet. */
export async function countOpenChangeSets(database: Database, environment: string): Promise<number> {
  const { count } = await database
    .selectFrom('change_sets')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('environment', '=', environment)
    .where('state', '!=', 'applied')
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Those that are scheduled, soonest first. */
export async function listScheduled(database: Database, limit: number): Promise<ChangeSet[]> {
  const rows = await database
    .selectFrom('change_sets')
    .selectAll()
    .where('state', '=', 'scheduled')
    .orderBy('scheduled_at')
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(toChangeSet);
}

function toRow(changeSet: ChangeSet): ChangeSetTables['change_sets'] {
  return {
    id: changeSet.id,
    environment: changeSet.environment,
    version: changeSet.version,
    state: changeSet.state,
    title: changeSet.title,
    changes: JSON.stringify(changeSet.changes),
    author: JSON.stringify(changeSet.author),
    decision: changeSet.decision === null ? null : JSON.stringify(changeSet.decision),
    scheduled_at: changeSet.scheduledAt,
    failure: changeSet.failure,
    audit_id: changeSet.auditId,
    created_at: changeSet.createdAt,
    updated_at: changeSet.updatedAt,
  };
}

function toChangeSet(row: ChangeSetTables['change_sets']): ChangeSet {
  return {
    id: row.id,
    environment: row.environment,
    version: row.version,
    state: row.state as ChangeSetState,
    title: row.title,
    changes: JSON.parse(row.changes),
    author: JSON.parse(row.author),
    decision: row.decision === null ? null : JSON.parse(row.decision),
    scheduledAt: row.scheduled_at,
    failure: row.failure,
    auditId: row.audit_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
