// Settings and segments per environment, as they are on the wire.
import type { Segment, Setting } from 'feathery-server-sdk/protocol';
import type { Database } from './database.js';

export type ItemKind = 'setting' | 'segment';
export type Item = Setting | Segment;

/** What people read about a segment and no SDK needs. */
export interface SegmentMeta {
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
}

export interface ItemTables {
  items: {
    environment: string;
    kind: string;
    key: string;
    version: number;
    /** JSON; null for a tombstone. */
    item: string | null;
    /** JSON of a segment's `SegmentMeta`; null for a setting, whose definition has it. */
    meta: string | null;
  };
}

export interface ItemRecord {
  readonly kind: ItemKind;
  readonly key: string;
  readonly version: number;
  readonly item: Item | null;
  readonly meta: SegmentMeta | null;
}

/** All items of an environment that are not deleted. */
export async function readItems(database: Database, environment: string): Promise<ItemRecord[]> {
  const rows = await database
    .selectFrom('items')
    .select(['kind', 'key', 'version', 'item', 'meta'])
    .where('environment', '=', environment)
    .where('item', 'is not', null)
    .orderBy('key')
    .execute();
  return rows.map((row) => ({
    kind: row.kind as ItemKind,
    key: row.key,
    version: row.version,
    item: JSON.parse(row.item as string) as Item,
    meta: row.meta === null ? null : (JSON.parse(row.meta) as SegmentMeta),
  }));
}

export async function writeItem(database: Database, environment: string, record: ItemRecord): Promise<void> {
  const content = {
    version: record.version,
    item: record.item === null ? null : JSON.stringify(record.item),
    meta: record.meta === null ? null : JSON.stringify(record.meta),
  };
  await database
    .insertInto('items')
    .values({ environment, kind: record.kind, key: record.key, ...content })
    .onConflict((conflict) => conflict.columns(['environment', 'kind', 'key']).doUpdateSet(content))
    .execute();
}
