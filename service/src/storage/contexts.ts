// Users, organizations and other contexts, as last seen.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { SeenContext } from '../analytics.js';
import type { Database } from './database.js';
import { jsonRows } from './json-rows.js';

export interface ContextTables {
  contexts: {
    environment: string;
    kind: string;
    key: string;
    name: string | null;
    /** JSON; null when only the key was ever sent. */
    attributes: string | null;
    /** JSON: keys of the other kinds it was last seen with, by kind. */
    companions: string;
    first_seen: number;
    last_seen: number;
  };
}

export interface StoredContext {
  readonly kind: string;
  readonly key: string;
  readonly name: string | null;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly companions: Readonly<Record<string, string>>;
  readonly firstSeen: number;
  readonly lastSeen: number;
}

/** Up to ten milliseconds' work for the embedded database. */
const ROWS_PER_STATEMENT = 750;

/** Notes contexts as seen. `contexts` holds each of them once. */
export async function seeContexts(
  database: Database,
  environment: string,
  contexts: readonly SeenContext[],
): Promise<void> {
  // Always the same order, so that two nodes that write at once never wait for each other in a circle.
  const rows = contexts
    .map(({ kind, key, name, attributes, companions, at }) => [
      kind,
      key,
      name,
      attributes,
      JSON.stringify(companions),
      at,
    ])
    .sort(([kindA, keyA], [kindB, keyB]) => (`${kindA} ${keyA}` < `${kindB} ${keyB}` ? -1 : 1));
  for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
    if (start > 0) await nextTurn();
    await sql`
      insert into contexts (environment, kind, key, name, attributes, companions, first_seen, last_seen)
      select ${environment}, value->>0, value->>1, value->>2, value->>3, value->>4, cast(value->>5 as bigint),
        cast(value->>5 as bigint)
      from ${jsonRows(database, rows.slice(start, start + ROWS_PER_STATEMENT))} where true
      on conflict (environment, kind, key) do update set
        name = ${whereNewer('name', sql`excluded.attributes is not null`)},
        attributes = ${whereNewer('attributes', sql`excluded.attributes is not null`)},
        companions = ${whereNewer('companions')},
        last_seen = ${whereNewer('last_seen')}
    `.execute(database);
  }
}

/** What was seen later wins, however late it comes in. */
function whereNewer(column: string, condition: RawBuilder<unknown> = sql`true`): RawBuilder<unknown> {
  const [old, excluded] = [sql.ref(`contexts.${column}`), sql.ref(`excluded.${column}`)];
  return sql`case when excluded.last_seen >= contexts.last_seen and ${condition} then ${excluded} else ${old} end`;
}

export interface ContextFilter {
  readonly environment: string;
  readonly kind?: string | undefined;
  /** Part of key or name, in any case. */
  readonly q?: string | undefined;
  /** Only those listed after this one. */
  readonly after?: { readonly lastSeen: number; readonly kind: string; readonly key: string } | undefined;
  readonly limit: number;
}

/** Contexts, those seen last first. */
export async function listContexts(database: Database, filter: ContextFilter): Promise<StoredContext[]> {
  let query = database.selectFrom('contexts').selectAll().where('environment', '=', filter.environment);
  if (filter.kind !== undefined) query = query.where('kind', '=', filter.kind);
  if (filter.q) {
    const pattern = `%${filter.q.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
    query = query.where((eb) =>
      eb.or(
        (['key', 'name'] as const).map((column) => sql<boolean>`lower(${eb.ref(column)}) like ${pattern} escape '\\'`),
      ),
    );
  }
  const { after } = filter;
  if (after !== undefined) {
    query = query.where((eb) =>
      eb.or([
        eb('last_seen', '<', after.lastSeen),
        eb.and([eb('last_seen', '=', after.lastSeen), eb('kind', '>', after.kind)]),
        eb.and([eb('last_seen', '=', after.lastSeen), eb('kind', '=', after.kind), eb('key', '>', after.key)]),
      ]),
    );
  }
  const rows = await query.orderBy('last_seen', 'desc').orderBy('kind').orderBy('key').limit(filter.limit).execute();
  return rows.map(fromRow);
}

export async function readContext(
  database: Database,
  environment: string,
  kind: string,
  key: string,
): Promise<StoredContext | undefined> {
  const row = await database
    .selectFrom('contexts')
    .selectAll()
    .where('environment', '=', environment)
    .where('kind', '=', kind)
    .where('key', '=', key)
    .executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

/** Contexts of one kind in one environment. */
export interface ContextGroup {
  readonly environment: string;
  readonly kind: string;
}

export async function listContextGroups(database: Database): Promise<ContextGroup[]> {
  return database.selectFrom('contexts').select(['environment', 'kind']).distinct().execute();
}

/** How many contexts of each kind an environment has, the most first. */
export async function countContexts(
  database: Database,
  environment: string,
): Promise<{ kind: string; count: number }[]> {
  const rows = await database
    .selectFrom('contexts')
    .select(({ fn }) => ['kind', fn.countAll<number | string>().as('count')])
    .where('environment', '=', environment)
    .groupBy('kind')
    .execute();
  return rows
    .map(({ kind, count }) => ({ kind, count: Number(count) }))
    .sort((a, b) => b.count - a.count || (a.kind < b.kind ? -1 : 1));
}

/** Deletes contexts last seen before `before`, at most `limit` of them. Returns how many. */
export async function deleteOldContexts(
  database: Database,
  { environment, kind }: ContextGroup,
  { before, limit }: { before: number; limit: number },
): Promise<number> {
  const old = database
    .selectFrom('contexts')
    .select('key')
    .where('environment', '=', environment)
    .where('kind', '=', kind)
    .where('last_seen', '<', before)
    .orderBy('last_seen')
    .limit(limit);
  const { numDeletedRows } = await database
    .deleteFrom('contexts')
    .where('environment', '=', environment)
    .where('kind', '=', kind)
    .where('key', 'in', old)
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/** The time before which contexts were last seen that are not among the newest `keep`; 0 when there are no more. */
export async function lastSeenBeyond(
  database: Database,
  { environment, kind }: ContextGroup,
  keep: number,
): Promise<number> {
  const row = await database
    .selectFrom('contexts')
    .select('last_seen')
    .where('environment', '=', environment)
    .where('kind', '=', kind)
    .orderBy('last_seen', 'desc')
    .limit(1)
    .offset(keep)
    .executeTakeFirst();
  return row === undefined ? 0 : row.last_seen + 1;
}

function fromRow(row: Selectable<ContextTables['contexts']>): StoredContext {
  return {
    kind: row.kind,
    key: row.key,
    name: row.name,
    attributes: row.attributes === null ? {} : JSON.parse(row.attributes),
    companions: JSON.parse(row.companions),
    firstSeen: row.first_seen,
    lastSeen: row.last_seen,
  };
}
