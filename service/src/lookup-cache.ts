import { setTimeout as pause } from 'node:timers/promises';
import { BoundedMap } from './bounded-map.js';
import { Problem } from './problems.js';

/** How long a lookup is trusted without asking the database: as long as a revocation on another node may go unseen. */
export const FRESH_MS = 10_000;
/** How long it is trusted, by default, while the database does not answer. After that the request gets a 503. */
export const STALE_MS = 600_000;
/** How long a database that does not answer keeps those waiting of whom something is known. */
const PATIENCE_MS = 1_000;

/** What a secret opens, for as long as it does. */
export interface Grantable {
  readonly id: string;
  /** Milliseconds; null: until revoked. */
  readonly expiresAt: number | null;
}

interface Entry<T> {
  readonly value: T;
  readonly readAt: number;
  /** Of the cache, when it was read. */
  readonly generation: number;
}

export interface LookupCacheParts<T> {
  /** Reads what the secret with this hash opens. */
  load(hash: string): Promise<T | undefined>;
  now(): number;
  readonly capacity: number;
  /** How long a lookup is trusted while the database does not answer. */
  readonly staleMs?: number;
  /** Told that what a secret opens may have changed. */
  onChange?(): void;
}

/**
 * What known secrets open, kept in memory so that a request does not cost a query. Only hits are kept: filling the
 * memory with wrong secrets is not possible. Full, it forgets the one unused for longest.
 */
export class LookupCache<T extends Grantable> {
  readonly #load: (hash: string) => Promise<T | undefined>;
  readonly #now: () => number;
  readonly #staleMs: number;
  readonly #onChange: () => void;
  readonly #entries: BoundedMap<string, Entry<T>>;
  readonly #pending = new Map<string, Promise<T | undefined>>();
  #changes = 0;
  #generation = 0;

  constructor({ load, now, capacity, staleMs = STALE_MS, onChange = () => {} }: LookupCacheParts<T>) {
    this.#staleMs = staleMs;
    this.#onChange = onChange;
    this.#load = load;
    this.#now = now;
    this.#entries = new BoundedMap(capacity);
  }

  /**
   * What the secret with this hash opens now; undefined when it is unknown or has expired.
   *
   * @throws Problem 503 when that cannot be known. Never taken for unknown: a 401 stops an official SDK for good.
   */
  async find(hash: string): Promise<T | undefined> {
    const entry = this.#entries.get(hash);
    const value = entry !== undefined && this.#isFresh(entry) ? entry.value : await this.#read(hash, entry);
    if (value === undefined || value.expiresAt === null || value.expiresAt > this.#now()) return value;
    return undefined;
  }

  /** Takes in what has not been asked for yet, so that it is known when the database is away. */
  async preload(read: () => Promise<ReadonlyMap<string, T>>): Promise<void> {
    const changes = this.#changes;
    const values = await read();
    if (changes === this.#changes) for (const [hash, value] of values) this.#keep(hash, value);
  }

  /** Forgets what was read about one thing, after it changed. */
  forget(id: string): void {
    this.forgetWhere((value) => value.id === id);
  }

  /** Forgets everything that fits, after it changed. */
  forgetWhere(fits: (value: T) => boolean): void {
    // A read that is under way may carry the state before the change, so its result is not kept either.
    this.#changes += 1;
    this.#pending.clear();
    this.#entries.deleteWhere((entry) => fits(entry.value));
    this.#onChange();
  }

  /** Asks the database about everything anew, as changes may have been missed. While it is away, this changes nothing. */
  recheck(): void {
    this.#changes += 1;
    this.#generation += 1;
    this.#pending.clear();
    this.#onChange();
  }

  async #read(hash: string, last: Entry<T> | undefined): Promise<T | undefined> {
    const known = last !== undefined && this.#age(last) < this.#staleMs ? last.value : undefined;
    const loading = this.#loadOnce(hash);
    try {
      return known === undefined
        ? await loading
        : await Promise.race([loading, pause(PATIENCE_MS, known, { ref: false })]);
    } catch (error) {
      if (known !== undefined) return known;
      throw new Problem('database_unavailable', 'The database cannot be asked whether the key is valid. Try again.', {
        headers: { 'retry-after': '1' },
        cause: error,
      });
    }
  }

  /** Requests that come while one is being answered share its answer. */
  #loadOnce(hash: string): Promise<T | undefined> {
    const running = this.#pending.get(hash);
    if (running !== undefined) return running;
    const loading = this.#loadAndKeep(hash).finally(() => {
      if (this.#pending.get(hash) === loading) this.#pending.delete(hash);
    });
    this.#pending.set(hash, loading);
    return loading;
  }

  async #loadAndKeep(hash: string): Promise<T | undefined> {
    const changes = this.#changes;
    const value = await this.#load(hash);
    if (changes !== this.#changes) return value;
    if (value === undefined) this.#entries.delete(hash);
    else this.#keep(hash, value);
    return value;
  }

  #keep(hash: string, value: T): void {
    this.#entries.set(hash, { value, readAt: this.#now(), generation: this.#generation });
  }

  #isFresh(entry: Entry<T>): boolean {
    return entry.generation === this.#generation && this.#age(entry) < FRESH_MS;
  }

  // A clock set back must not keep an entry for longer.
  #age(entry: Entry<T>): number {
    return Math.abs(this.#now() - entry.readAt);
  }
}
