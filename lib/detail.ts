import type { Json } from './protocol.js';

export type ErrorKind =
  | 'CLIENT_NOT_READY'
  | 'FLAG_NOT_FOUND'
  | 'MALFORMED_FLAG'
  | 'USER_NOT_SPECIFIED'
  | 'WRONG_TYPE'
  | 'EXCEPTION';

/** Why a value was served. Fields that do not apply are absent. */
export interface Reason {
  readonly kind: 'OFF' | 'FALLTHROUGH' | 'TARGET_MATCH' | 'RULE_MATCH' | 'PREREQUISITE_FAILED' | 'ERROR';
  /** Only with `RULE_MATCH`: position of the rule. */
  readonly ruleIndex?: number;
  /** Only with `RULE_MATCH`, when the rule has an id. */
  readonly ruleId?: string;
  /** Only with `PREREQUISITE_FAILED`: the first prerequisite that failed. */
  readonly prerequisiteKey?: string;
  /** Only with `ERROR`. */
  readonly errorKind?: ErrorKind;
  /** The context takes part in an experiment. */
  readonly inExperiment?: true;
  /** A big segment was asked about. */
  readonly bigSegmentsStatus?: 'HEALTHY' | 'STALE' | 'STORE_ERROR' | 'NOT_CONFIGURED';
}

/** What a setting serves. Frozen, and the same object for everyone it does not distinguish. */
export interface Detail {
  /** Null, too, when the caller's default is due. */
  readonly value: Json;
  /** Index of the value among the variations; null when the caller's default is due. */
  readonly variationIndex: number | null;
  readonly reason: Reason;
}

const ERRORS: Readonly<Record<ErrorKind, Detail>> = {
  CLIENT_NOT_READY: newError('CLIENT_NOT_READY'),
  FLAG_NOT_FOUND: newError('FLAG_NOT_FOUND'),
  MALFORMED_FLAG: newError('MALFORMED_FLAG'),
  USER_NOT_SPECIFIED: newError('USER_NOT_SPECIFIED'),
  WRONG_TYPE: newError('WRONG_TYPE'),
  EXCEPTION: newError('EXCEPTION'),
};

// Three ways of being malformed which look the same from outside, told apart by identity: they differ in what they do
// to a setting that has the malformed one as a prerequisite.

/** A rule, clause, rollout or segment makes no sense: so does every setting that requires this one. */
export const MALFORMED = ERRORS.MALFORMED_FLAG;
/** A prerequisite requires itself: as before, and the evaluation does not count as one of the prerequisite. */
export const CYCLE = newError('MALFORMED_FLAG');
/** A variation that does not exist: whoever requires this setting finds that it has failed. */
export const NO_SUCH_VARIATION = newError('MALFORMED_FLAG');

const WITH_BIG_SEGMENT: ReadonlyMap<Detail, Detail> = new Map(
  [MALFORMED, CYCLE, NO_SUCH_VARIATION].map((detail) => [detail, copyWithBigSegment(detail)]),
);

/** The detail of an evaluation that failed: the caller's default is due. One shared object for each kind of error. */
export function errorDetail(errorKind: ErrorKind): Detail {
  return ERRORS[errorKind];
}

/** @param reason - Becomes part of the detail and is frozen. */
export function newDetail(value: Json, variationIndex: number | null, reason: Reason): Detail {
  return Object.freeze({ value, variationIndex, reason: Object.freeze(reason) });
}

/** The same detail, saying that a big segment was asked about. There is no store of them in this product. */
export function withBigSegment(detail: Detail): Detail {
  if (detail.reason.bigSegmentsStatus !== undefined) return detail;
  return WITH_BIG_SEGMENT.get(detail) ?? copyWithBigSegment(detail);
}

/** Whether this is the given constant, with or without the word on big segments. */
export function isSameError(detail: Detail, constant: Detail): boolean {
  return detail === constant || detail === WITH_BIG_SEGMENT.get(constant);
}

function newError(errorKind: ErrorKind): Detail {
  return newDetail(null, null, { kind: 'ERROR', errorKind });
}

function copyWithBigSegment({ value, variationIndex, reason }: Detail): Detail {
  return newDetail(value, variationIndex, { ...reason, bigSegmentsStatus: 'NOT_CONFIGURED' });
}
