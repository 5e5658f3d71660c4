import { PreparedSegment, PreparedSetting } from './compile.js';
import type { View } from './evaluate.js';
import { type Change, type DataSet, itemVersion, type Segment, type Setting } from './protocol.js';
import { toRecord } from './record.js';

/** Names an item that is not the same as before. */
export interface ChangedItem {
  readonly kind: 'setting' | 'segment';
  readonly key: string;
}

/** The data of one moment, or of every moment: the store itself. */
export interface StoreView extends View {
  /** Of the environment; undefined when the service does not tell. */
  readonly revision: number | undefined;
  settingKeys(): Iterable<string>;
  settings(): Iterable<PreparedSetting>;
  segments(): Iterable<PreparedSegment>;
}

/** The settings and segments of one environment, in memory, each with its version. */
export class Store implements StoreView {
  readonly #settings = new Collection<Setting, PreparedSetting>((key, source) => new PreparedSetting(key, source));
  readonly #segments = new Collection<Segment, PreparedSegment>((key, source) => new PreparedSegment(key, source));
  #initialized = false;
  #revision: number | undefined;

  /** True once a full data set has been stored. */
  get initialized(): boolean {
    return this.#initialized;
  }

  get revision(): number | undefined {
    return this.#revision;
  }

  /** Replaces everything, whatever the versions. Returns the items that appeared, disappeared or differ in version. */
  replaceAll(data: DataSet, revision?: number): readonly ChangedItem[] {
    const settings = this.#settings.replace(data.settings).map((key) => ({ kind: 'setting' as const, key }));
    const segments = this.#segments.replace(data.segments).map((key) => ({ kind: 'segment' as const, key }));
    this.#revision = revision;
    this.#initialized = true;
    return [...settings, ...segments];
  }

  /** Applies changes all at once; one that is not newer than what is stored is ignored. Returns those applied. */
  apply(changes: readonly Change[], revision?: number): readonly ChangedItem[] {
    const applied = changes.filter((change) =>
      change.kind === 'setting'
        ? this.#settings.update(change.key, change.version, change.item)
        : this.#segments.update(change.key, change.version, change.item),
    );
    if (revision !== undefined) this.#revision = revision;
    return applied.map(({ kind, key }) => ({ kind, key }));
  }

  setting(key: string): PreparedSetting | undefined {
    return this.#settings.get(key);
  }

  segment(key: string): PreparedSegment | undefined {
    return this.#segments.get(key);
  }

  settingKeys(): Iterable<string> {
    return this.#settings.keys();
  }

  settings(): Iterable<PreparedSetting> {
    return this.#settings.values();
  }

  segments(): Iterable<PreparedSegment> {
    return this.#segments.values();
  }

  /** The data as it is now, whatever comes later. Costs nothing; the next change then copies the index once. */
  freeze(): StoreView {
    return new FrozenView(this.#settings.share(), this.#segments.share(), this.#revision);
  }

  /** Everything stored, in the form it was received, deleted items left out. */
  dataSet(): DataSet {
    return { settings: this.#settings.sources(), segments: this.#segments.sources() };
  }
}

class FrozenView implements StoreView {
  readonly revision: number | undefined;
  readonly #settings: ReadonlyMap<string, PreparedSetting>;
  readonly #segments: ReadonlyMap<string, PreparedSegment>;

  constructor(
    settings: ReadonlyMap<string, PreparedSetting>,
    segments: ReadonlyMap<string, PreparedSegment>,
    revision: number | undefined,
  ) {
    this.#settings = settings;
    this.#segments = segments;
    this.revision = revision;
  }

  setting(key: string): PreparedSetting | undefined {
    return this.#settings.get(key);
  }

  segment(key: string): PreparedSegment | undefined {
    return this.#segments.get(key);
  }

  settingKeys(): Iterable<string> {
    return this.#settings.keys();
  }

  settings(): Iterable<PreparedSetting> {
    return this.#settings.values();
  }

  segments(): Iterable<PreparedSegment> {
    return this.#segments.values();
  }
}

interface Versioned<Source> {
  readonly version: number;
  readonly source: Source;
}

/** What an item may say of itself before anything about it has been checked. */
interface Received {
  readonly version?: unknown;
  readonly deleted?: boolean | null;
}

/** The items of one kind. Applying nothing but the index costs the same however many items there are. */
class Collection<Source extends Received, Prepared extends Versioned<Source>> {
  readonly #prepare: (key: string, source: Source) => Prepared;
  #items = new Map<string, Prepared>();
  /**
   * Versions of deleted items, so that a late, older change does not bring one back. Emptied with each full data set;
   * one that is back after all counts by its own version.
   */
  #deleted = new Map<string, number>();
  /** Whether somebody outside holds `#items` and relies on its not changing. */
  #shared = false;

  constructor(prepare: (key: string, source: Source) => Prepared) {
    this.#prepare = prepare;
  }

  get(key: string): Prepared | undefined {
    return this.#items.get(key);
  }

  keys(): Iterable<string> {
    return this.#items.keys();
  }

  values(): Iterable<Prepared> {
    return this.#items.values();
  }

  /** Returns the keys of the items that are not the same as before. */
  replace(sources: Readonly<Record<string, Source>>): string[] {
    const before = this.#items;
    this.#items = new Map();
    this.#deleted = new Map();
    this.#shared = false;
    const changed: string[] = [];
    for (const key of Object.keys(sources)) {
      const source = sources[key] as Source;
      if (source.deleted === true) {
        this.#deleted.set(key, itemVersion(source));
        continue;
      }
      const item = this.#prepare(key, source);
      this.#items.set(key, item);
      if (before.get(key)?.version !== item.version) changed.push(key);
    }
    for (const key of before.keys()) {
      if (!this.#items.has(key)) changed.push(key);
    }
    return changed;
  }

  /** The one place where versions decide. A null source is a deletion. Returns whether it was applied. */
  update(key: string, version: number, source: Source | null): boolean {
    const stored = this.#items.get(key)?.version ?? this.#deleted.get(key);
    if (stored !== undefined && version <= stored) return false;
    this.#unshare();
    if (source === null) {
      this.#items.delete(key);
      this.#deleted.set(key, version);
    } else {
      this.#items.set(key, this.#prepare(key, source));
    }
    return true;
  }

  share(): ReadonlyMap<string, Prepared> {
    this.#shared = true;
    return this.#items;
  }

  sources(): Record<string, Source> {
    return toRecord(
      this.#items,
      ([key]) => key,
      ([, { source }]) => source,
    );
  }

  #unshare(): void {
    if (!this.#shared) return;
    this.#items = new Map(this.#items);
    this.#shared = false;
  }
}
