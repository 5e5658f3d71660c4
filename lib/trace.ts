import type { PreparedSetting } from './compile.js';
import type { Context } from './context.js';
import type { Detail, View } from './evaluate.js';
import type { Json } from './protocol.js';

/** One condition of a rule, and how the context met it. */
export interface TracedClause {
  readonly attribute: string;
  readonly contextKind: string;
  readonly op: string;
  readonly values: readonly Json[];
  readonly negate: boolean;
  /** What the context has there; absent when it has nothing. */
  readonly actual?: Json;
  readonly matched: boolean;
  /** Why it did not match although it was looked at, where that is not in the values. */
  readonly problem?: 'no-such-kind' | 'no-such-attribute' | 'invalid-attribute' | 'unknown-operator' | 'segment-cycle';
}

/** What was considered, in order; the last step served the value. */
export type TraceStep =
  | { readonly step: 'off' }
  | {
      readonly step: 'prerequisite';
      readonly key: string;
      readonly required: number;
      readonly served: number | null;
      readonly satisfied: boolean;
      readonly problem?: 'unknown' | 'off' | 'cycle';
    }
  | { readonly step: 'targets'; readonly matched: boolean; readonly contextKind?: string; readonly variation?: number }
  | {
      readonly step: 'rule';
      readonly ruleIndex: number;
      readonly ruleId?: string;
      readonly matched: boolean;
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
  readonly detail: Detail;
  readonly steps: readonly TraceStep[];
}

/** Evaluates a setting for a valid context and tells, rule by rule, why the result is what it is. */
export function trace(_view: View, _setting: PreparedSetting, _context: Context): Trace {
  throw new Error('not yet');
}
