/**
 * An object of many keys that come from outside.
 *
 * Made without a prototype, it is a hash table from the start, and `__proto__` is a key like any other; an ordinary
 * object of 500 keys takes six times as long (bench/evaluate.ts, S6). The prototype follows, because whoever receives
 * the object may expect its methods.
 */
export function toRecord<Item, Value>(
  items: Iterable<Item>,
  toKey: (item: Item) => string,
  toValue: (item: Item) => Value,
): Record<string, Value> {
  const record: Record<string, Value> = Object.create(null);
  for (const item of items) record[toKey(item)] = toValue(item);
  return Object.setPrototypeOf(record, Object.prototype);
}
