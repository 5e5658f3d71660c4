// The wire model as the pages handle it (docs/protocol.md): one shape, no translation.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export type SettingType = 'boolean' | 'string' | 'number' | 'json';

export interface Variation {
  value: Json;
  name?: string;
  description?: string;
}

/** Of all settings, to call their values by name. */
export type VariationsByKey = Readonly<Record<string, readonly Variation[]>>;

export interface WeightedVariation {
  variation: number;
  /** In units of 1/100000. */
  weight: number;
  untracked?: boolean | null;
}

export interface Rollout {
  kind?: 'rollout' | 'experiment' | null;
  contextKind?: string | null;
  bucketBy?: string | null;
  seed?: number | null;
  variations: WeightedVariation[];
}

/** What is served: one variation or a split. */
export interface Outcome {
  variation?: number | null;
  rollout?: Rollout | null;
}

export interface Clause {
  contextKind?: string | null;
  attribute?: string | null;
  op: string;
  values: Json[];
  negate?: boolean | null;
}

export interface Rule extends Outcome {
  id?: string | null;
  clauses?: Clause[] | null;
  trackEvents?: boolean | null;
}

export interface Target {
  contextKind?: string | null;
  variation: number;
  values?: string[] | null;
}

export interface Prerequisite {
  key: string;
  variation: number;
}

/** A setting in one environment, as SDKs receive it. */
export interface SettingItem {
  key: string;
  version: number;
  on: boolean;
  variations: Json[];
  offVariation: number | null;
  fallthrough: Outcome;
  prerequisites: Prerequisite[];
  targets: Target[];
  contextTargets: Target[];
  rules: Rule[];
  salt: string;
}

export const FULL_WEIGHT = 100_000;

/** The types as people call them, in the order in which they are offered. */
export const TYPE_NAMES: Readonly<Record<SettingType, string>> = {
  boolean: 'On or off',
  string: 'Text',
  number: 'Number',
  json: 'JSON',
};
