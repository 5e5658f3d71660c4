// What differs between two states of a setting, in sentences. Pure, for drafts and for the history alike.
import { describeClause, describeOutcome, list, valueLabel, variationLabel } from './describe.js';
import { isObject, isSameJson } from './json.js';
import type { Clause, Json, Outcome, Prerequisite, Rule, SettingItem, Variation, VariationsByKey } from './model.js';
import { type Override, overridesOf, variationByContext } from './overrides.js';
import type { SegmentRule } from './segments.js';
import { percent } from './weights.js';

/** Those fields that are to be compared; absent ones are not. */
export interface Described {
  on?: boolean;
  offVariation?: number | null;
  fallthrough?: Outcome;
  prerequisites?: readonly Prerequisite[];
  overrides?: readonly Override[];
  rules?: readonly Rule[];
  variations?: readonly Variation[];
  valueSchema?: Json;
}

/** One side of an entry of the audit about a setting or its definition, to be compared with the other. */
export function describedOf(kind: string, fields: Json): Described {
  if (!isObject(fields)) return {};
  const { targets, contextTargets, variations, ...rest } = fields as unknown as Partial<SettingItem>;
  const described = rest as unknown as Described;
  // Those of a setting are bare values, which follow the definition's.
  if (kind === 'definition' && variations) described.variations = variations as unknown as Variation[];
  if (targets || contextTargets) {
    described.overrides = overridesOf({ targets: targets ?? [], contextTargets: contextTargets ?? [] });
  }
  return described;
}

/** What an entry of the audit has changed of settings that were there before and still are, in sentences. */
export function describeItems(
  items: readonly { kind: string; key: string; before?: unknown; after?: unknown }[],
  variations: VariationsByKey,
): string {
  const told = items.flatMap(({ kind, key, before, after }) => {
    const known = variations[key];
    if (known === undefined || !isObject(before as Json) || !isObject(after as Json)) return [];
    const sentences = describeChange(describedOf(kind, before as Json), describedOf(kind, after as Json), known);
    return sentences.length === 0 ? [] : [{ key, text: sentences.join('; ') }];
  });
  const isOfSeveral = told.some(({ key }) => key !== told[0]?.key);
  return told.map(({ key, text }) => (isOfSeveral ? `${key}: ${text}` : text)).join(' · ');
}

/** Fields of what the audit tells of, as the pages call them. */
const FIELD_NAMES: Readonly<Record<string, string>> = {
  on: 'On or off',
  prerequisites: 'Prerequisites',
  overrides: 'Overrides',
  targets: 'Overrides for users',
  contextTargets: 'Overrides',
  rules: 'Rules',
  fallthrough: 'Everyone else',
  offVariation: 'When off',
  variations: 'Values',
  valueSchema: 'Value schema',
  included: 'Users always in',
  excluded: 'Users never in',
  includedContexts: 'Always in',
  excludedContexts: 'Never in',
  name: 'Name',
  description: 'Description',
  type: 'Type',
  tags: 'Tags',
  email: 'Email',
  role: 'Role',
  environments: 'Environments',
  expiresAt: 'Expires',
  copyFrom: 'Copied from',
  title: 'Title',
  state: 'State',
  scheduledAt: 'Scheduled for',
};

export function isNamedField(field: string): boolean {
  return Object.hasOwn(FIELD_NAMES, field);
}

export function fieldName(field: string): string {
  return FIELD_NAMES[field] ?? field;
}

/** One sentence for each thing that differs. */
export function describeChange(before: Described, after: Described, variations: readonly Variation[]): string[] {
  const was = before.variations ?? variations;
  const is = after.variations ?? variations;
  const sentences: string[] = [];
  if (before.on !== after.on && after.on !== undefined) sentences.push(after.on ? 'turned on' : 'turned off');
  if (after.variations) sentences.push(...valueSentences(was, is));
  if (differ(before.prerequisites, after.prerequisites)) {
    const needs = (after.prerequisites ?? []).map(({ key }) => key);
    sentences.push(needs.length === 0 ? 'needs no other setting any more' : `only with ${list(needs)}`);
  }
  if (after.overrides) sentences.push(...overrideSentences(before.overrides ?? [], after.overrides, is));
  if (after.rules) sentences.push(...ruleSentences(before.rules ?? [], after.rules, is));
  if (after.fallthrough && differ(before.fallthrough, after.fallthrough)) {
    sentences.push(
      `everyone else: ${describeOutcome(before.fallthrough ?? {}, was)} → ${describeOutcome(after.fallthrough, is)}`,
    );
  }
  if ('offVariation' in after && before.offVariation !== after.offVariation) {
    sentences.push(`when off: ${variationLabel(before.offVariation, was)} → ${variationLabel(after.offVariation, is)}`);
  }
  if ('valueSchema' in after && differ(before.valueSchema, after.valueSchema)) sentences.push('value schema changed');
  return sentences;
}

/** `if organization plan is gold then on`. */
export function describeRule(rule: Rule, variations: readonly Variation[]): string {
  return `if ${describeClauses(rule.clauses ?? [])} then ${describeOutcome(rule, variations)}`;
}

/** `whoever fits: organization plan is gold, 50 % of kind user`. */
export function describeSegmentRule({ clauses, weight, rolloutContextKind }: SegmentRule): string {
  const share = typeof weight === 'number' ? `, ${percent(weight)} of kind ${rolloutContextKind || 'user'}` : '';
  return `whoever fits: ${describeClauses(clauses ?? [])}${share}`;
}

export function describeClauses(clauses: readonly Clause[]): string {
  return clauses.map(describeClause).join(' and ') || 'anyone';
}

function valueSentences(before: readonly Variation[], after: readonly Variation[]): string[] {
  const sentences: string[] = [];
  for (const [index, variation] of after.entries()) {
    const old = before[index];
    if (old === undefined) sentences.push(`new value ${variationLabel(index, after)}`);
    else if (differ(old.value, variation.value)) {
      sentences.push(
        `value of ${old.name || `variation ${index}`}: ${valueLabel(old.value)} → ${valueLabel(variation.value)}`,
      );
    } else if ((old.name ?? '') !== (variation.name ?? '')) {
      sentences.push(`${variationLabel(index, before)} is called ${variationLabel(index, after)}`);
    } else if ((old.description ?? '') !== (variation.description ?? '')) {
      sentences.push(`description of ${variationLabel(index, after)} changed`);
    }
  }
  for (const index of before.keys()) {
    if (index >= after.length) sentences.push(`value ${variationLabel(index, before)} removed`);
  }
  return sentences;
}

/** `on for organization acme and globex`, `no override any more for user ada`. */
function overrideSentences(
  before: readonly Override[],
  after: readonly Override[],
  variations: readonly Variation[],
): string[] {
  const [was, is] = [variationByContext(before), variationByContext(after)];
  const groups = new Map<string, string[]>();
  for (const id of new Set([...was.keys(), ...is.keys()])) {
    const variation = is.get(id);
    if (was.get(id) === variation) continue;
    const kind = id.slice(0, id.indexOf(' '));
    const what = variation === undefined ? 'no override any more' : variationLabel(variation, variations);
    const name = `${what} for ${kind}`;
    groups.set(name, [...(groups.get(name) ?? []), id.slice(id.indexOf(' ') + 1)]);
  }
  return [...groups].map(([name, keys]) => `${name} ${list(keys, 'and', 6)}`);
}

function ruleSentences(before: readonly Rule[], after: readonly Rule[], variations: readonly Variation[]): string[] {
  const sentences: string[] = [];
  const known = new Map(before.map((rule) => [rule.id, rule]));
  const kept = new Set(after.map(({ id }) => id));
  for (const [index, rule] of after.entries()) {
    const old = rule.id ? known.get(rule.id) : undefined;
    if (old === undefined) sentences.push(`rule ${index + 1} added: ${describeRule(rule, variations)}`);
    else if (differ(old, rule)) sentences.push(`rule ${index + 1} changed: ${describeRule(rule, variations)}`);
  }
  for (const rule of before) if (!kept.has(rule.id)) sentences.push(`rule removed: ${describeRule(rule, variations)}`);
  const order = (rules: readonly Rule[], others: readonly Rule[]) =>
    rules.map(({ id }) => id).filter((id) => others.some((other) => other.id === id));
  if (differ(order(before, after), order(after, before))) sentences.push('rules in another order');
  return sentences;
}

function differ(a: unknown, b: unknown): boolean {
  return !isSameJson(a, b);
}
