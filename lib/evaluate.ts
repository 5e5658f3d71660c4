import type { PreparedSegment, PreparedSetting } from './compile.js';
import type { Context } from './context.js';
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

/** The data as evaluation sees it. */
export interface View {
  setting(key: string): PreparedSetting | undefined;
  segment(key: string): PreparedSegment | undefined;
}

/** Told of each prerequisite evaluated, nested ones first. */
export type OnPrerequisite = (prerequisite: PreparedSetting, detail: Detail, requiredBy: string) => void;

/** Finds what a setting serves to a valid context. No clock, no I/O, never throws. */
export function evaluate(
  _view: View,
  _setting: PreparedSetting,
  _context: Context,
  _onPrerequisite?: OnPrerequisite,
): Detail {
  throw new Error('not yet');
}

/** Whether the evaluation belongs to an experiment: it then always gives a full event with the reason. */
export function isExperimental(_setting: PreparedSetting, _detail: Detail): boolean {
  throw new Error('not yet');
}

/** The detail of an evaluation that failed: the caller's default is due. Shared, one for each kind of error. */
export function errorDetail(_errorKind: ErrorKind): Detail {
  throw new Error('not yet');
}
