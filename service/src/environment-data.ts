// What one environment serves, in memory: the items as they are on the wire, and their text for streams and pollers.
import { createHash } from 'node:crypto';
import { type Change, type Segment, type Setting, Store } from 'feathery-server-sdk/protocol';
import type { ChangeSet, LoggedChange } from './storage/change-log.js';
import type { EnvironmentRow } from './storage/environments.js';
import type { ItemRecord, SegmentMeta } from './storage/items.js';

/** The data of one environment at its newest revision. Written by the feed alone. */
export class EnvironmentData {
  readonly key: string;
  readonly epoch: string;
  readonly createdAt: number;
  name: string;
  /** For evaluating here, by the same code as in the SDK. */
  readonly store = new Store();
  #revision: number;
  readonly #settings = new Map<string, Setting>();
  readonly #segments = new Map<string, Segment>();
  readonly #segmentMeta = new Map<string, SegmentMeta>();
  /** Each item's JSON, made once per version. */
  readonly #settingTexts = new Map<string, string>();
  readonly #segmentTexts = new Map<string, string>();
  #body: string | undefined;
  #etag: string | undefined;

  constructor(row: EnvironmentRow, items: readonly ItemRecord[]) {
    this.key = row.key;
    this.name = row.name;
    this.epoch = row.epoch;
    this.createdAt = row.created_at;
    this.#revision = row.revision;
    for (const record of items) this.#set(record as LoggedChange);
    this.store.replaceAll(
      { settings: Object.fromEntries(this.#settings), segments: Object.fromEntries(this.#segments) },
      row.revision,
    );
  }

  get revision(): number {
    return this.#revision;
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

  /** `{"flags":{…},"segments":{…}}`: the body of a poll and the data of a put. Serialised once per revision. */
  body(): string {
    this.#body ??= `{"flags":${joined(this.#settingTexts)},"segments":${joined(this.#segmentTexts)}}`;
    return this.#body;
  }

  /** Data of the stream's `put` event. */
  putData(): string {
    return `{"path":"/","data":${this.body()}}`;
  }

  /** Changes with every change of the data, and after a restore. */
  etag(): string {
    this.#etag ??= `"${createHash('sha256').update(`${this.epoch}:${this.#revision}`).digest('hex').slice(0, 20)}"`;
    return this.#etag;
  }

  /** Takes in the next commit. Only the feed calls this, in the order of the log. */
  apply(changeSet: ChangeSet): void {
    for (const change of changeSet.changes) this.#set(change);
    this.#revision = changeSet.revision;
    this.#body = undefined;
    this.#etag = undefined;
    this.store.apply(changeSet.changes as readonly Change[], changeSet.revision);
  }

  #set(change: LoggedChange): void {
    const isSetting = change.kind === 'setting';
    const items: Map<string, Setting | Segment> = isSetting ? this.#settings : this.#segments;
    const texts = isSetting ? this.#settingTexts : this.#segmentTexts;
    if (change.item === null) {
      items.delete(change.key);
      texts.delete(change.key);
      this.#segmentMeta.delete(isSetting ? '' : change.key);
      return;
    }
    items.set(change.key, change.item);
    texts.set(change.key, JSON.stringify(change.item));
    if (!isSetting && change.meta) this.#segmentMeta.set(change.key, change.meta);
  }
}

function joined(texts: ReadonlyMap<string, string>): string {
  const parts: string[] = [];
  for (const [key, text] of texts) parts.push(`${JSON.stringify(key)}:${text}`);
  return `{${parts.join(',')}}`;
}
