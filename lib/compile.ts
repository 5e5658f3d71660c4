// From items as received to what evaluation needs: sets, maps, parsed references, details that never vary. Done once
// for each item and version, when it is first asked for, and never fails: what is malformed shows when it is reached.
import { type Condition, type PreparedClause, prepareClause, prepareWeight } from './clause.js';
import { type Detail, MALFORMED, NO_SUCH_VARIATION, newDetail, type Reason } from './detail.js';
import { toList, toObject, toObjects, toText } from './lenient.js';
import {
  itemVersion,
  type Json,
  type Rule,
  type Segment,
  type SegmentTarget,
  type Setting,
  type Target,
  type VariationOrRollout,
} from './protocol.js';
import { prepareSplit, Split } from './split.js';
import type { SettingCounters } from './summary.js';

/** A setting in the store. */
export class PreparedSetting {
  readonly key: string;
  readonly version: number;
  /** As received; not to be changed. Variations are frozen once the setting has been evaluated. */
  readonly source: Setting;
  /** Owned and written by summary.ts; kept here so that counting needs no look-up. */
  counters: SettingCounters | undefined = undefined;
  #plan: SettingPlan | undefined = undefined;

  constructor(key: string, source: Setting) {
    this.key = key;
    this.version = itemVersion(source);
    this.source = source;
  }

  /** Prepared on the first call: most settings of a large environment are never asked for by one server. */
  plan(): SettingPlan {
    this.#plan ??= compileSetting(this.key, this.source);
    return this.#plan;
  }
}

/** A segment in the store. */
export class PreparedSegment {
  readonly key: string;
  readonly version: number;
  /** As received; not to be changed. */
  readonly source: Segment;
  #plan: SegmentPlan | undefined = undefined;

  constructor(key: string, source: Segment) {
    this.key = key;
    this.version = itemVersion(source);
    this.source = source;
  }

  plan(): SegmentPlan {
    this.#plan ??= compileSegment(this.key, this.source);
    return this.#plan;
  }
}

/** What a rule or the fallthrough serves: the same to everyone, or by weight. */
export type Served = Detail | Split;

export interface SettingPlan {
  readonly on: boolean;
  /** What everyone gets, where no property of the context and no other setting matters. */
  readonly constant: Detail | undefined;
  readonly prerequisites: readonly PreparedPrerequisite[];
  /** One for each kind that has targets. */
  readonly targets: readonly KindTargets[];
  readonly rules: readonly PreparedRule[];
  readonly fallthrough: Served;
}

export interface PreparedPrerequisite {
  readonly key: string;
  readonly variation: number | undefined;
  /** Served when it fails. */
  readonly failed: Detail;
}

export interface KindTargets {
  readonly kind: string;
  readonly byKey: ReadonlyMap<string, PreparedTarget>;
}

export interface PreparedTarget {
  readonly kind: string;
  /** Its place in the order of the targets of all kinds. */
  readonly rank: number;
  readonly detail: Detail;
}

export interface PreparedRule {
  readonly clauses: readonly PreparedClause[];
  readonly served: Served;
}

export interface SegmentPlan {
  /** Only for a big segment. */
  readonly big: { readonly kind: string; readonly hasGeneration: boolean } | undefined;
  readonly included: KeyLists;
  readonly excluded: KeyLists;
  readonly rules: readonly PreparedSegmentRule[];
  /** Whether a rule asks for membership in a segment, which may be this one. */
  readonly asksSegments: boolean;
}

/** Listed keys. Those of users, which most lists consist of, stand apart: no list of kinds to go through. */
export interface KeyLists {
  readonly users: ReadonlySet<string>;
  readonly others: readonly KindKeys[];
}

/** Listed keys of one kind. */
export interface KindKeys {
  readonly kind: string;
  readonly keys: ReadonlySet<string>;
}

export interface PreparedSegmentRule {
  readonly clauses: readonly PreparedClause[];
  readonly weight: Condition | undefined;
}

export function isSplit(served: Served): served is Split {
  return served instanceof Split;
}

function compileSetting(key: string, setting: Setting): SettingPlan {
  const variations = toList(setting.variations);
  variations.forEach(deepFreeze);
  const prefix = hashPrefix(key, setting);
  const off = (reason: Reason) =>
    setting.offVariation == null
      ? newDetail(null, null, reason)
      : variationDetail(variations, setting.offVariation, reason);
  const serve = (served: Partial<VariationOrRollout>, reason: Reason) =>
    prepareServed(served, variations, prefix, reason);

  const on = setting.on === true;
  const prerequisites = toObjects(setting.prerequisites).map((prerequisite) => {
    const prerequisiteKey = toText(prerequisite.key);
    const failed = off({ kind: 'PREREQUISITE_FAILED', prerequisiteKey });
    const variation = typeof prerequisite.variation === 'number' ? prerequisite.variation : undefined;
    return { key: prerequisiteKey, variation, failed };
  });
  const targets = prepareTargets(setting, variations);
  const rules = toObjects(setting.rules).map((rule, ruleIndex) => {
    const clauses = toObjects(rule.clauses).map(prepareClause);
    return { clauses, served: serve(rule, ruleReason(rule, ruleIndex)) };
  });
  const fallthrough = serve(toObject(setting.fallthrough), { kind: 'FALLTHROUGH' });

  const sameForAll = prerequisites.length === 0 && targets.length === 0 && rules.length === 0;
  const constant = sameForAll && !isSplit(fallthrough) ? fallthrough : undefined;
  return { on, constant: on ? constant : off({ kind: 'OFF' }), prerequisites, targets, rules, fallthrough };
}

function ruleReason({ id }: Partial<Rule>, ruleIndex: number): Reason {
  const ruleId = toText(id);
  return { kind: 'RULE_MATCH', ruleIndex, ...(ruleId !== '' && { ruleId }) };
}

function prepareServed(
  { variation, rollout }: Partial<VariationOrRollout>,
  variations: readonly Json[],
  prefix: string,
  reason: Reason,
): Served {
  if (variation != null) return variationDetail(variations, variation, reason);
  const split = toObject(rollout);
  if (toList(split.variations).length === 0) return MALFORMED;
  return prepareSplit(split, prefix, (index, inExperiment) =>
    variationDetail(variations, index, { ...reason, ...(inExperiment && { inExperiment }) }),
  );
}

function variationDetail(variations: readonly Json[], index: unknown, reason: Reason): Detail {
  if (!Number.isInteger(index)) return NO_SUCH_VARIATION;
  const value = variations[index as number];
  return value === undefined ? NO_SUCH_VARIATION : newDetail(value, index as number, reason);
}

/** One map per kind from key to target, so that the cost does not depend on how many keys are listed. */
function prepareTargets(setting: Setting, variations: readonly Json[]): KindTargets[] {
  const kinds = new Map<string, Map<string, PreparedTarget>>();
  orderTargets(setting).forEach(({ contextKind, variation, values }, rank) => {
    const kind = toText(contextKind);
    const target = { kind, rank, detail: variationDetail(variations, variation, { kind: 'TARGET_MATCH' }) };
    const byKey = kinds.get(kind) ?? new Map<string, PreparedTarget>();
    for (const key of toList(values)) {
      // The first target that lists a key wins.
      if (!byKey.has(key)) byKey.set(key, target);
    }
    if (byKey.size > 0) kinds.set(kind, byKey);
  });
  return [...kinds].map(([kind, byKey]) => ({ kind, byKey }));
}

/** All targets in the order in which they count, each with its kind. */
function orderTargets(setting: Setting): Partial<Target>[] {
  const userTargets = toObjects(setting.targets).map((target) => ({ ...target, contextKind: 'user' }));
  const contextTargets = toObjects(setting.contextTargets);
  if (contextTargets.length === 0) return userTargets;
  return contextTargets.map((target) => {
    if ((toText(target.contextKind) || 'user') !== 'user') return target;
    // Only holds the place of the user target for the same variation.
    return userTargets.find(({ variation }) => variation === target.variation) ?? {};
  });
}

function compileSegment(key: string, segment: Segment): SegmentPlan {
  const prefix = hashPrefix(key, segment);
  const big = {
    kind: toText(segment.unboundedContextKind) || 'user',
    hasGeneration: typeof segment.generation === 'number',
  };
  const rules = toObjects(segment.rules).map((rule) => ({
    clauses: toObjects(rule.clauses).map(prepareClause),
    weight: prepareWeight(rule, prefix),
  }));
  return {
    big: segment.unbounded === true ? big : undefined,
    included: prepareKeys(segment.included, segment.includedContexts),
    excluded: prepareKeys(segment.excluded, segment.excludedContexts),
    rules,
    asksSegments: rules.some(({ clauses }) => clauses.some(({ segments }) => segments !== undefined)),
  };
}

function prepareKeys(userKeys: Segment['included'], contexts: Segment['includedContexts']): KeyLists {
  const users = new Set<string>();
  const kinds = new Map([['user', users]]);
  for (const { contextKind, values } of [
    { contextKind: 'user', values: userKeys },
    ...toObjects<SegmentTarget>(contexts),
  ]) {
    const kind = toText(contextKind) || 'user';
    const keys = kinds.get(kind) ?? new Set<string>();
    for (const key of toList(values)) keys.add(key);
    if (keys.size > 0) kinds.set(kind, keys);
  }
  kinds.delete('user');
  return { users, others: [...kinds].map(([kind, keys]) => ({ kind, keys })) };
}

function hashPrefix(key: string, { salt }: Setting | Segment): string {
  return `${key}.${toText(salt)}`;
}

/** Values are shared by everyone who asks: nobody may change them for the others. Takes no stack however deep they are. */
function deepFreeze(value: Json): void {
  const pending: unknown[] = [value];
  while (pending.length > 0) {
    const next = pending.pop();
    if (typeof next !== 'object' || next === null || Object.isFrozen(next)) continue;
    for (const inner of Object.values(Object.freeze(next))) pending.push(inner);
  }
}
