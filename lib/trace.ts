import { createReader } from './attribute.js';
import { MALFORMED_CONDITION, MATCH, type PreparedClause } from './clause.js';
import { isSplit, type PreparedPrerequisite, type PreparedSetting, type Served } from './compile.js';
import { type Context, contextKinds, partOf } from './context.js';
import { type Detail, evaluate, findTarget, matchClause, type View } from './evaluate.js';
import { toList, toObject, toObjects, toText } from './lenient.js';
import { OPERATORS } from './operators.js';
import type { Clause, Json, VariationOrRollout } from './protocol.js';
import { attributePath } from './split.js';

/** Why a clause did not match, where that is not in its values. */
export type ClauseProblem =
  | 'no-such-kind'
  | 'no-such-attribute'
  | 'invalid-attribute'
  | 'unknown-operator'
  | 'malformed-segment';

const ENDS_EVALUATION: ReadonlySet<ClauseProblem> = new Set(['invalid-attribute', 'malformed-segment']);

/** One condition of a rule, and how the context met it. */
export interface TracedClause {
  readonly contextKind: string;
  readonly attribute: string;
  readonly op: string;
  readonly values: readonly Json[];
  readonly negate: boolean;
  /** What the context has there; absent when it has nothing. */
  readonly actual?: Json;
  /** With `segmentMatch`: those of the segments that the context is in. */
  readonly memberOf?: readonly string[];
  readonly matched: boolean;
  readonly problem?: ClauseProblem;
}

/** What was considered, in order, ending with what served the value. Nothing after that is listed. */
export type TraceStep =
  | { readonly step: 'off' }
  | {
      readonly step: 'prerequisite';
      readonly key: string;
      /** Index of the variation that it must serve. */
      readonly required: number | null;
      readonly served: number | null;
      readonly satisfied: boolean;
      readonly problem?: 'unknown' | 'off' | 'cycle' | 'malformed';
    }
  | { readonly step: 'targets'; readonly matched: boolean; readonly contextKind?: string }
  | {
      readonly step: 'rule';
      readonly ruleIndex: number;
      readonly ruleId?: string;
      readonly matched: boolean;
      /** Up to the first that did not match. */
      readonly clauses: readonly TracedClause[];
    }
  | { readonly step: 'fallthrough' }
  | {
      readonly step: 'rollout';
      readonly contextKind: string;
      readonly attribute: string;
      /** From 0 to 1. */
      readonly bucket: number;
      readonly variation: number | null;
    };

export interface Trace {
  /** The same as `evaluate` gives. */
  readonly detail: Detail;
  readonly steps: readonly TraceStep[];
}

/** Evaluates a setting for a valid context and tells, step by step, why the result is what it is. Never throws. */
export function trace(view: View, setting: PreparedSetting, context: Context): Trace {
  const prerequisites = new Map<string, Detail>();
  const detail = evaluate(view, setting, context, ({ key }, served, requiredBy) => {
    if (requiredBy === setting.key) prerequisites.set(key, served);
  });
  // Whatever broke the evaluation would break its explanation.
  if (detail.reason.errorKind === 'EXCEPTION') return { detail, steps: [] };
  return { detail, steps: [...explain(view, setting, context, detail, prerequisites)] };
}

function* explain(
  view: View,
  setting: PreparedSetting,
  context: Context,
  detail: Detail,
  evaluated: ReadonlyMap<string, Detail>,
): Generator<TraceStep> {
  const { source } = setting;
  const plan = setting.plan();
  if (!plan.on) return yield { step: 'off' };

  for (const prerequisite of plan.prerequisites) {
    const step = explainPrerequisite(view, prerequisite, evaluated.get(prerequisite.key));
    yield step;
    if (!step.satisfied) return;
  }

  if (plan.targets.length > 0) {
    const target = findTarget(plan.targets, context);
    yield { step: 'targets', matched: target !== undefined, ...(target && { contextKind: target.kind }) };
    if (target !== undefined) return;
  }

  for (const [ruleIndex, rule] of plan.rules.entries()) {
    const ruleSource = toObject(source.rules?.[ruleIndex]);
    const clauses = [...explainClauses(view, rule.clauses, toObjects(ruleSource.clauses), context)];
    const matched = clauses.every((clause) => clause.matched);
    const ruleId = toText(ruleSource.id);
    yield { step: 'rule', ruleIndex, ...(ruleId !== '' && { ruleId }), matched, clauses };
    if (clauses.some(({ problem }) => problem !== undefined && ENDS_EVALUATION.has(problem))) return;
    if (matched) return yield* explainServed(rule.served, ruleSource, context, detail);
  }
  yield { step: 'fallthrough' };
  yield* explainServed(plan.fallthrough, toObject(source.fallthrough), context, detail);
}

function explainPrerequisite(
  view: View,
  { key, variation }: PreparedPrerequisite,
  detail: Detail | undefined,
): TraceStep & { step: 'prerequisite' } {
  const prerequisite = view.setting(key);
  const isOn = prerequisite?.plan().on === true;
  const problem = prerequisiteProblem(prerequisite, detail, isOn);
  const served = detail?.variationIndex ?? null;
  const satisfied = problem === undefined && served === variation;
  return { step: 'prerequisite', key, required: variation ?? null, served, satisfied, ...(problem && { problem }) };
}

function prerequisiteProblem(setting: PreparedSetting | undefined, detail: Detail | undefined, isOn: boolean) {
  if (setting === undefined) return 'unknown';
  // A setting in a cycle is never evaluated to its end.
  if (detail === undefined) return 'cycle';
  if (detail.reason.errorKind !== undefined) return 'malformed';
  return isOn ? undefined : 'off';
}

/** Up to the first that does not match. */
function* explainClauses(
  view: View,
  clauses: readonly PreparedClause[],
  sources: readonly Partial<Clause>[],
  context: Context,
): Generator<TracedClause> {
  for (const [index, clause] of clauses.entries()) {
    const explained = explainClause(view, clause, sources[index] ?? {}, context);
    yield explained;
    if (!explained.matched) return;
  }
}

function explainClause(view: View, clause: PreparedClause, source: Partial<Clause>, context: Context): TracedClause {
  const outcome = matchClause(view, clause, context, undefined);
  const isMalformed = (outcome & MALFORMED_CONDITION) !== 0;
  const shown = {
    contextKind: toText(source.contextKind) || 'user',
    attribute: toText(source.attribute),
    op: toText(source.op),
    values: toList(source.values),
    negate: source.negate === true,
    matched: (outcome & MATCH) !== 0,
  };
  if (clause.segments !== undefined) {
    const memberOf = clause.segments.filter((key) => isMember(view, key, context));
    return { ...shown, memberOf, ...(isMalformed && { problem: 'malformed-segment' as const }) };
  }
  const actual = readActual(source, context);
  const problem = isMalformed ? 'invalid-attribute' : clauseProblem(shown, actual, context);
  return { ...shown, ...(actual !== undefined && { actual }), ...(problem && { problem }) };
}

function isMember(view: View, segment: string, context: Context): boolean {
  return (matchClause(view, { segments: [segment], negate: false }, context, undefined) & MATCH) !== 0;
}

function readActual(source: Partial<Clause>, context: Context): Json | undefined {
  const contextKind = toText(source.contextKind);
  const path = attributePath(toText(source.attribute), contextKind);
  if (path === undefined) return undefined;
  if (path[0] === 'kind' && path.length === 1) return contextKinds(context);
  return createReader(contextKind || 'user', path)(context) as Json | undefined;
}

function clauseProblem(
  { op, contextKind }: Pick<TracedClause, 'op' | 'contextKind'>,
  actual: Json | undefined,
  context: Context,
): ClauseProblem | undefined {
  if (actual === undefined) return partOf(context, contextKind) === undefined ? 'no-such-kind' : 'no-such-attribute';
  return OPERATORS.some((known) => known === op) ? undefined : 'unknown-operator';
}

function* explainServed(
  served: Served,
  { rollout }: Partial<VariationOrRollout>,
  context: Context,
  { variationIndex }: Detail,
): Generator<TraceStep> {
  if (!isSplit(served)) return;
  const { kind, contextKind, bucketBy } = toObject(rollout);
  yield {
    step: 'rollout',
    contextKind: toText(contextKind) || 'user',
    attribute: kind === 'experiment' ? 'key' : toText(bucketBy) || 'key',
    bucket: served.bucket(context),
    variation: variationIndex,
  };
}
