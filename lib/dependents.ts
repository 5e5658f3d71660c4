import { toList, toObjects, toText } from './lenient.js';
import type { Clause, Segment, Setting } from './protocol.js';
import type { ChangedItem, StoreView } from './store.js';

/** What an item refers to by key. */
interface References {
  readonly settings: readonly string[];
  readonly segments: readonly string[];
}

/** Read once for each item as received, and forgotten with it. */
const referencesOf = new WeakMap<Setting | Segment, References>();

/**
 * The settings whose evaluation may have changed with these items: themselves, deleted ones included, and those that
 * use them, directly or through others. Cycles do no harm.
 */
export function affectedSettings(view: StoreView, changed: readonly ChangedItem[]): Set<string> {
  const users = findUsers(view);
  const affected = new Set(changed.map(identify));
  // A set is visited in the order in which it grows.
  for (const item of affected) {
    for (const user of users.get(item) ?? []) affected.add(user);
  }
  const prefix = identify({ kind: 'setting', key: '' });
  return new Set([...affected].filter((item) => item.startsWith(prefix)).map((item) => item.slice(prefix.length)));
}

/** From each item that others refer to, to these others. */
function findUsers(view: StoreView): Map<string, string[]> {
  const users = new Map<string, string[]>();
  const note = (user: ChangedItem, { settings, segments }: References) => {
    for (const key of settings) append(users, identify({ kind: 'setting', key }), identify(user));
    for (const key of segments) append(users, identify({ kind: 'segment', key }), identify(user));
  };
  for (const { key, source } of view.settings()) note({ kind: 'setting', key }, references(source, readSetting));
  for (const { key, source } of view.segments()) note({ kind: 'segment', key }, references(source, readSegment));
  return users;
}

function references<Source extends Setting | Segment>(
  source: Source,
  read: (source: Source) => References,
): References {
  let found = referencesOf.get(source);
  if (found === undefined) {
    found = read(source);
    referencesOf.set(source, found);
  }
  return found;
}

function readSetting(setting: Setting): References {
  const settings = toObjects(setting.prerequisites).map(({ key }) => toText(key));
  return { settings, segments: toObjects(setting.rules).flatMap(({ clauses }) => segmentKeys(clauses)) };
}

function readSegment(segment: Segment): References {
  return { settings: [], segments: toObjects(segment.rules).flatMap(({ clauses }) => segmentKeys(clauses)) };
}

function segmentKeys(clauses: readonly Clause[] | null | undefined): string[] {
  return toObjects(clauses)
    .filter(({ op }) => op === 'segmentMatch')
    .flatMap(({ values }) => toList(values).filter((value) => typeof value === 'string'));
}

function append(map: Map<string, string[]>, key: string, value: string): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}

/** Settings and segments may have the same key. */
function identify({ kind, key }: ChangedItem): string {
  return `${kind}/${key}`;
}
