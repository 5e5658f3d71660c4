// What a setting is in every environment: its name, its type, the variations and what people call them.
import type { Json } from 'feathery-server-sdk/protocol';
import { sql } from 'kysely';
import type { Database } from './database.js';

export interface DefinitionTables {
  definitions: {
    key: string;
    version: number;
    deleted: number;
    name: string;
    description: string;
    type: string;
    tags: string;
    variations: string;
    value_schema: string | null;
    created_at: number;
    updated_at: number;
    /** Key, name and description in lower case: SQLite knows the case of ASCII letters only. */
    search: string;
  };
}

export const SETTING_TYPES = ['boolean', 'string', 'number', 'json'] as const;
export type SettingType = (typeof SETTING_TYPES)[number];

export interface Variation {
  readonly value: Json;
  readonly name: string;
  readonly description: string;
}

export interface Definition {
  readonly key: string;
  /** Grows with each change of the definition, over deletion and re-creation. */
  readonly version: number;
  readonly name: string;
  readonly description: string;
  readonly type: SettingType;
  readonly tags: readonly string[];
  readonly variations: readonly Variation[];
  /** JSON Schema that every variation's value fits; null: any value of the type. */
  readonly valueSchema: { readonly [key: string]: Json } | boolean | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface DefinitionFilter {
  /** Part of key, name or description, in any case. */
  readonly q?: string | undefined;
  readonly tag?: string | undefined;
  /** Only keys after this one. */
  readonly after?: string | undefined;
  readonly limit: number;
}

export async function listDefinitions(database: Database, filter: DefinitionFilter): Promise<Definition[]> {
  let query = database.selectFrom('definitions').selectAll().where('deleted', '=', 0);
  if (filter.after !== undefined) query = query.where('key', '>', filter.after);
  if (filter.q) query = query.where(contains('search', filter.q.toLowerCase()));
  if (filter.tag) query = query.where(contains('tags', JSON.stringify(filter.tag)));
  const rows = await query.orderBy('key').limit(filter.limit).execute();
  return rows.map(toDefinition);
}

/** In the order of the keys. */
export function listDefinitionVersions(database: Database, limit: number): Promise<{ key: string; version: number }[]> {
  return database
    .selectFrom('definitions')
    .select(['key', 'version'])
    .where('deleted', '=', 0)
    .orderBy('key')
    .limit(limit)
    .execute();
}

/** Those that exist, in no order. */
export async function readDefinitions(database: Database, keys: readonly string[]): Promise<Definition[]> {
  if (keys.length === 0) return [];
  const rows = await database
    .selectFrom('definitions')
    .selectAll()
    .where('key', 'in', keys)
    .where('deleted', '=', 0)
    .execute();
  return rows.map(toDefinition);
}

export async function readDefinition(database: Database, key: string): Promise<Definition | undefined> {
  const row = await database
    .selectFrom('definitions')
    .selectAll()
    .where('key', '=', key)
    .where('deleted', '=', 0)
    .executeTakeFirst();
  return row === undefined ? undefined : toDefinition(row);
}

export async function countDefinitions(database: Database): Promise<number> {
  const { count } = await database
    .selectFrom('definitions')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('deleted', '=', 0)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Version of the definition that last had this key, also when it is deleted; 0 when there never was one. */
export async function lastDefinitionVersion(database: Database, key: string): Promise<number> {
  const row = await database.selectFrom('definitions').select('version').where('key', '=', key).executeTakeFirst();
  return row?.version ?? 0;
}

/**
 * Writes a definition that is one version above what is stored, or marks it as deleted.
 *
 * @returns False when the stored version is not the one below any more.
 */
export async function writeDefinition(
  database: Database,
  definition: Definition,
  options: { deleted: boolean },
): Promise<boolean> {
  const row = { ...toRow(definition), deleted: options.deleted ? 1 : 0 };
  const { numInsertedOrUpdatedRows } = await database
    .insertInto('definitions')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .column('key')
        .doUpdateSet(row)
        .where('definitions.version', '=', definition.version - 1),
    )
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

function toRow(definition: Definition): Omit<DefinitionTables['definitions'], 'deleted'> {
  return {
    key: definition.key,
    version: definition.version,
    name: definition.name,
    description: definition.description,
    type: definition.type,
    tags: JSON.stringify(definition.tags),
    variations: JSON.stringify(definition.variations),
    value_schema: definition.valueSchema === null ? null : JSON.stringify(definition.valueSchema),
    created_at: definition.createdAt,
    updated_at: definition.updatedAt,
    search: `${definition.key}\n${definition.name}\n${definition.description}`.toLowerCase(),
  };
}

function toDefinition(row: DefinitionTables['definitions']): Definition {
  return {
    key: row.key,
    version: row.version,
    name: row.name,
    description: row.description,
    type: row.type as SettingType,
    tags: JSON.parse(row.tags),
    variations: JSON.parse(row.variations),
    valueSchema: row.value_schema === null ? null : JSON.parse(row.value_schema),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** Whether a column contains `part` literally. SQLite has no escape character unless one is named. */
function contains(column: 'search' | 'tags', part: string) {
  const pattern = `%${part.replace(/[\\%_]/g, '\\$&')}%`;
  return sql<boolean>`${sql.ref(column)} like ${pattern} escape '\\'`;
}
