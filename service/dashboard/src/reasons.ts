// Why somebody gets a value, in words. Pure.
import type { Reason } from './contexts.js';
import type { Serving } from './describe.js';
import type { Outcome } from './model.js';

const ERRORS: Readonly<Record<string, string>> = {
  FLAG_NOT_FOUND: 'there was no such setting; servers use their own default',
  MALFORMED_FLAG: 'the setting is malformed; servers use their own default',
  USER_NOT_SPECIFIED: 'nobody was asked about',
  EXCEPTION: 'the evaluation failed; servers use their own default',
};

/** `an override`, `rule 2`, `their share of the split`: what decided, in a word or two. */
export function describeReason(reason: Reason, serving?: Pick<Serving, 'fallthrough' | 'rules'>): string {
  switch (reason.kind) {
    case 'OFF':
      return 'the setting is off';
    case 'TARGET_MATCH':
      return 'an override';
    case 'RULE_MATCH': {
      const index = reason.ruleIndex ?? 0;
      return `rule ${index + 1}${isSplit(serving?.rules[index]) ? ', their share of its split' : ''}`;
    }
    case 'PREREQUISITE_FAILED':
      return `it needs ${reason.prerequisiteKey}, which serves something else`;
    case 'FALLTHROUGH':
      return isSplit(serving?.fallthrough) ? 'their share of the split' : 'no rule fits';
    default:
      return ERRORS[reason.errorKind ?? ''] ?? 'servers use their own default';
  }
}

/** Whether it was decided for them alone, by an override or by where they fall in the last split. */
export function isPersonal(reason: Reason, serving?: Pick<Serving, 'fallthrough'>): boolean {
  if (reason.kind === 'FALLTHROUGH') return isSplit(serving?.fallthrough);
  return reason.kind === 'TARGET_MATCH' || reason.kind === 'RULE_MATCH';
}

function isSplit(outcome: Outcome | undefined): boolean {
  return typeof outcome?.variation !== 'number' && Boolean(outcome?.rollout);
}
