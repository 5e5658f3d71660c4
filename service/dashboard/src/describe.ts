// Sentences about what a setting serves. Pure, so that tables, previews and confirmations say the same.
import type { Clause, Json, Outcome, SettingItem, Variation } from './model.js';
import { percent } from './weights.js';

const number = new Intl.NumberFormat('en');

/** `5,000` */
export function formatNumber(count: number): string {
  return number.format(count);
}

const PLURALS: Record<string, string> = { user: 'users', organization: 'organizations' };

/** `2 organizations`, `1 user`, `3 of kind device`. */
export function countOfKind(count: number, kind: string): string {
  const plural = PLURALS[kind];
  if (plural === undefined) return `${formatNumber(count)} of kind ${kind}`;
  return `${formatNumber(count)} ${count === 1 ? kind : plural}`;
}

/** The name people gave a variation, else its value, shortened. */
export function variationLabel(index: number | null | undefined, variations: readonly Variation[]): string {
  if (index === null || index === undefined) return "the caller's default";
  const variation = variations[index];
  if (variation === undefined) return `variation ${index}, which does not exist`;
  return variation.name || valueLabel(variation.value);
}

/** A value in at most `limit` characters. */
export function valueLabel(value: Json, limit = 40): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (text === '') return '(empty text)';
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}

/** What a setting serves, without the lists of whom. */
export interface Serving {
  on: boolean;
  offVariation: number | null;
  fallthrough: Outcome;
  prerequisites: readonly string[];
  targets: readonly { contextKind: string; variation: number; count: number }[];
  rules: readonly Outcome[];
}

export function servingOf(item: SettingItem): Serving {
  const { on, offVariation, fallthrough, rules } = item;
  const targets = [...item.contextTargets, ...item.targets].map(({ contextKind, variation, values }) => ({
    contextKind: contextKind || 'user',
    variation,
    count: values?.length ?? 0,
  }));
  return { on, offVariation, fallthrough, prerequisites: item.prerequisites.map(({ key }) => key), targets, rules };
}

/** `on for 2 organizations, 10 % of users, else off`: what is served now, in one sentence. */
export function describeServing(serving: Serving, variations: readonly Variation[]): string {
  const label = (index: number | null | undefined) => midSentence(variationLabel(index, variations));
  const { fallthrough, prerequisites, rules } = serving;
  if (!serving.on) {
    const off = label(serving.offVariation);
    return off === 'off' ? 'off for everyone' : `off: ${off} for everyone`;
  }
  const parts: string[] = [];
  if (prerequisites.length > 0) parts.push(`only with ${list(prerequisites)}`);
  parts.push(...describeTargets(serving.targets, label));
  if (rules.length > 0) parts.push(describeRules(rules, label));
  const rest = describeOutcome(fallthrough, variations);
  if (fallthrough.variation === null || fallthrough.variation === undefined) return [...parts, rest].join(', ');
  return parts.length === 0 ? `${rest} for everyone` : `${parts.join(', ')}, else ${rest}`;
}

function describeTargets(targets: Serving['targets'], label: (index: number) => string): string[] {
  const counts = new Map<string, { variation: number; contextKind: string; count: number }>();
  for (const { variation, contextKind, count } of targets) {
    if (count === 0) continue;
    const id = `${variation} ${contextKind}`;
    const known = counts.get(id);
    if (known) known.count += count;
    else counts.set(id, { variation, contextKind, count });
  }
  const variations = new Set([...counts.values()].map(({ variation }) => variation));
  return [...variations].map((variation) => {
    const entries = [...counts.values()].filter((entry) => entry.variation === variation);
    return `${label(variation)} for ${list(entries.map(({ count, contextKind }) => countOfKind(count, contextKind)))}`;
  });
}

/** `on by a rule`, `Business or a split by 3 rules`. */
function describeRules(rules: readonly Outcome[], label: (index: number) => string): string {
  const served = rules.map(({ variation }) => (typeof variation === 'number' ? label(variation) : 'a split'));
  return `${list([...new Set(served)], 'or')} by ${rules.length === 1 ? 'a rule' : `${rules.length} rules`}`;
}

/** One variation by name, or a split with its shares. */
export function describeOutcome(outcome: Outcome, variations: readonly Variation[]): string {
  const { variation, rollout } = outcome;
  if (variation !== null && variation !== undefined) return midSentence(variationLabel(variation, variations));
  if (!rollout) return 'nothing (the setting is malformed)';
  const kind = rollout.contextKind || 'user';
  const of = PLURALS[kind] ?? `kind ${kind}`;
  const shares = rollout.variations.filter(({ weight }) => weight > 0);
  const last = shares.at(-1);
  if (last === undefined) return 'nothing (all shares are 0 %)';
  const label = ({ variation: index }: { variation: number }) => midSentence(variationLabel(index, variations));
  if (shares.length === 1) return `${label(last)} for all ${of}`;
  return `${list(shares.slice(0, -1).map((share) => `${label(share)} for ${percent(share.weight)}`))} of ${of}, else ${label(last)}`;
}

const OPERATORS: Readonly<Record<string, readonly [plain: string, negated: string]>> = {
  in: ['is', 'is not'],
  startsWith: ['starts with', 'does not start with'],
  endsWith: ['ends with', 'does not end with'],
  contains: ['contains', 'does not contain'],
  matches: ['matches', 'does not match'],
  lessThan: ['is less than', 'is not less than'],
  lessThanOrEqual: ['is at most', 'is not at most'],
  greaterThan: ['is more than', 'is not more than'],
  greaterThanOrEqual: ['is at least', 'is not at least'],
  before: ['is before', 'is not before'],
  after: ['is after', 'is not after'],
  semVerEqual: ['is version', 'is not version'],
  semVerLessThan: ['is older than version', 'is not older than version'],
  semVerGreaterThan: ['is newer than version', 'is not newer than version'],
  segmentMatch: ['is in segment', 'is not in segment'],
};

/** The operators, as a choice shows them; those that begin with `!` are negated. */
export const OPERATOR_CHOICES = Object.entries(OPERATORS).flatMap(([op, [plain, negated]]) => [
  { value: op, label: plain },
  { value: `!${op}`, label: negated },
]);

/** `organization plan is gold or platinum`. */
export function describeClause({ contextKind, attribute, op, values, negate }: Clause): string {
  const [plain, negated] = OPERATORS[op] ?? [op, `not ${op}`];
  const subject = op === 'segmentMatch' ? contextKind || 'user' : `${contextKind || 'user'} ${attribute || '?'}`;
  return `${subject} ${negate ? negated : plain} ${
    list(
      values.map((value) => valueLabel(value)),
      'or',
    ) || '(no value)'
  }`;
}

/** `a`, `a and b`, `a, b and 3 more`. */
export function list(items: readonly string[], word = 'and', most = 3): string {
  const shown = items.length > most ? [...items.slice(0, most - 1), `${items.length - most + 1} more`] : items;
  if (shown.length < 2) return shown.join('');
  return `${shown.slice(0, -1).join(', ')} ${word} ${shown.at(-1)}`;
}

/** `On` reads `on` inside a sentence; other names stay as they were written. */
function midSentence(label: string): string {
  return /^(On|Off|Yes|No)$/.test(label) ? label.toLowerCase() : label;
}
