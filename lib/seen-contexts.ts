// Which contexts have been seen lately: asked with every evaluation, so a context that has been must cost little.
import { type Context, canonicalKey, type MultiKindContext } from './context.js';

/** One context that has been seen. */
export interface Seen {
  readonly key: string;
  /** Position in the order of all calls. */
  lastSeen: number;
  /** Seen again since the cache's order was last brought up to date. */
  stale: boolean;
  /** No longer in the cache. Whoever makes the cache sets it when the cache lets go of an entry. */
  forgotten: boolean;
}

/** The record: by canonical key, the least recently used leaves first. The part of `LRUCache` that is used. */
export interface SeenCache {
  readonly max: number;
  /** Leaves the order as it is. */
  peek(key: string): Seen | undefined;
  /** Makes the entry the latest. */
  get(key: string): Seen | undefined;
  set(key: string, seen: Seen): unknown;
  clear(): void;
}

/** How a multi-kind context was made up: kind, key, kind, key, …, in the order of its properties. */
interface Shortcut {
  readonly parts: readonly string[];
  readonly seen: Seen;
}

/** Remembers contexts by their canonical key. See docs/protocol.md, section 6.5.2. */
export class SeenContexts {
  readonly #cache: SeenCache;
  /** Users by key: the cache's own look-up costs three times that of a map. */
  readonly #users = new Map<string, Seen>();
  /** Contexts of one other kind by key, with the kind: composing the canonical key costs more than all the rest. */
  readonly #singles = new Map<unknown, { readonly kind: unknown; readonly seen: Seen }>();
  /** By one of their keys, since composing the canonical key of a multi-kind context costs more than all the rest. */
  readonly #shortcuts = new Map<string, Shortcut>();
  #stale: Seen[] = [];
  #calls = 0;
  /** Calls that were no hits: counted instead of the hits, which are nearly all. */
  #others = 0;

  constructor(cache: SeenCache) {
    this.#cache = cache;
  }

  /** How often `see` found a context. */
  get hits(): number {
    return this.#calls - this.#others;
  }

  /** Like `see`, but does not count as a hit. */
  add(context: Context): boolean {
    const known = this.see(context);
    if (known) this.#others++;
    return known;
  }

  /** Whether the context had been seen. It has now, and is the latest. */
  see(context: Context): boolean {
    const { kind, key } = context;
    // The canonical key of a user is its own key: found without a new string.
    if ((kind === undefined || kind === 'user') && typeof key === 'string') {
      const seen = this.#users.get(key);
      if (seen === undefined || seen.forgotten) return this.#addUser(key);
      this.#note(seen);
      return true;
    }
    if (kind === 'multi') return this.#addMultiKind(context as MultiKindContext);
    return this.#addSingleKind(context);
  }

  clear(): void {
    this.#cache.clear();
    this.#users.clear();
    this.#singles.clear();
    this.#shortcuts.clear();
    this.#stale = [];
  }

  #addUser(key: string): boolean {
    const known = this.#recall(key);
    if (this.#users.size >= this.#cache.max) this.#users.clear();
    this.#users.set(key, known ?? this.#remember(key));
    return known !== undefined;
  }

  #addSingleKind(context: Context): boolean {
    const shortcut = this.#singles.get(context.key);
    if (shortcut !== undefined && !shortcut.seen.forgotten && shortcut.kind === context.kind) {
      this.#note(shortcut.seen);
      return true;
    }
    const key = canonicalKey(context);
    const known = this.#recall(key);
    if (this.#singles.size >= this.#cache.max) this.#singles.clear();
    this.#singles.set(context.key, { kind: context.kind, seen: known ?? this.#remember(key) });
    return known !== undefined;
  }

  #addMultiKind(context: MultiKindContext): boolean {
    const anchor = anchorOf(context);
    const shortcut = this.#shortcuts.get(anchor);
    if (shortcut !== undefined && !shortcut.seen.forgotten && isMadeOf(context, shortcut.parts)) {
      this.#note(shortcut.seen);
      return true;
    }
    const key = canonicalKey(context);
    const known = this.#recall(key);
    if (this.#shortcuts.size >= this.#cache.max) this.#shortcuts.clear();
    this.#shortcuts.set(anchor, { parts: partsOf(context), seen: known ?? this.#remember(key) });
    return known !== undefined;
  }

  #recall(key: string): Seen | undefined {
    const known = this.#cache.peek(key);
    if (known !== undefined) this.#note(known);
    return known;
  }

  #remember(key: string): Seen {
    this.#bringUpToDate();
    this.#others++;
    const seen = { key, lastSeen: ++this.#calls, stale: false, forgotten: false };
    this.#cache.set(key, seen);
    return seen;
  }

  /** Keeping the cache in order costs most of a hit, and its order matters only when an entry is added. */
  #note(seen: Seen): void {
    seen.lastSeen = ++this.#calls;
    if (seen.stale) return;
    seen.stale = true;
    this.#stale.push(seen);
  }

  #bringUpToDate(): void {
    for (const seen of this.#stale.sort((one, other) => one.lastSeen - other.lastSeen)) {
      seen.stale = false;
      this.#cache.get(seen.key);
    }
    this.#stale = [];
  }
}

/** A key that few contexts share: the user's, else the first. */
function anchorOf(context: MultiKindContext): string {
  const user = context.user as { key: string } | undefined;
  return user === undefined ? (partsOf(context)[1] as string) : user.key;
}

function partsOf(context: MultiKindContext): string[] {
  return Object.keys(context).flatMap((kind) => (kind === 'kind' ? [] : [kind, keyIn(context, kind)]));
}

/** Without an allocation, which `partsOf` and a comparison would need. */
function isMadeOf(context: MultiKindContext, parts: readonly string[]): boolean {
  let next = 0;
  for (const kind in context) {
    if (kind === 'kind') continue;
    if (parts[next] !== kind || parts[next + 1] !== keyIn(context, kind)) return false;
    next += 2;
  }
  return next === parts.length;
}

function keyIn(context: MultiKindContext, kind: string): string {
  return (context[kind] as { key: string }).key;
}
