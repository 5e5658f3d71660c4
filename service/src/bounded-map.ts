/** A map that forgets the entry unused for longest when it is full. */
export class BoundedMap<K, V> {
  readonly #entries = new Map<K, V>();
  /** Always ahead of it: every entry. Begun anew each time, it would go over all that was deleted since. */
  readonly #oldest = this.#entries.keys();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: K): V | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) this.#touch(key, value);
    return value;
  }

  /** Reads without using: the entry is forgotten as soon as it would have been. */
  peek(key: K): V | undefined {
    return this.#entries.get(key);
  }

  set(key: K, value: V): void {
    this.#touch(key, value);
    if (this.#entries.size > this.#capacity) this.#entries.delete(this.#oldest.next().value as K);
  }

  delete(key: K): void {
    this.#entries.delete(key);
  }

  /** Forgets every entry that fits. */
  deleteWhere(fits: (value: V) => boolean): void {
    for (const [key, value] of this.#entries) if (fits(value)) this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }

  // A Map keeps insertion order: entering anew makes the entry the youngest.
  #touch(key: K, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
  }
}
