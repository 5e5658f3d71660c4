import { ProtocolError } from './errors.js';

// The model and the wire. Shapes are as received: lenient, nothing filled in; `compile` deals with what is absent
// or malformed, one item at a time, so that one bad item never keeps the others from loading.

/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What a rule, a fallthrough or a target serves: one variation by index, or a split by weight. */
export interface VariationOrRollout {
  /** Index into the setting's variations. Wins over `rollout`. */
  readonly variation?: number | null;
  readonly rollout?: Rollout | null;
}

/** A split of contexts by weight. */
export interface Rollout {
  /** `experiment` always buckets by key and marks its evaluations. Default `rollout`. */
  readonly kind?: 'rollout' | 'experiment' | (string & {}) | null;
  /** Default `user`. When absent, `bucketBy` is a literal name and not a reference. */
  readonly contextKind?: string | null;
  /** Attribute that decides the bucket. Default `key`. */
  readonly bucketBy?: string | null;
  /** Replaces the setting's key and salt in the hash. 0 counts as present. */
  readonly seed?: number | null;
  readonly variations?: readonly WeightedVariation[] | null;
}

export interface WeightedVariation {
  readonly variation: number;
  /** In units of 1/100000: 100000 is everyone. */
  readonly weight: number;
  /** Left out of the experiment although served. Default false. */
  readonly untracked?: boolean | null;
}

/** Context keys listed for a variation, ahead of all rules. */
export interface Target {
  /** Default `user`. */
  readonly contextKind?: string | null;
  readonly variation: number;
  readonly values?: readonly string[] | null;
}

/** A setting that must be on and serve exactly this variation first. */
export interface Prerequisite {
  readonly key: string;
  readonly variation: number;
}

/** One condition on a context. All clauses of a rule must match. */
export interface Clause {
  /** Default `user`. When absent, `attribute` is a literal name and not a reference. */
  readonly contextKind?: string | null;
  readonly attribute?: string | null;
  readonly op?: string | null;
  readonly values?: readonly Json[] | null;
  readonly negate?: boolean | null;
}

export interface Rule extends VariationOrRollout {
  readonly id?: string | null;
  readonly clauses?: readonly Clause[] | null;
  /** This rule is an experiment: full event with reason for each evaluation. */
  readonly trackEvents?: boolean | null;
}

/** A named value controlled from the service, as it is on the wire (where it is called a flag). */
export interface Setting {
  readonly key: string;
  readonly version: number;
  /** True for a tombstone. */
  readonly deleted?: boolean | null;
  readonly on?: boolean | null;
  readonly variations?: readonly Json[] | null;
  readonly offVariation?: number | null;
  readonly fallthrough?: VariationOrRollout | null;
  readonly prerequisites?: readonly Prerequisite[] | null;
  /** Targets of kind `user`. */
  readonly targets?: readonly Target[] | null;
  /** Targets of any kind; when not empty they alone fix the order. */
  readonly contextTargets?: readonly Target[] | null;
  readonly rules?: readonly Rule[] | null;
  readonly salt?: string | null;
  readonly trackEvents?: boolean | null;
  readonly trackEventsFallthrough?: boolean | null;
  /** Milliseconds since the epoch. */
  readonly debugEventsUntilDate?: number | null;
  readonly clientSide?: boolean | null;
  readonly clientSideAvailability?: { usingMobileKey?: boolean; usingEnvironmentId?: boolean } | null;
  /** Full events are sent one time in N. Default 1. */
  readonly samplingRatio?: number | null;
  readonly excludeFromSummaries?: boolean | null;
  readonly migration?: { readonly checkRatio?: number | null } | null;
}

export interface SegmentTarget {
  readonly contextKind?: string | null;
  readonly values?: readonly string[] | null;
}

export interface SegmentRule {
  readonly id?: string | null;
  readonly clauses?: readonly Clause[] | null;
  /** 0 to 100000; absent: everyone who matches the clauses. */
  readonly weight?: number | null;
  readonly bucketBy?: string | null;
  readonly rolloutContextKind?: string | null;
}

/** A named, reusable set of contexts. */
export interface Segment {
  readonly key: string;
  readonly version: number;
  readonly deleted?: boolean | null;
  readonly included?: readonly string[] | null;
  readonly excluded?: readonly string[] | null;
  readonly includedContexts?: readonly SegmentTarget[] | null;
  readonly excludedContexts?: readonly SegmentTarget[] | null;
  readonly rules?: readonly SegmentRule[] | null;
  readonly salt?: string | null;
  readonly unbounded?: boolean | null;
  readonly unboundedContextKind?: string | null;
  readonly generation?: number | null;
}

/** Everything one environment holds. */
export interface DataSet {
  readonly settings: Readonly<Record<string, Setting>>;
  readonly segments: Readonly<Record<string, Segment>>;
}

/** One item as it is after a change; `item` is null when it was deleted. */
export type Change =
  | { readonly kind: 'setting'; readonly key: string; readonly version: number; readonly item: Setting | null }
  | { readonly kind: 'segment'; readonly key: string; readonly version: number; readonly item: Segment | null };

/** What a stream event means to the store. `patch`, `delete` and `changes` all become one change set. */
export type Message =
  | { readonly type: 'put'; readonly data: DataSet }
  | { readonly type: 'changes'; readonly changes: readonly Change[]; readonly revision?: number }
  | { readonly type: 'synced'; readonly revision: number };

/** Where the state of all settings keeps what it says about each of them. */
export const ALL_SETTINGS_METADATA = '$flagsState';

const COLLECTIONS = [
  ['/flags/', 'setting'],
  ['/segments/', 'segment'],
] as const;

/**
 * Reads one event of the stream.
 *
 * @returns undefined when the event is to be ignored. Data of events with unknown names is not looked at.
 * @throws ProtocolError when the data is not what the name promises.
 */
export function parseMessage(name: string, data: string): Message | undefined {
  switch (name) {
    case 'put':
      return toPut(parseObject(data));
    case 'patch':
      return toMessage(toPatch(parseObject(data)));
    case 'delete':
      return toMessage(toDeletion(parseObject(data)));
    case 'changes':
      return toChanges(parseObject(data));
    case 'synced':
      return { type: 'synced', revision: requireNumber(parseObject(data), 'revision') };
    default:
      return undefined;
  }
}

/**
 * Reads a full data set: the body of a poll.
 *
 * @throws ProtocolError when it is not one.
 */
export function parseDataSet(body: string): DataSet {
  return toDataSet(parseObject(body));
}

/** The body of a poll with this data: what `parseDataSet` reads. */
export function formatDataSet({ settings, segments }: DataSet): string {
  return JSON.stringify({ flags: settings, segments });
}

function toPut(body: JsonObject): Message | undefined {
  if (body.path != null && body.path !== '/') return undefined;
  return { type: 'put', data: toDataSet(requireObject(body, 'data')) };
}

function toChanges(body: JsonObject): Message {
  const patches = requireObjects(body, 'put').map(toPatch);
  const deletions = requireObjects(body, 'delete').map(toDeletion);
  const changes = [...patches, ...deletions].filter((change) => change !== undefined);
  return { type: 'changes', changes, revision: requireNumber(body, 'revision') };
}

function toMessage(change: Change | undefined): Message | undefined {
  return change && { type: 'changes', changes: [change] };
}

function toDataSet(body: JsonObject): DataSet {
  return { settings: toCollection<Setting>(body, 'flags'), segments: toCollection<Segment>(body, 'segments') };
}

/** Items are not looked into: one that makes no sense must not keep the others from loading. */
function toCollection<Item>(body: JsonObject, name: string): Readonly<Record<string, Item>> {
  // Absent in a poll, and null where a server writes an empty map so.
  const collection = body[name] ?? {};
  if (!isObject(collection)) throw new ProtocolError(`"${name}" is not an object`);
  if (!Object.values(collection).every(isObject)) throw new ProtocolError(`an item of "${name}" is not an object`);
  return collection as Readonly<Record<string, Item>>;
}

function toPatch(body: JsonObject): Change | undefined {
  const target = toTarget(body);
  if (target === undefined) return undefined;
  const item = requireObject(body, 'data') as unknown as Setting & Segment;
  return { ...target, version: itemVersion(item), item: item.deleted === true ? null : item };
}

function toDeletion(body: JsonObject): Change | undefined {
  const target = toTarget(body);
  return target && { ...target, version: requireNumber(body, 'version'), item: null };
}

/** Everything after the collection is the key, as it stands. Undefined when the collection is unknown. */
function toTarget({ path }: JsonObject): Pick<Change, 'kind' | 'key'> | undefined {
  if (typeof path !== 'string') throw new ProtocolError('"path" is not a string');
  for (const [prefix, kind] of COLLECTIONS) {
    if (path.startsWith(prefix)) return { kind, key: path.slice(prefix.length) };
  }
  return undefined;
}

/** An item without a version counts as version 0. */
export function itemVersion(item: { readonly version?: unknown }): number {
  return typeof item.version === 'number' ? item.version : 0;
}

interface JsonObject {
  readonly [name: string]: Json | undefined;
}

function parseObject(text: string): JsonObject {
  const value = parseJson(text);
  if (!isObject(value)) throw new ProtocolError('the data is not a JSON object');
  return value;
}

function parseJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    throw new ProtocolError('the data is not valid JSON', { cause });
  }
}

function requireObject(body: JsonObject, name: string): JsonObject {
  const value = body[name];
  if (!isObject(value)) throw new ProtocolError(`"${name}" is not an object`);
  return value;
}

function requireObjects(body: JsonObject, name: string): readonly JsonObject[] {
  const list = body[name] ?? [];
  if (!Array.isArray(list) || !list.every(isObject)) throw new ProtocolError(`"${name}" is not an array of objects`);
  return list;
}

function requireNumber(body: JsonObject, name: string): number {
  const value = body[name];
  if (typeof value !== 'number') throw new ProtocolError(`"${name}" is not a number`);
  return value;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
