// Incoming events → counts per minute and contexts seen (protocol.md 6.4, 9.7). Pure: what cannot be used is ignored and
// counted as such, never an error, because a refused batch would silence the SDK that sent it.
import { contextProblem, normalize, parseReference, type SingleKindContext } from 'feathery-server-sdk/protocol';
import { shortJson } from './short-json.js';

export const MINUTE_MS = 60_000;
const MAX_KEY_LENGTH = 256;
const MAX_CONTEXT_KEY_LENGTH = 512;
/** JSON of one context's attributes; of a larger one only key and name are kept. */
const MAX_ATTRIBUTES_LENGTH = 8_192;
const MAX_COUNT = 2 ** 40;
/** Of a larger metric value only the event is counted: sums must stay numbers. */
const MAX_METRIC = 1e100;
/** What PostgreSQL keeps in no text: NUL, and halves of characters. */
const UNKEEPABLE = /[\0\p{Surrogate}]/u;

/** Stands for "none" in columns that are part of a key. */
export const NONE = -1;

export interface EvaluationCount {
  /** Start of the minute, in milliseconds. */
  readonly start: number;
  readonly setting: string;
  /** `NONE` when the caller's default value was served. */
  readonly variation: number;
  /** `NONE` when the setting was not known. */
  readonly version: number;
  count: number;
}

export interface CustomCount {
  readonly start: number;
  readonly key: string;
  count: number;
  /** Of the metric values that came along. */
  sum: number;
}

/** A user, an organization or another kind of context, as last seen. */
export interface SeenContext {
  readonly kind: string;
  readonly key: string;
  readonly at: number;
  /** `name`, when it has one. */
  readonly name: string | null;
  /** JSON of all attributes that are not private; null when only the key was sent. */
  readonly attributes: string | null;
  /** Keys of the other kinds it was seen together with, by kind. */
  readonly companions: Readonly<Record<string, string>>;
}

export interface TallyOptions {
  readonly receivedAt: number;
  /** An event that claims to be older counts as if it were just this old. */
  readonly maxAgeMs: number;
}

/** What events add up to. Payloads can be added up the same way. */
export class Tally {
  readonly evaluations = new Map<string, EvaluationCount>();
  readonly custom = new Map<string, CustomCount>();
  readonly contexts = new Map<string, SeenContext>();
  events = 0;
  ignored = 0;

  /** Rows it takes to store, about. */
  get size(): number {
    return this.evaluations.size + this.custom.size + this.contexts.size;
  }

  /** Adds one parsed event of any kind. */
  add(event: unknown, options: TallyOptions): void {
    this.events++;
    if (!isObject(event)) this.ignored++;
    else if (event.kind === 'summary') this.#addSummary(event, options);
    else this.#addSingle(event, options);
  }

  /** Adds what another tally has counted. */
  merge(other: Tally): void {
    for (const [id, one] of other.evaluations) this.#count(id, one);
    for (const [id, one] of other.custom) this.#countCustom(id, one);
    for (const [id, context] of other.contexts) this.#see(id, context);
    this.events += other.events;
    this.ignored += other.ignored;
  }

  /** Takes out counts that must not be stored. */
  drop(isEvaluation: (count: EvaluationCount) => boolean, isCustom: (count: CustomCount) => boolean): void {
    for (const [id, count] of this.evaluations) {
      if (isEvaluation(count) && this.evaluations.delete(id)) this.ignored++;
    }
    for (const [id, count] of this.custom) if (isCustom(count) && this.custom.delete(id)) this.ignored++;
  }

  #addSummary({ features, endDate }: Json, options: TallyOptions): void {
    const start = minuteOf(endDate, options);
    if (!isObject(features)) {
      this.ignored++;
      return;
    }
    for (const [setting, feature] of Object.entries(features)) {
      const counters = isObject(feature) ? feature.counters : undefined;
      if (!isKey(setting) || !Array.isArray(counters)) {
        this.ignored++;
        continue;
      }
      for (const counter of counters) this.#addCounter(start, setting, counter);
    }
  }

  #addCounter(start: number, setting: string, counter: unknown): void {
    if (!isObject(counter) || !isCount(counter.count)) {
      this.ignored++;
      return;
    }
    const [variation, version] = [wholeOrNone(counter.variation), wholeOrNone(counter.version)];
    const { count } = counter;
    this.#count(`${start} ${variation} ${version} ${setting}`, { start, setting, variation, version, count });
  }

  #addSingle(event: Json, options: TallyOptions): void {
    const at = timeOf(event.creationDate, options);
    if (!this.#seeContextsOf(event, at)) this.ignored++;
    if (event.kind !== 'custom') return;
    const { key, metricValue } = event;
    if (!isKey(key)) {
      this.ignored++;
      return;
    }
    const start = minuteOf(event.creationDate, options);
    this.#countCustom(`${start} ${key}`, { start, key, count: 1, sum: isMetric(metricValue) ? metricValue : 0 });
  }

  /** False when the event has no context that can be used. */
  #seeContextsOf({ context, contextKeys }: Json, at: number): boolean {
    if (isObject(context)) return this.#seeParts(partsOf(context), at);
    // The attributes came with the index event of each context, earlier or in the same payload.
    if (isObject(contextKeys)) {
      const parts = Object.entries(contextKeys).map(([kind, key]) => ({ kind, key }) as SingleKindContext);
      return this.#seeParts(
        parts.filter((part) => contextProblem(part) === undefined),
        at,
        { keysOnly: true },
      );
    }
    return false;
  }

  #seeParts(parts: readonly SingleKindContext[], at: number, { keysOnly = false } = {}): boolean {
    // Anonymous ones have made-up keys: nobody looks for them, and there is no end to them.
    const usable = parts.filter(({ key, anonymous }) => isContextKey(key) && anonymous !== true);
    for (const part of usable) {
      const { kind, key } = part;
      this.#see(`${kind}:${key}`, {
        kind,
        key,
        at,
        ...(keysOnly ? { name: null, attributes: null } : attributesOf(part)),
        companions: companionsOf(part, usable),
      });
    }
    return parts.length > 0;
  }

  #count(id: string, one: EvaluationCount): void {
    const known = this.evaluations.get(id);
    if (known === undefined) this.evaluations.set(id, { ...one });
    else known.count += one.count;
  }

  #countCustom(id: string, one: CustomCount): void {
    const known = this.custom.get(id);
    if (known === undefined) {
      this.custom.set(id, { ...one });
      return;
    }
    known.count += one.count;
    known.sum += one.sum;
  }

  #see(id: string, context: SeenContext): void {
    const known = this.contexts.get(id);
    this.contexts.set(id, known === undefined ? context : latest(known, context));
  }
}

type Json = Readonly<Record<string, unknown>>;

function partsOf(context: Json): SingleKindContext[] {
  if (contextProblem(context) !== undefined) return [];
  const normal = normalize(context as { key: string });
  if (normal.kind !== 'multi') return [normal as SingleKindContext];
  const { kind: _kind, ...parts } = normal;
  return Object.entries(parts).map(([kind, part]) => ({ ...(part as object), kind }) as SingleKindContext);
}

function companionsOf(part: SingleKindContext, all: readonly SingleKindContext[]): SeenContext['companions'] {
  const others = all.filter((other) => other !== part);
  return Object.fromEntries(others.map(({ kind, key }) => [kind, key]));
}

/** What is known of a context that was seen twice. */
function latest(one: SeenContext, other: SeenContext): SeenContext {
  const [older, newer] = one.at <= other.at ? [one, other] : [other, one];
  return {
    ...newer,
    name: newer.attributes === null ? older.name : newer.name,
    attributes: newer.attributes ?? older.attributes,
    companions: { ...older.companions, ...newer.companions },
  };
}

/** SDKs send private attributes in name only (protocol.md 6.6); what a sender marked and yet sent is taken out here. */
function attributesOf({ kind, key, _meta, ...shown }: SingleKindContext): Pick<SeenContext, 'name' | 'attributes'> {
  for (const reference of _meta?.privateAttributes ?? []) {
    const [hidden] = parseReference(reference) ?? [];
    if (hidden !== undefined) delete (shown as Record<string, unknown>)[hidden];
  }
  const name = typeof shown.name === 'string' ? shown.name.slice(0, MAX_KEY_LENGTH).split(UNKEEPABLE).join('') : null;
  return { name, attributes: shortJson(shown, MAX_ATTRIBUTES_LENGTH) ?? JSON.stringify({ name }) };
}

/** A server's clock may be wrong and its events may have waited: never later than now, never older than is kept. */
function timeOf(date: unknown, { receivedAt, maxAgeMs }: TallyOptions): number {
  if (!isNumber(date)) return receivedAt;
  return Math.floor(Math.min(Math.max(date, receivedAt - maxAgeMs), receivedAt));
}

function minuteOf(date: unknown, options: TallyOptions): number {
  const at = timeOf(date, options);
  return at - (at % MINUTE_MS);
}

function wholeOrNone(value: unknown): number {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : NONE;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0 && (value as number) <= MAX_COUNT;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isMetric(value: unknown): value is number {
  return isNumber(value) && Math.abs(value) <= MAX_METRIC;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isKey(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_KEY_LENGTH && !UNKEEPABLE.test(value);
}

function isContextKey(value: string): boolean {
  return value !== '' && value.length <= MAX_CONTEXT_KEY_LENGTH && !UNKEEPABLE.test(value);
}
