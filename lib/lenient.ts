// Settings and segments arrive unchecked: a null or a value of the wrong type counts as absent, one field at a time.

/** The elements of a list; none when it is absent. */
export function toList<Item>(value: readonly Item[] | null | undefined): readonly Item[] {
  return Array.isArray(value) ? value : [];
}

/** The object, or an empty one. */
export function toObject<Item extends object>(value: Item | null | undefined): Partial<Item> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

/** A list of objects; elements that are none become empty objects and so keep the positions of the others. */
export function toObjects<Item extends object>(value: readonly Item[] | null | undefined): readonly Partial<Item>[] {
  return toList(value).map(toObject);
}

export function toText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
