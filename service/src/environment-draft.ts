// The items of one environment as a commit in the making would leave them.
import type { Segment, Setting } from 'feathery-server-sdk/protocol';
import type { EnvironmentData } from './environment-data.js';
import { type ListLimits, longListsOfSegment, longListsOfSetting } from './list-limits.js';
import { isSameJson } from './merge-patch.js';
import type { Violation } from './problems.js';
import type { LoggedChange } from './storage/change-log.js';
import type { Item, ItemKind, SegmentMeta } from './storage/items.js';
import {
  type ItemView,
  type KeyedFault,
  prerequisiteCycle,
  segmentCycle,
  segmentFaults,
  settingFaults,
} from './validate.js';
import { completeSegment, completeSetting, inDependencyOrder, segmentsIn } from './wire.js';

export interface ItemName {
  readonly kind: ItemKind;
  readonly key: string;
}

/** A fault, and the item it would be in. */
export interface ItemFault extends Violation {
  readonly item: ItemName;
}

/** Something that refers to an item that would be gone. */
export interface Dependent extends ItemName {
  readonly needs: ItemName;
}

export const NO_META: SegmentMeta = { name: '', description: '', tags: [] };

export class EnvironmentDraft implements ItemView {
  readonly environment: EnvironmentData;
  /** The revision this began from. */
  readonly base: number;
  readonly #changes = new Map<string, LoggedChange>();

  constructor(environment: EnvironmentData) {
    this.environment = environment;
    this.base = environment.revision;
  }

  get isEmpty(): boolean {
    return this.#changes.size === 0;
  }

  /** The revision after the commit. */
  get revision(): number {
    return this.isEmpty ? this.base : this.base + 1;
  }

  setting(key: string): Setting | undefined {
    const change = this.#changes.get(`setting/${key}`);
    return change === undefined ? this.environment.settings.get(key) : ((change.item as Setting | null) ?? undefined);
  }

  segment(key: string): Segment | undefined {
    const change = this.#changes.get(`segment/${key}`);
    return change === undefined ? this.environment.segments.get(key) : ((change.item as Segment | null) ?? undefined);
  }

  segmentMeta(key: string): SegmentMeta {
    const change = this.#changes.get(`segment/${key}`);
    return (change === undefined ? this.environment.segmentMeta.get(key) : change.meta) ?? NO_META;
  }

  get segmentCount(): number {
    let count = this.environment.segments.size;
    for (const { kind, key, item } of this.#changes.values()) {
      if (kind === 'segment') count += Number(item !== null) - Number(this.environment.segments.has(key));
    }
    return count;
  }

  setSetting(setting: Setting): void {
    const item = completeSetting({ ...setting, version: this.base + 1 });
    this.#set({ kind: 'setting', key: item.key, version: item.version, item });
  }

  setSegment(segment: Segment, meta: SegmentMeta): void {
    const item = completeSegment({ ...segment, version: this.base + 1 });
    this.#set({ kind: 'segment', key: item.key, version: item.version, item, meta });
  }

  remove({ kind, key }: ItemName): void {
    this.#set({ kind, key, version: this.base + 1, item: null });
  }

  /** What differs from the present state, in an order in which it can be applied one by one. */
  changes(): LoggedChange[] {
    return inDependencyOrder([...this.#changes.values()]);
  }

  /** Faults of everything that was touched, and of what others need of it. */
  faults(limits: ListLimits): ItemFault[] {
    const faults: ItemFault[] = [];
    for (const { kind, key, item } of this.#changes.values()) {
      if (item === null) continue;
      const found =
        kind === 'setting'
          ? [...longListsOfSetting(item, limits), ...settingFaults(item, this)]
          : [...longListsOfSegment(item, limits), ...segmentFaults(item, this)];
      for (const fault of found) faults.push({ ...fault, item: { kind, key } });
    }
    return [...faults, ...this.#cycles(), ...this.#lostVariations()];
  }

  /** Untouched items that refer to one that would be gone. */
  dependents(): Dependent[] {
    const removed = [...this.#changes.values()].filter(({ item }) => item === null);
    if (removed.length === 0) return [];
    const gone = new Set(removed.map(({ kind, key }) => `${kind}/${key}`));
    const dependents: Dependent[] = [];
    const look = (item: ItemName, needs: readonly ItemName[]) => {
      if (this.#changes.has(`${item.kind}/${item.key}`)) return;
      const needed = needs.find(({ kind, key }) => gone.has(`${kind}/${key}`));
      if (needed !== undefined) dependents.push({ ...item, needs: needed });
    };
    for (const [key, setting] of this.environment.settings) look({ kind: 'setting', key }, needsOf('setting', setting));
    for (const [key, segment] of this.environment.segments) look({ kind: 'segment', key }, needsOf('segment', segment));
    return dependents;
  }

  #cycles(): ItemFault[] {
    const keysOf = (wanted: ItemKind) =>
      [...this.#changes.values()].filter(({ kind, item }) => kind === wanted && item !== null).map(({ key }) => key);
    const found: (readonly [ItemKind, KeyedFault | undefined])[] = [
      ['setting', prerequisiteCycle(keysOf('setting'), this)],
      ['segment', segmentCycle(keysOf('segment'), this)],
    ];
    return found.flatMap(([kind, fault]) => {
      if (fault === undefined) return [];
      const { key, ...violation } = fault;
      return [{ ...violation, item: { kind, key } }];
    });
  }

  /** Faults of settings that serve fewer variations than before, where untouched ones need those that are gone. */
  #lostVariations(): ItemFault[] {
    const counts = new Map<string, number>();
    for (const { kind, key, item } of this.#changes.values()) {
      if (kind !== 'setting' || item === null) continue;
      const count = item.variations?.length ?? 0;
      if (count < (this.environment.settings.get(key)?.variations?.length ?? 0)) counts.set(key, count);
    }
    const faults: ItemFault[] = [];
    if (counts.size === 0) return faults;
    for (const [key, setting] of this.environment.settings) {
      if (this.#changes.has(`setting/${key}`)) continue;
      for (const required of setting.prerequisites ?? []) {
        if (required.variation < (counts.get(required.key) ?? Number.POSITIVE_INFINITY)) continue;
        const detail = `the setting "${key}" needs variation ${required.variation} of it`;
        faults.push({ pointer: '/variations', detail, item: { kind: 'setting', key: required.key } });
      }
    }
    return faults;
  }

  /** What changes nothing is no change: its version stays. */
  #set(change: LoggedChange): void {
    const id = `${change.kind}/${change.key}`;
    if (this.#differs(change)) this.#changes.set(id, change);
    else this.#changes.delete(id);
  }

  #differs({ kind, key, item, meta }: LoggedChange): boolean {
    const before: Item | undefined =
      kind === 'setting' ? this.environment.settings.get(key) : this.environment.segments.get(key);
    if (before === undefined || item === null) return before !== (item ?? undefined);
    if (!isSameJson(before as never, { ...item, version: before.version } as never)) return true;
    return (
      kind === 'segment' && !isSameJson((this.environment.segmentMeta.get(key) ?? NO_META) as never, meta as never)
    );
  }
}

function needsOf(kind: ItemKind, item: Item): ItemName[] {
  const segments = segmentsIn(item.rules).map((key): ItemName => ({ kind: 'segment', key }));
  if (kind === 'segment') return segments;
  return [
    ...segments,
    ...((item as Setting).prerequisites ?? []).map(({ key }): ItemName => ({ kind: 'setting', key })),
  ];
}
