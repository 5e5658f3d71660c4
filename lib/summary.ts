// Evaluations as counts. `count` is on the path of every evaluation: no clock, no allocation, no look-up by key.
import { type Room, toJson } from './json.js';
import { toList, toObjects } from './lenient.js';
import type { Json, Rule, Setting } from './protocol.js';

/** Settings (one for each version seen) counted in one period; evaluations of further ones are dropped. */
export const MAX_COUNTED_SETTINGS = 20_000;
/** Unknown keys counted in one period; evaluations of further ones are dropped. */
export const MAX_UNKNOWN_KEYS = 1000;
/** Evaluations of longer unknown keys are dropped. */
export const MAX_UNKNOWN_KEY_LENGTH = 1000;
/** Kinds listed for one setting; further ones are left out. */
export const MAX_KINDS = 100;
/** Room for all values and defaults of one summary; those that find none are written as null. */
export const MAX_VALUES_CHARACTERS = 1_000_000;

/** Counts of one setting at one version, or of one unknown key, in one period. Written in this file only. */
export interface SettingCounters {
  /** The period these counts belong to. Another one than the present: a flush has come between, start anew. */
  readonly period: object;
  readonly key: string;
  /** Undefined, as is the version, for an unknown key. */
  readonly source: Setting | undefined;
  readonly version: number | undefined;
  /** By variation index plus one; at 0 the evaluations that gave the caller's default. */
  readonly counts: number[];
  /** The caller's default at the first evaluation, copied: the application may change its object. */
  readonly defaultValue: Json;
  /** What the first caller without a variation received, copied. */
  unservedValue: Json;
  /** Whether a user without `kind` was seen; apart from `kinds` because it is the common case. */
  plainUsers: boolean;
  readonly kinds: string[];
  /** True when no evaluation of this setting can ask for an event of its own. */
  readonly countedOnly: boolean;
}

/** What is counted: a prepared setting, as far as this file is concerned. */
export interface Countable {
  readonly source: Setting;
  readonly key: string;
  readonly version: number;
  counters: SettingCounters | undefined;
}

/** A summary event as it is sent, and how many evaluations it stands for. */
export interface DrainedSummary {
  readonly event: object;
  readonly count: number;
}

/** From one drain to the next. A new one makes the counters of all settings stale at once. */
interface Period {
  /** Milliseconds since the epoch, taken when the first evaluation is counted. */
  startDate: number;
  readonly counters: SettingCounters[];
  readonly unknown: Map<string, SettingCounters>;
  readonly room: Room;
}

/** Whoever is asked about; all that matters here is which kinds that is. */
interface Kinds {
  readonly kind?: unknown;
  readonly [name: string]: unknown;
}

/** All counters of one key, whatever their version. */
interface Feature {
  readonly default: Json;
  readonly contextKinds: Set<string>;
  /** By variation and version. */
  readonly counters: Map<string, Counter>;
}

/** As it is on the wire. */
interface Counter {
  variation?: number;
  version?: number;
  unknown?: true;
  value: Json;
  count: number;
}

export class Summary {
  readonly #now: () => number;
  #period: Period = newPeriod();
  #dropped = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Evaluations that found no room, ever. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Evaluations counted since the last drain. */
  get size(): number {
    return this.#period.counters.reduce((sum, counters) => sum + total(counters), 0);
  }

  /** Counts one evaluation of a known setting. A null `variationIndex` means that the caller received the default. */
  count(
    setting: Countable,
    context: Kinds,
    detail: { readonly variationIndex: number | null },
    defaultValue: unknown,
  ): SettingCounters {
    let counters = setting.counters;
    if (counters === undefined || counters.period !== this.#period) counters = this.#open(setting, defaultValue);
    const slot = detail.variationIndex === null ? 0 : detail.variationIndex + 1;
    if (slot === 0 && counters.counts[0] === 0) counters.unservedValue = capture(defaultValue, this.#period.room);
    counters.counts[slot] = (counters.counts[slot] ?? 0) + 1;
    noteKinds(counters, context);
    return counters;
  }

  countUnknown(key: string, context: Kinds, defaultValue: unknown): void {
    const counters = this.#period.unknown.get(key) ?? this.#openUnknown(key, defaultValue);
    if (counters === undefined) return;
    counters.counts[0] = (counters.counts[0] ?? 0) + 1;
    noteKinds(counters, context);
  }

  /** Takes out what was counted and begins a new period. Undefined when nothing was counted. */
  drain(): DrainedSummary | undefined {
    const { size: count } = this;
    const { startDate, counters, room } = this.#period;
    this.#period = newPeriod();
    if (count === 0) return undefined;
    const features = new Map<string, Feature>();
    for (const counted of counters) addTo(features, counted, room);
    const endDate = Math.max(startDate, this.#now());
    return { event: { kind: 'summary', startDate, endDate, features: toWire(features) }, count };
  }

  #open(setting: Countable, defaultValue: unknown): SettingCounters {
    const counters = this.#newCounters(setting.key, setting, defaultValue);
    if (setting.source.excludeFromSummaries === true || this.#admit(counters)) setting.counters = counters;
    return counters;
  }

  #openUnknown(key: string, defaultValue: unknown): SettingCounters | undefined {
    const { unknown } = this.#period;
    if (unknown.size >= MAX_UNKNOWN_KEYS || key.length > MAX_UNKNOWN_KEY_LENGTH) {
      this.#dropped++;
      return undefined;
    }
    const counters = this.#newCounters(key, undefined, defaultValue);
    if (!this.#admit(counters)) return undefined;
    counters.unservedValue = counters.defaultValue;
    unknown.set(key, counters);
    return counters;
  }

  /** Counters that are not admitted are never sent: the evaluation that asked for them is lost. */
  #admit(counters: SettingCounters): boolean {
    const period = this.#period;
    if (period.counters.length >= MAX_COUNTED_SETTINGS) {
      this.#dropped++;
      return false;
    }
    if (period.counters.length === 0) period.startDate = this.#now();
    period.counters.push(counters);
    return true;
  }

  #newCounters(key: string, setting: Countable | undefined, defaultValue: unknown): SettingCounters {
    const source = setting?.source;
    return {
      period: this.#period,
      key,
      source,
      version: setting?.version,
      counts: new Array<number>(toList(source?.variations).length + 1).fill(0),
      defaultValue: capture(defaultValue, this.#period.room),
      unservedValue: null,
      plainUsers: false,
      kinds: [],
      countedOnly: source === undefined || isCountedOnly(source),
    };
  }
}

function newPeriod(): Period {
  return { startDate: 0, counters: [], unknown: new Map(), room: { characters: MAX_VALUES_CHARACTERS } };
}

function capture(value: unknown, room: Room): Json {
  return toJson(value, room) ?? null;
}

function total({ counts }: SettingCounters): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

function noteKinds(counters: SettingCounters, context: Kinds): void {
  const { kind } = context;
  if (kind === undefined) counters.plainUsers = true;
  else if (kind !== 'multi') noteKind(counters.kinds, kind as string);
  else for (const inner in context) if (inner !== 'kind') noteKind(counters.kinds, inner);
}

function noteKind(kinds: string[], kind: string): void {
  if (!kinds.includes(kind) && kinds.length < MAX_KINDS) kinds.push(kind);
}

function addTo(features: Map<string, Feature>, counted: SettingCounters, room: Room): void {
  const { key, counts } = counted;
  let feature = features.get(key);
  if (feature === undefined) {
    feature = { default: counted.defaultValue, contextKinds: new Set(), counters: new Map() };
    features.set(key, feature);
  }
  if (counted.plainUsers) feature.contextKinds.add('user');
  for (const kind of counted.kinds) feature.contextKinds.add(kind);
  for (const [slot, count] of counts.entries()) {
    if (count === 0) continue;
    const id = `${slot}/${counted.version}`;
    // A put brings settings again at the version they had: still one counter.
    const counter = feature.counters.get(id) ?? newCounter(counted, slot, room);
    counter.count += count;
    feature.counters.set(id, counter);
  }
}

function newCounter({ source, version = 0, unservedValue }: SettingCounters, slot: number, room: Room): Counter {
  if (source === undefined) return { unknown: true, value: unservedValue, count: 0 };
  if (slot === 0) return { version, value: unservedValue, count: 0 };
  return { variation: slot - 1, version, value: capture(source.variations?.[slot - 1], room), count: 0 };
}

function toWire(features: Map<string, Feature>): object {
  const wire: Record<string, object> = Object.create(null);
  for (const [key, { default: defaultValue, contextKinds, counters }] of features) {
    wire[key] = { default: defaultValue, contextKinds: [...contextKinds], counters: [...counters.values()] };
  }
  return wire;
}

function isCountedOnly(source: Setting): boolean {
  if (source.trackEvents === true || source.trackEventsFallthrough === true) return false;
  if (typeof source.debugEventsUntilDate === 'number') return false;
  return ![source.fallthrough, ...toObjects(source.rules)].some(
    (branch) => branch?.rollout?.kind === 'experiment' || (branch as Rule | undefined)?.trackEvents === true,
  );
}
