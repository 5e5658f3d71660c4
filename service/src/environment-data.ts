// What one environment serves, in memory: the items as they are on the wire, and their text for streams and pollers.
import { type Segment, type Setting, Store } from 'feathery-server-sdk/protocol';
import { putFrame } from './frames.js';
import type { ChangeSet, LoggedChange } from './storage/change-log.js';
import type { EnvironmentHead } from './storage/environments.js';
import type { ItemRecord, SegmentMeta } from './storage/items.js';
import { encodeDataSet } from './wire.js';

/** The data of one environment at its newest revision. Written by the feed alone. */
export class EnvironmentData {
  readonly key: string;
  readonly epoch: string;
  readonly createdAt: number;
  /** What people call it; the feed keeps it current. */
  name: string;
  /** For evaluating here, by the same code as in the SDK. */
  readonly store = new Store();
  #revision: number;
  #committedAt: number | null;
  readonly #settings = new Map<string, Setting>();
  readonly #segments = new Map<string, Segment>();
  readonly #segmentMeta = new Map<string, SegmentMeta>();
  /** Each item's JSON, made once per version. */
  readonly #texts = { setting: new Map<string, string>(), segment: new Map<string, string>() };
  /** Made when first asked for, dropped by the next change. */
  #dataSet: string | undefined;
  #putFrame: Buffer | undefined;

  constructor(row: EnvironmentHead, items: readonly ItemRecord[]) {
    this.key = row.key;
    this.name = row.name;
    this.epoch = row.epoch;
    this.createdAt = row.created_at;
    this.#revision = row.revision;
    this.#committedAt = row.committed_at;
    for (const record of items) this.#take(record as LoggedChange);
    this.store.replaceAll(
      { settings: Object.fromEntries(this.#settings), segments: Object.fromEntries(this.#segments) },
      row.revision,
    );
  }

  get revision(): number {
    return this.#revision;
  }

  /** When the revision was committed; null for the first. Tells it from another of the same number. */
  get committedAt(): number | null {
    return this.#committedAt;
  }

  get settings(): ReadonlyMap<string, Setting> {
    return this.#settings;
  }

  get segments(): ReadonlyMap<string, Segment> {
    return this.#segments;
  }

  get segmentMeta(): ReadonlyMap<string, SegmentMeta> {
    return this.#segmentMeta;
  }

  /** `{"flags":{…},"segments":{…}}`: the body of a poll and the data of a put. Made once per revision. */
  dataSet(): string {
    this.#dataSet ??= encodeDataSet(this.#texts.setting, this.#texts.segment);
    return this.#dataSet;
  }

  /** The stream's first event. Made once per revision and shared by all streams. */
  putFrame(): Buffer {
    this.#putFrame ??= putFrame(this, this.dataSet());
    return this.#putFrame;
  }

  /** For pollers: differs for every revision, and after a restore. */
  etag(): string {
    return `"${this.epoch}-${this.#revision}"`;
  }

  /** Takes in the next commit. Only the feed calls this, in the order of the log. */
  apply(changeSet: ChangeSet): void {
    for (const change of changeSet.changes) this.#take(change);
    this.#revision = changeSet.revision;
    this.#committedAt = changeSet.at;
    this.#dataSet = undefined;
    this.#putFrame = undefined;
    this.store.apply(changeSet.changes, changeSet.revision);
  }

  #take({ kind, key, item, meta }: LoggedChange): void {
    const items: Map<string, Setting | Segment> = kind === 'setting' ? this.#settings : this.#segments;
    if (item === null) {
      items.delete(key);
      this.#texts[kind].delete(key);
      if (kind === 'segment') this.#segmentMeta.delete(key);
      return;
    }
    items.set(key, item);
    this.#texts[kind].set(key, JSON.stringify(item));
    if (meta) this.#segmentMeta.set(key, meta);
  }
}
