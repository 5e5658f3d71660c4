// The life of a change set, as one table. Pure.

export const CHANGE_SET_STATES = [
  /** Being written. */
  'draft',
  /** Waits for a decision. */
  'submitted',
  'approved',
  'rejected',
  /** Will be applied at its time. */
  'scheduled',
  'applied',
  /** Could not be applied at its time. */
  'failed',
] as const;
export type ChangeSetState = (typeof CHANGE_SET_STATES)[number];

export type Step = 'edit' | 'submit' | 'withdraw' | 'approve' | 'reject' | 'schedule' | 'apply' | 'fail' | 'delete';

/**
 * From which states a step may be taken, and where it leads. Whether a draft may be scheduled or applied without an
 * approval is the environment's policy, which is asked when it is applied.
 */
const STEPS: Readonly<
  Record<Step, { readonly from: readonly ChangeSetState[]; readonly to: ChangeSetState | undefined }>
> = {
  edit: { from: ['draft', 'rejected', 'failed'], to: 'draft' },
  submit: { from: ['draft'], to: 'submitted' },
  withdraw: { from: ['submitted', 'approved', 'scheduled'], to: 'draft' },
  approve: { from: ['submitted'], to: 'approved' },
  reject: { from: ['submitted'], to: 'rejected' },
  schedule: { from: ['draft', 'approved', 'scheduled'], to: 'scheduled' },
  apply: { from: ['draft', 'approved', 'scheduled'], to: 'applied' },
  fail: { from: ['scheduled'], to: 'failed' },
  delete: { from: ['draft', 'submitted', 'approved', 'rejected', 'scheduled', 'failed'], to: undefined },
};

export function isPossible(step: Step, state: ChangeSetState): boolean {
  return STEPS[step].from.includes(state);
}

/** The state after a step; undefined when the change set is gone then. */
export function stateAfter(step: Step): ChangeSetState | undefined {
  return STEPS[step].to;
}

/** The steps that can be taken from a state by whoever may. */
export function possibleSteps(state: ChangeSetState): Step[] {
  return (Object.keys(STEPS) as Step[]).filter((step) => step !== 'fail' && isPossible(step, state));
}
