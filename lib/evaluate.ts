import { BIG_SEGMENT, MALFORMED_CONDITION, MATCH, MISMATCH, type Outcome, type PreparedClause } from './clause.js';
import {
  isSplit,
  type KeyLists,
  type KindTargets,
  type PreparedPrerequisite,
  type PreparedSegment,
  type PreparedSetting,
  type PreparedTarget,
  type Served,
} from './compile.js';
import { type Context, keyOf } from './context.js';
import { CYCLE, type Detail, errorDetail, isSameError, MALFORMED, withBigSegment } from './detail.js';

export { type Detail, type ErrorKind, errorDetail, type Reason } from './detail.js';

/** The data as evaluation sees it. */
export interface View {
  setting(key: string): PreparedSetting | undefined;
  segment(key: string): PreparedSegment | undefined;
}

/** Told of each prerequisite evaluated, nested ones first. */
export type OnPrerequisite = (prerequisite: PreparedSetting, detail: Detail, requiredBy: string) => void;

/** Keys being evaluated, the innermost first. Passed by value, so that there is nothing to undo on the way back. */
interface Chain {
  readonly key: string;
  readonly above: Chain | undefined;
}

/**
 * Finds what a setting serves to a valid context. No clock, no I/O, never throws: anything unexpected, for example
 * prerequisites nested deeper than the stack, gives the error `EXCEPTION`.
 *
 * @returns Value null and variation index null when the caller's default is due. Frozen and shared.
 * @see docs/protocol.md, section 3.3
 */
export function evaluate(
  view: View,
  setting: PreparedSetting,
  context: Context,
  onPrerequisite?: OnPrerequisite,
): Detail {
  try {
    return evaluateSetting(view, setting, context, onPrerequisite, undefined);
  } catch {
    return errorDetail('EXCEPTION');
  }
}

/** Whether the evaluation belongs to an experiment: it then always gives a full event, with the reason. */
export function isExperimental({ source }: PreparedSetting, { reason }: Detail): boolean {
  if (reason.inExperiment === true) return true;
  if (reason.kind === 'FALLTHROUGH') return source.trackEventsFallthrough === true;
  return reason.kind === 'RULE_MATCH' && source.rules?.[reason.ruleIndex as number]?.trackEvents === true;
}

/** @param chain - Settings which require this one, directly or not. */
function evaluateSetting(
  view: View,
  setting: PreparedSetting,
  context: Context,
  onPrerequisite: OnPrerequisite | undefined,
  chain: Chain | undefined,
): Detail {
  const plan = setting.plan();
  if (plan.constant !== undefined) return plan.constant;

  let bigSegment = 0;
  if (plan.prerequisites.length > 0) {
    const extended = { key: setting.key, above: chain };
    for (const prerequisite of plan.prerequisites) {
      const detail = evaluatePrerequisite(view, prerequisite, context, onPrerequisite, extended);
      if (detail?.reason.bigSegmentsStatus !== undefined) bigSegment = BIG_SEGMENT;
      const failure = failureOf(view, prerequisite, detail);
      if (failure !== undefined) return finish(failure, bigSegment);
    }
  }

  const target = findTarget(plan.targets, context);
  if (target !== undefined) return finish(target.detail, bigSegment);

  for (const rule of plan.rules) {
    const outcome = matchClauses(view, rule.clauses, context, undefined);
    bigSegment |= outcome & BIG_SEGMENT;
    if ((outcome & MALFORMED_CONDITION) !== 0) return finish(MALFORMED, bigSegment);
    if ((outcome & MATCH) !== 0) return finish(serve(rule.served, context), bigSegment);
  }
  return finish(serve(plan.fallthrough, context), bigSegment);
}

/** Undefined when there is no such setting. */
function evaluatePrerequisite(
  view: View,
  { key }: PreparedPrerequisite,
  context: Context,
  onPrerequisite: OnPrerequisite | undefined,
  chain: Chain,
): Detail | undefined {
  if (includes(chain, key)) return CYCLE;
  const setting = view.setting(key);
  if (setting === undefined) return undefined;
  const detail = evaluateSetting(view, setting, context, onPrerequisite, chain);
  if (!isSameError(detail, CYCLE)) onPrerequisite?.(setting, detail, chain.key);
  return detail;
}

/** What becomes of a setting with this prerequisite; undefined when the prerequisite is satisfied. */
function failureOf(view: View, prerequisite: PreparedPrerequisite, detail: Detail | undefined): Detail | undefined {
  if (detail === undefined) return prerequisite.failed;
  if (isSameError(detail, CYCLE)) return CYCLE;
  if (isSameError(detail, MALFORMED)) return MALFORMED;
  const isOn = view.setting(prerequisite.key)?.plan().on === true;
  return isOn && detail.variationIndex === prerequisite.variation ? undefined : prerequisite.failed;
}

/** The first of the targets, in their order over all kinds, that lists a key of the context. */
export function findTarget(targets: readonly KindTargets[], context: Context): PreparedTarget | undefined {
  let first: PreparedTarget | undefined;
  for (const { kind, byKey } of targets) {
    const key = keyOf(context, kind);
    const target = key === undefined ? undefined : byKey.get(key);
    if (target !== undefined && (first === undefined || target.rank < first.rank)) first = target;
  }
  return first;
}

function serve(served: Served, context: Context): Detail {
  return isSplit(served) ? served.serve(context) : served;
}

function finish(detail: Detail, bigSegment: Outcome): Detail {
  return bigSegment === 0 ? detail : withBigSegment(detail);
}

/** @param segments - Segments whose rules the clauses belong to. */
function matchClauses(
  view: View,
  clauses: readonly PreparedClause[],
  context: Context,
  segments: Chain | undefined,
): Outcome {
  let bigSegment = 0;
  for (const clause of clauses) {
    const outcome = matchClause(view, clause, context, segments);
    bigSegment |= outcome & BIG_SEGMENT;
    if ((outcome & MATCH) === 0) return outcome | bigSegment;
  }
  return MATCH | bigSegment;
}

export function matchClause(
  view: View,
  clause: PreparedClause,
  context: Context,
  segments: Chain | undefined,
): Outcome {
  if (clause.segments === undefined) return clause.condition(context);
  let bigSegment = 0;
  for (const key of clause.segments) {
    const segment = view.segment(key);
    if (segment === undefined) continue;
    const outcome = matchSegment(view, segment, context, segments);
    bigSegment |= outcome & BIG_SEGMENT;
    if ((outcome & MALFORMED_CONDITION) !== 0) return outcome | bigSegment;
    if ((outcome & MATCH) !== 0) return (clause.negate ? MISMATCH : MATCH) | bigSegment;
  }
  return (clause.negate ? MATCH : MISMATCH) | bigSegment;
}

function matchSegment(view: View, segment: PreparedSegment, context: Context, segments: Chain | undefined): Outcome {
  if (includes(segments, segment.key)) return MALFORMED_CONDITION;
  const plan = segment.plan();
  let bigSegment = 0;
  if (plan.big === undefined) {
    if (lists(plan.included, context)) return MATCH;
    if (lists(plan.excluded, context)) return MISMATCH;
  } else {
    if (keyOf(context, plan.big.kind) === undefined) return MISMATCH;
    if (!plan.big.hasGeneration) return BIG_SEGMENT;
    // There is no store of big segments in this product: no key is listed, the rules still apply.
    bigSegment = BIG_SEGMENT;
  }
  const extended = plan.asksSegments ? { key: segment.key, above: segments } : undefined;
  for (const rule of plan.rules) {
    let outcome = matchClauses(view, rule.clauses, context, extended);
    bigSegment |= outcome & BIG_SEGMENT;
    if ((outcome & MATCH) !== 0 && rule.weight !== undefined) outcome = rule.weight(context);
    if ((outcome & (MATCH | MALFORMED_CONDITION)) !== 0) return outcome | bigSegment;
  }
  return MISMATCH | bigSegment;
}

function lists({ users, others }: KeyLists, context: Context): boolean {
  if (users.size > 0) {
    const key = keyOf(context, 'user');
    if (key !== undefined && users.has(key)) return true;
  }
  for (const { kind, keys } of others) {
    const key = keyOf(context, kind);
    if (key !== undefined && keys.has(key)) return true;
  }
  return false;
}

function includes(chain: Chain | undefined, key: string): boolean {
  for (let link = chain; link !== undefined; link = link.above) {
    if (link.key === key) return true;
  }
  return false;
}
