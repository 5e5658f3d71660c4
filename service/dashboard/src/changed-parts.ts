// What differs between two states of anything the audit tells of, field by field, in words. Pure.
import { describeOutcome, variationLabel } from './describe.js';
import { describeRule, describeSegmentRule, isNamedField } from './describe-change.js';
import { type DiffLine, diffJson, diffLines, linesOfJson } from './diff.js';
import { isObject, isSameJson } from './json.js';
import {
  type Json,
  type Outcome,
  type Prerequisite,
  type Rule,
  type SettingItem,
  TYPE_NAMES,
  type Variation,
  type VariationsByKey,
} from './model.js';
import { type Override, overridesOf } from './overrides.js';
import type { SegmentRule, SegmentTarget } from './segments.js';
import { exactTime } from './time.js';

/** Two states of one thing: its fields, or null where it is not there. */
export interface ChangedItem {
  kind: string;
  key: string;
  before?: unknown;
  after?: unknown;
}

export interface ChangedPart {
  field: string;
  lines: DiffLine[];
  /** Where words would be the same for both: the lines are JSON. */
  isJson: boolean;
}

type Fields = Readonly<Record<string, Json | undefined>>;

/** Of what was made or deleted, only what has a name here: the rest is bookkeeping. */
export function changedParts({ kind, key, before, after }: ChangedItem, variations: VariationsByKey): ChangedPart[] {
  const known = variations[key] ?? [];
  const [was, is] = [fieldsOf(kind, before), fieldsOf(kind, after)];
  const isChange = isObject(before) && isObject(after);
  return [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .filter((field) => (isChange || isNamedField(field)) && !isSameJson(was[field], is[field]))
    .map((field) => {
      const words = (value: Json | undefined) => wordsOf(kind, field, value, known, variations);
      const lines = diffLines(words(was[field]), words(is[field]));
      const isJson = isChange && lines.every((line) => line.kind === 'same');
      return { field, lines: isJson ? diffJson(was[field], is[field]) : lines, isJson };
    })
    .filter(({ lines }) => lines.length > 0);
}

/** Of a setting, with the overrides in one place, and without the values: they follow the definition's. */
function fieldsOf(kind: string, fields: unknown): Fields {
  if (!isObject(fields)) return {};
  if (kind !== 'setting') return fields;
  const { targets, contextTargets, variations: _values, ...rest } = fields as unknown as Partial<SettingItem>;
  const result = rest as unknown as Record<string, Json>;
  if (targets || contextTargets) {
    const overrides = overridesOf({ targets: targets ?? [], contextTargets: contextTargets ?? [] });
    result.overrides = overrides as unknown as Json;
  }
  return result;
}

/** One line for each thing that is in a field; none where there is no such field. */
function wordsOf(
  kind: string,
  field: string,
  value: Json | undefined,
  known: readonly Variation[],
  all: VariationsByKey,
): readonly string[] {
  if (value === undefined) return [];
  if (field === 'offVariation') return [variationLabel(value as number | null, known)];
  if (value === null) return [];
  const words = WORDS[kind === 'segment' && field === 'rules' ? 'segmentRules' : field];
  if (words) return words(value as never, known, all);
  if (field.endsWith('At') && typeof value === 'number') return [exactTime(new Date(value))];
  if (typeof value === 'boolean') return [value ? 'yes' : 'no'];
  if (typeof value === 'string') return value === '' ? [] : value.split('\n');
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
  return linesOfJson(value);
}

type Words = (value: never, known: readonly Variation[], all: VariationsByKey) => string[];

const WORDS: Readonly<Record<string, Words>> = {
  on: (isOn: boolean) => [isOn ? 'on' : 'off'],
  type: (type: keyof typeof TYPE_NAMES) => [TYPE_NAMES[type] ?? type],
  fallthrough: (outcome: Outcome, known) => [describeOutcome(outcome, known)],
  rules: (rules: Rule[], known) => rules.map((rule) => describeRule(rule, known)),
  segmentRules: (rules: SegmentRule[]) => rules.map(describeSegmentRule),
  overrides: (overrides: Override[], known) =>
    overrides.flatMap(({ kind, variation, keys }) =>
      keys.map((key) => `${kind} ${key}: ${variationLabel(variation, known)}`),
    ),
  prerequisites: (needed: Prerequisite[], _known, all) =>
    needed.map(({ key, variation }) => (all[key] ? `${key} serves ${variationLabel(variation, all[key])}` : key)),
  variations: (variations: Variation[]) => variations.flatMap(linesOfVariation),
  included: usersOf,
  excluded: usersOf,
  includedContexts: keysOf,
  excludedContexts: keysOf,
};

function linesOfVariation({ name, value, description }: Variation, index: number): string[] {
  const label = name || `variation ${index}`;
  const head = description ? `${label} (${description})` : label;
  if (typeof value === 'object' && value !== null) return [`${head}:`, ...linesOfJson(value)];
  return `${head}: ${value === '' ? '(empty text)' : value}`.split('\n');
}

function usersOf(keys: string[]): string[] {
  return keys.map((key) => `user ${key}`);
}

function keysOf(targets: SegmentTarget[]): string[] {
  return targets.flatMap(({ contextKind, values }) => values.map((key) => `${contextKind || 'user'} ${key}`));
}
