import { isDeepStrictEqual } from 'node:util';
import type {
  Clause,
  Json,
  Rule,
  Segment,
  SegmentRule,
  SegmentTarget,
  Setting,
  VariationOrRollout,
} from './protocol.js';

/** One share of a split: a value, and its part in percent. */
export type Share = readonly [value: Json, percent: number];

export interface SplitOptions {
  /** Attribute reference that decides the share. Default `key`. */
  readonly by?: string;
  /** Default `user`. */
  readonly kind?: string;
  /** True: an experiment, whose evaluations are reported one by one. Default false. */
  readonly experiment?: boolean;
}

/** Finds the position of a value among the variations of a setting. */
type IndexOf = (key: string, value: Json) => number;

/** A setting in the making: what it serves, and to whom. It takes effect when it is given to `settings.set`. */
export class SettingBuilder {
  readonly #variations: Json[];
  readonly #targets: Array<{ contextKind: string; variation: number; values: string[] }> = [];
  readonly #rules: Rule[] = [];
  readonly #prerequisites: Array<readonly [key: string, value: Json]> = [];
  #on = true;
  #fallthrough: VariationOrRollout = { variation: 0 };
  #offVariation: number | undefined;

  constructor(variations: readonly Json[]) {
    this.#variations = [...variations];
  }

  /** Turns it off: everyone gets what `offServes` says. */
  off(): this {
    this.#on = false;
    return this;
  }

  /** Served while off, or when a required setting does not serve what it must. Default: the caller's default value. */
  offServes(value: Json): this {
    this.#offVariation = this.#indexOf(value);
    return this;
  }

  /** Served to everyone of whom nothing else is said. Default: the first variation. */
  serve(value: Json): this {
    this.#fallthrough = { variation: this.#indexOf(value) };
    return this;
  }

  /** Splits everyone of whom nothing else is said, by shares that add up to 100. */
  split(shares: readonly Share[], options: SplitOptions = {}): this {
    this.#fallthrough = this.#rollout(shares, options);
    return this;
  }

  /** Serves a value to these users, whatever the rules say. */
  target(value: Json, ...userKeys: string[]): this {
    return this.targetKind('user', value, ...userKeys);
  }

  /** The same for contexts of another kind. */
  targetKind(contextKind: string, value: Json, ...keys: string[]): this {
    const variation = this.#indexOf(value);
    const same = this.#targets.find((target) => target.contextKind === contextKind && target.variation === variation);
    if (same === undefined) this.#targets.push({ contextKind, variation, values: keys });
    else same.values.push(...keys);
    return this;
  }

  /** Serves a value to those who match all clauses. The first rule that matches decides. */
  rule(clauses: readonly Clause[], value: Json): this {
    return this.#addRule(clauses, { variation: this.#indexOf(value) });
  }

  /** Splits those who match all clauses. */
  splitRule(clauses: readonly Clause[], shares: readonly Share[], options: SplitOptions = {}): this {
    return this.#addRule(clauses, this.#rollout(shares, options));
  }

  /** Serves nothing of the above unless another setting is on and serves this value. */
  requires(settingKey: string, value: Json): this {
    this.#prerequisites.push([settingKey, value]);
    return this;
  }

  /** @internal */
  build(key: string, version: number, indexOf: IndexOf): Setting {
    const targets = this.#targets.map((target) => ({ ...target, values: [...target.values] }));
    return {
      key,
      version,
      on: this.#on,
      variations: [...this.#variations],
      fallthrough: this.#fallthrough,
      ...(this.#offVariation === undefined ? {} : { offVariation: this.#offVariation }),
      targets: targets.filter(({ contextKind }) => contextKind === 'user'),
      // With entries of both lists this one fixes the order; those of users stand there without values.
      contextTargets: targets.map((target) => (target.contextKind === 'user' ? { ...target, values: [] } : target)),
      rules: [...this.#rules],
      prerequisites: this.#prerequisites.map(([other, value]) => ({ key: other, variation: indexOf(other, value) })),
      salt: key,
    };
  }

  #addRule(clauses: readonly Clause[], outcome: VariationOrRollout): this {
    this.#rules.push({ id: `rule-${this.#rules.length}`, clauses, ...outcome });
    return this;
  }

  #rollout(shares: readonly Share[], { by, kind = 'user', experiment = false }: SplitOptions): VariationOrRollout {
    const variations = shares.map(([value, percent]) => ({
      variation: this.#indexOf(value),
      weight: Math.round(percent * 1000),
    }));
    const rollout = { kind: experiment ? 'experiment' : 'rollout', contextKind: kind, variations };
    return { rollout: by === undefined ? rollout : { ...rollout, bucketBy: by } };
  }

  /** A value that is no variation yet becomes one. */
  #indexOf(value: Json): number {
    const index = positionOf(this.#variations, value);
    return index === -1 ? this.#variations.push(value) - 1 : index;
  }
}

/** A segment in the making. It takes effect when it is given to `settings.setSegment`. */
export class SegmentBuilder {
  readonly #included: SegmentTarget[] = [];
  readonly #excluded: SegmentTarget[] = [];
  readonly #rules: SegmentRule[] = [];

  include(...userKeys: string[]): this {
    return this.includeKind('user', ...userKeys);
  }

  includeKind(contextKind: string, ...keys: string[]): this {
    this.#included.push({ contextKind, values: keys });
    return this;
  }

  /** Out, whatever the rules say. */
  exclude(...userKeys: string[]): this {
    return this.excludeKind('user', ...userKeys);
  }

  excludeKind(contextKind: string, ...keys: string[]): this {
    this.#excluded.push({ contextKind, values: keys });
    return this;
  }

  /** In are those who match all clauses, or a part of them in percent. */
  rule(clauses: readonly Clause[], percent = 100): this {
    const weight = percent === 100 ? {} : { weight: Math.round(percent * 1000) };
    this.#rules.push({ id: `rule-${this.#rules.length}`, clauses, ...weight });
    return this;
  }

  /** @internal */
  build(key: string, version: number): Segment {
    return {
      key,
      version,
      includedContexts: [...this.#included],
      excludedContexts: [...this.#excluded],
      rules: [...this.#rules],
      salt: key,
    };
  }
}

/** -1 when the value is not in the list. */
export function positionOf(values: readonly Json[], value: Json): number {
  return values.findIndex((candidate) => isDeepStrictEqual(candidate, value));
}
