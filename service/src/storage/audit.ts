// Who changed what, when, from where, and how it was before. Written in the transaction of the change itself.

import type { Json } from 'feathery-server-sdk/protocol';
import type { Generated } from 'kysely';
import type { Actor } from '../auth.js';
import type { Database } from './database.js';

export interface AuditTables {
  audit: {
    id: Generated<number>;
    at: number;
    actor: string;
    action: string;
    environment: string | null;
    revision: number | null;
    comment: string;
    /** Id of the entry that this one takes back. */
    reverts: number | null;
  };
  audit_items: {
    audit_id: number;
    position: number;
    environment: string | null;
    kind: string;
    key: string;
    before: string | null;
    after: string | null;
  };
}

/**
 * One thing that changed. Of a change, `before` and `after` hold the fields that differ, null where a field was or
 * became absent; of a creation `before` is null, of a deletion `after` is. Never a secret.
 */
export interface AuditItem {
  /** Null for what is the same in every environment. */
  readonly environment: string | null;
  /** `setting`, `segment`, `definition`, `environment`, `sdk-key`, `token`, `member`, … */
  readonly kind: string;
  readonly key: string;
  readonly before: Json;
  readonly after: Json;
}

export interface AuditEntry {
  readonly id: number;
  readonly at: number;
  readonly actor: Actor;
  /** `setting.create`, `environment.change`, `token.delete`, … */
  readonly action: string;
  /** Null when it touched none or several. */
  readonly environment: string | null;
  readonly revision: number | null;
  readonly comment: string;
  readonly reverts: number | null;
  readonly items: readonly AuditItem[];
}

/** Records an entry within `database`, which is the transaction of the change it tells about. Returns its id. */
export async function recordAudit(database: Database, entry: Omit<AuditEntry, 'id'>): Promise<number> {
  const { id } = await database
    .insertInto('audit')
    .values({
      at: entry.at,
      actor: JSON.stringify(entry.actor),
      action: entry.action,
      environment: entry.environment,
      revision: entry.revision,
      comment: entry.comment,
      reverts: entry.reverts,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  for (const [position, item] of entry.items.entries()) {
    await database
      .insertInto('audit_items')
      .values({
        audit_id: id,
        position,
        environment: item.environment,
        kind: item.kind,
        key: item.key,
        before: item.before === null ? null : JSON.stringify(item.before),
        after: item.after === null ? null : JSON.stringify(item.after),
      })
      .execute();
  }
  return id;
}

/** When the entry that was recorded last says it happened; undefined when there is none. */
export async function readNewestTime(database: Database): Promise<number | undefined> {
  const row = await database.selectFrom('audit').select('at').orderBy('id', 'desc').limit(1).executeTakeFirst();
  return row?.at;
}

/** An entry, in short. */
export interface RecordedAction {
  readonly id: number;
  readonly at: number;
  readonly action: string;
  readonly environment: string | null;
}

/** The newest entries, newest first. */
export function listNewestActions(database: Database, limit: number): Promise<RecordedAction[]> {
  return database
    .selectFrom('audit')
    .select(['id', 'at', 'action', 'environment'])
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

export interface AuditFilter {
  readonly id?: number | undefined;
  readonly environment?: string | undefined;
  readonly action?: string | undefined;
  /** Entries with an item of one of `kinds` and this key. */
  readonly key?: string | undefined;
  readonly kinds?: readonly string[];
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly olderThan?: number | undefined;
  readonly limit: number;
}

/** Entries that fit, newest first. */
export async function listAudit(database: Database, filter: AuditFilter): Promise<AuditEntry[]> {
  let query = database.selectFrom('audit').selectAll();
  if (filter.id !== undefined) query = query.where('id', '=', filter.id);
  if (filter.olderThan !== undefined) query = query.where('id', '<', filter.olderThan);
  if (filter.from !== undefined) query = query.where('at', '>=', filter.from);
  if (filter.to !== undefined) query = query.where('at', '<', filter.to);
  if (filter.action !== undefined) query = query.where('action', '=', filter.action);
  const { environment, kinds, key } = filter;
  if (environment !== undefined || key !== undefined) {
    query = query.where(({ exists, selectFrom }) => {
      let items = selectFrom('audit_items').select('position').whereRef('audit_items.audit_id', '=', 'audit.id');
      // What a setting is in every environment concerns this one, too.
      if (environment !== undefined) {
        items = items.where((eb) => eb.or([eb('environment', '=', environment), eb('kind', '=', 'definition')]));
      }
      if (key !== undefined) items = items.where('kind', 'in', kinds ?? []).where('key', '=', key);
      return exists(items);
    });
  }
  const rows = await query.orderBy('id', 'desc').limit(filter.limit).execute();
  const items = await readAuditItems(
    database,
    rows.map(({ id }) => id),
  );
  return rows.map((row) => ({ ...row, actor: JSON.parse(row.actor) as Actor, items: items.get(row.id) ?? [] }));
}

const HISTORY_PAGE = 500;

/** What the newest `commits` of an environment did to its settings and segments, newest first. */
export async function readItemHistory(database: Database, environment: string, commits: number): Promise<AuditItem[]> {
  const history: AuditItem[] = [];
  const seen = new Set<number>();
  let [lastId, lastPosition] = [Number.MAX_SAFE_INTEGER, 0];
  for (;;) {
    const rows = await database
      .selectFrom('audit_items')
      .selectAll()
      .where('environment', '=', environment)
      .where('kind', 'in', ['setting', 'segment'])
      .where((eb) =>
        eb.or([eb('audit_id', '<', lastId), eb.and([eb('audit_id', '=', lastId), eb('position', '<', lastPosition)])]),
      )
      .orderBy('audit_id', 'desc')
      .orderBy('position', 'desc')
      .limit(HISTORY_PAGE)
      .execute();
    for (const row of rows) {
      // Every commit to an environment has one entry with items of it.
      if (seen.add(row.audit_id).size > commits) return history;
      history.push(itemOf(row));
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < HISTORY_PAGE) return history;
    [lastId, lastPosition] = [last.audit_id, last.position];
  }
}

async function readAuditItems(database: Database, ids: readonly number[]): Promise<Map<number, AuditItem[]>> {
  const items = new Map<number, AuditItem[]>();
  if (ids.length === 0) return items;
  const rows = await database
    .selectFrom('audit_items')
    .selectAll()
    .where('audit_id', 'in', ids)
    .orderBy('audit_id')
    .orderBy('position')
    .execute();
  for (const row of rows) {
    const list = items.get(row.audit_id) ?? [];
    list.push(itemOf(row));
    items.set(row.audit_id, list);
  }
  return items;
}

function itemOf({ environment, kind, key, before, after }: AuditTables['audit_items']): AuditItem {
  return {
    environment,
    kind,
    key,
    before: before === null ? null : (JSON.parse(before) as Json),
    after: after === null ? null : (JSON.parse(after) as Json),
  };
}
