// Serving by weight: which variation of a rollout a context gets.
import { type AttributeReader, createReader } from './attribute.js';
import { Bucketing, bucketText } from './bucket.js';
import type { Context } from './context.js';
import { type Detail, MALFORMED } from './detail.js';
import { toObjects, toText } from './lenient.js';
import type { Rollout } from './protocol.js';
import { type AttributePath, parseReference } from './reference.js';

/** Weights are in units of 1/100000. */
export const WHOLE = 100_000;

interface Entry {
  /** The entry is chosen for buckets below this, unless an earlier one is. */
  readonly bound: number;
  readonly detail: Detail;
  /** Served to those who have the kind the experiment is about; `detail` itself when there is no experiment. */
  readonly detailWithKind: Detail;
}

/** Gives the detail of one variation, with or without the mark of an experiment. */
export type DetailOf = (variation: unknown, inExperiment: boolean) => Detail;

/**
 * The path of an attribute in a clause, rollout or segment rule. Data from before there were references has no context
 * kind there; its attributes are plain names, whatever they look like. Undefined when invalid.
 */
export function attributePath(attribute: string, contextKind: string): AttributePath | undefined {
  if (contextKind !== '') return parseReference(attribute);
  return attribute === '' ? undefined : [attribute];
}

/** @param prefix - Of the hash, when the rollout has no seed. */
export function prepareSplit(rollout: Partial<Rollout>, prefix: string, detailOf: DetailOf): Split | Detail {
  const isExperiment = rollout.kind === 'experiment';
  const contextKind = toText(rollout.contextKind);
  const path = isExperiment ? attributePath('key', '') : attributePath(toText(rollout.bucketBy) || 'key', contextKind);
  if (path === undefined) return MALFORMED;
  const bucketing = new Bucketing(typeof rollout.seed === 'number' ? String(rollout.seed) : prefix);
  let bound = 0;
  const entries = toObjects(rollout.variations).map(({ variation, weight, untracked }): Entry => {
    bound += toWeight(weight) / WHOLE;
    const detail = detailOf(variation, false);
    const inExperiment = isExperiment && untracked !== true;
    return { bound, detail, detailWithKind: inExperiment ? detailOf(variation, true) : detail };
  });
  return new Split(createReader(contextKind || 'user', path), bucketing, entries);
}

/** A weight that is no number counts as 0. */
export function toWeight(weight: unknown): number {
  return typeof weight === 'number' ? weight : 0;
}

export class Split {
  readonly #read: AttributeReader;
  readonly #bucketing: Bucketing;
  readonly #entries: readonly Entry[];
  /** Of the entries, as plain numbers side by side. */
  readonly #bounds: Float64Array;

  constructor(read: AttributeReader, bucketing: Bucketing, entries: readonly Entry[]) {
    this.#read = read;
    this.#bucketing = bucketing;
    this.#entries = entries;
    this.#bounds = Float64Array.from(entries, ({ bound }) => bound);
  }

  serve(context: Context): Detail {
    const value = this.#read(context);
    const entry = this.#choose(toBucket(this.#bucketing, value));
    // Experiments go by key, so that without a value there is no such kind.
    return value === undefined ? entry.detail : entry.detailWithKind;
  }

  /** From 0 to 1; 0 for what cannot be hashed. */
  bucket(context: Context): number {
    return toBucket(this.#bucketing, this.#read(context));
  }

  #choose(bucket: number): Entry {
    const bounds = this.#bounds;
    // The last one also gets whom weights that do not add up to everyone leave out.
    const last = bounds.length - 1;
    let index = 0;
    while (index < last && !(bucket < (bounds[index] as number))) index++;
    return this.#entries[index] as Entry;
  }
}

export function toBucket(bucketing: Bucketing, value: unknown): number {
  const text = bucketText(value);
  return text === undefined ? 0 : bucketing.bucket(text);
}
