// The users, organizations and others seen last, each together with those it was last seen with.
import { type Context, escapeName, type Json } from 'feathery-server-sdk/protocol';
import { isObject } from './merge-patch.js';
import { listContexts, readContext, type StoredContext } from './storage/contexts.js';
import type { Database } from './storage/database.js';

/** Enough to see whom a change concerns, few enough to be looked at while somebody types. */
export const MAX_RECENT = 1000;
const MAX_DEPTH = 3;
const MAX_ATTRIBUTES = 200;
/** Different values counted for one attribute, and those that are shown. */
const MAX_COUNTED_VALUES = 500;
const MAX_SHOWN_VALUES = 20;
const MAX_VALUE_LENGTH = 100;

export interface RecentContext {
  readonly seen: StoredContext;
  /** As an SDK would be asked about it. */
  readonly context: Context;
}

export async function readRecentContexts(database: Database, environment: string): Promise<RecentContext[]> {
  const recent = await listContexts(database, { environment, limit: MAX_RECENT });
  const known = new Map(recent.map((seen) => [idOf(seen.kind, seen.key), seen]));
  const companionOf = async (kind: string, key: string): Promise<StoredContext | undefined> => {
    const id = idOf(kind, key);
    const companion = known.get(id) ?? (await readContext(database, environment, kind, key));
    if (companion !== undefined) known.set(id, companion);
    return companion;
  };
  const result: RecentContext[] = [];
  for (const seen of recent) {
    const parts: Record<string, Json> = { [seen.kind]: attributesOf(seen.key, seen) };
    for (const [kind, key] of Object.entries(seen.companions)) {
      parts[kind] = attributesOf(key, await companionOf(kind, key));
    }
    result.push({ seen, context: { kind: 'multi', ...parts } as Context });
  }
  return result;
}

export interface SeenAttribute {
  readonly kind: string;
  /** As a clause names it: the name, or a path that begins with a slash. */
  readonly attribute: string;
  /** How many of the contexts have it. */
  readonly count: number;
  /** The most frequent ones first. */
  readonly values: readonly (string | number | boolean)[];
}

/** What contexts carry, by kind: the most frequent attributes first. Pure. */
export function seenAttributes(contexts: readonly StoredContext[]): SeenAttribute[] {
  const found = new Map<string, { kind: string; attribute: string; count: number; values: Map<Scalar, number> }>();
  for (const { kind, attributes } of contexts) {
    for (const [attribute, value] of leavesOf(attributes as { [name: string]: Json }, [])) {
      const id = idOf(kind, attribute);
      const entry = found.get(id) ?? { kind, attribute, count: 0, values: new Map<Scalar, number>() };
      if (!found.has(id) && found.size >= MAX_ATTRIBUTES) continue;
      found.set(id, entry);
      entry.count++;
      for (const scalar of scalarsOf(value)) {
        const count = entry.values.get(scalar) ?? 0;
        if (count > 0 || entry.values.size < MAX_COUNTED_VALUES) entry.values.set(scalar, count + 1);
      }
    }
  }
  return [...found.values()]
    .sort((a, b) => b.count - a.count)
    .map(({ values, ...rest }) => ({ ...rest, values: mostFrequent(values) }));
}

type Scalar = string | number | boolean;

/** Every attribute that a clause can look at. */
function* leavesOf(attributes: { readonly [name: string]: Json }, path: readonly string[]): Generator<[string, Json]> {
  for (const [name, value] of Object.entries(attributes)) {
    if (path.length === 0 && (name === 'key' || name === 'kind' || name === '_meta')) continue;
    const here = [...path, name];
    if (isObject(value)) {
      if (here.length < MAX_DEPTH) yield* leavesOf(value, here);
    } else if (value !== null) {
      yield [here.length === 1 ? escapeName(name) : `/${here.map(escapeStep).join('/')}`, value];
    }
  }
}

function scalarsOf(value: Json): Scalar[] {
  const list = Array.isArray(value) ? value : [value];
  return list.filter(
    (one): one is Scalar =>
      typeof one === 'number' ||
      typeof one === 'boolean' ||
      (typeof one === 'string' && one.length <= MAX_VALUE_LENGTH),
  );
}

function mostFrequent(values: ReadonlyMap<Scalar, number>): Scalar[] {
  return [...values]
    .sort(([, a], [, b]) => b - a)
    .slice(0, MAX_SHOWN_VALUES)
    .map(([value]) => value);
}

function escapeStep(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function attributesOf(key: string, seen: StoredContext | undefined): Json {
  return { ...(seen?.attributes as object | undefined), key };
}

function idOf(kind: string, key: string): string {
  return `${kind} ${key}`;
}
