// Conditions on a context: clauses, and the weight of a segment rule. Prepared here; put together in evaluate.ts.
import { createReader, isOrdinary } from './attribute.js';
import { Bucketing } from './bucket.js';
import { type Context, contextKinds, partOf, type User } from './context.js';
import { toList, toText } from './lenient.js';
import { equalCandidates, prepareTest, type Test } from './operators.js';
import type { Clause, SegmentRule } from './protocol.js';
import type { AttributePath } from './reference.js';
import { attributePath, toBucket, toWeight, WHOLE } from './split.js';

/**
 * Outcome of a condition: {@link MATCH}, {@link MISMATCH} or {@link MALFORMED_CONDITION}, and in a bit of its own
 * {@link BIG_SEGMENT}. A number, because an object would be an allocation for each condition.
 */
export type Outcome = number;
export const MISMATCH = 0;
export const MATCH = 1;
/** Evaluation cannot go on: the setting is malformed. */
export const MALFORMED_CONDITION = 2;
/** A big segment was asked about on the way. */
export const BIG_SEGMENT = 4;

/** A condition that depends on the context alone. */
export type Condition = (context: Context) => Outcome;

export type PreparedClause =
  | { readonly segments: readonly string[]; readonly negate: boolean }
  | { readonly segments?: undefined; readonly condition: Condition };

export function prepareClause(clause: Partial<Clause>): PreparedClause {
  const negate = clause.negate === true;
  if (clause.op !== 'segmentMatch') return { condition: prepareCondition(clause, negate) };
  return { segments: toList(clause.values).filter((value) => typeof value === 'string'), negate };
}

function prepareCondition(clause: Partial<Clause>, negate: boolean): Condition {
  const contextKind = toText(clause.contextKind);
  const path = attributePath(toText(clause.attribute), contextKind);
  if (path === undefined) return malformed;
  const [values, kind] = [toList(clause.values), contextKind || 'user'];
  if (clause.op !== 'in') return attributeCondition(kind, path, prepareTest(toText(clause.op), values), negate);
  const candidates = equalCandidates(values);
  const condition = attributeCondition(kind, path, (value) => candidates.has(value), negate);
  const [name, ...rest] = path;
  return rest.length === 0 && isOrdinary(name)
    ? textCondition({ kind, name, candidates, negate, otherwise: condition })
    : condition;
}

function attributeCondition(kind: string, path: AttributePath, test: Test, negate: boolean): Condition {
  if (path[0] === 'kind' && path.length === 1) {
    return (context) => outcomeOf(contextKinds(context).some(test) !== negate);
  }
  const read = createReader(kind, path);
  return (context) => {
    const value = read(context);
    // What is not there matches no clause, not even a negated one.
    if (value === undefined) return MISMATCH;
    const fits = Array.isArray(value) ? value.some(test) : test(value);
    return outcomeOf(fits !== negate);
  };
}

interface TextCondition {
  readonly kind: string;
  readonly name: string;
  readonly candidates: ReadonlySet<unknown>;
  readonly negate: boolean;
  /** For all but text at the top of a plain object. */
  readonly otherwise: Condition;
}

/**
 * Most clauses ask whether a text is one of some, and most contexts are plain objects. Reading and comparing are in one
 * closure, without a call of another, and each closure reads by itself: V8 keeps what it has learned about shapes and names
 * with the place in the code (bench/evaluate.ts, S3).
 */
function textCondition({ kind, name, candidates, negate, otherwise }: TextCondition): Condition {
  const isUser = kind === 'user';
  if (candidates.size === 1) {
    const [only] = candidates;
    return (context) => {
      const part = (context.kind === undefined ? isUser : context.kind === kind) ? context : partOf(context, kind);
      if (part === undefined) return MISMATCH;
      const value: unknown = (part as User)[name];
      return typeof value === 'string' && Object.getPrototypeOf(part) === Object.prototype
        ? outcomeOf((value === only) !== negate)
        : otherwise(context);
    };
  }
  return (context) => {
    const part = (context.kind === undefined ? isUser : context.kind === kind) ? context : partOf(context, kind);
    if (part === undefined) return MISMATCH;
    const value: unknown = (part as User)[name];
    return typeof value === 'string' && Object.getPrototypeOf(part) === Object.prototype
      ? outcomeOf(candidates.has(value) !== negate)
      : otherwise(context);
  };
}

/**
 * The weight of a segment rule; undefined when the rule has none.
 *
 * @param prefix - Key and salt of the segment.
 */
export function prepareWeight(rule: Partial<SegmentRule>, prefix: string): Condition | undefined {
  if (rule.weight == null) return undefined;
  const contextKind = toText(rule.rolloutContextKind);
  const path = attributePath(toText(rule.bucketBy) || 'key', contextKind);
  if (path === undefined) return malformed;
  const kind = contextKind || 'user';
  const readKey = createReader(kind, ['key']);
  const read = createReader(kind, path);
  const bucketing = new Bucketing(prefix);
  const bound = toWeight(rule.weight) / WHOLE;
  return (context) => {
    if (readKey(context) === undefined) return MISMATCH;
    return outcomeOf(toBucket(bucketing, read(context)) < bound);
  };
}

function outcomeOf(matches: boolean): Outcome {
  return matches ? MATCH : MISMATCH;
}

function malformed(): Outcome {
  return MALFORMED_CONDITION;
}
