// Several changes to one environment as a request's body names them.
import { type Static, Type } from 'typebox';
import type { EnvironmentDraft, ItemFault, ItemName } from './environment-draft.js';
import { MAX_CHANGES } from './limits.js';
import { type Operation, operate, type Patch } from './operations.js';
import { invalidBody, Problem } from './problems.js';
import { CLOSED, Key } from './schemas.js';

/** Not a union of several: a fault would then be reported for each. */
export const ChangeSchema = Type.Object(
  {
    setting: Type.Optional(Key),
    segment: Type.Optional(Key),
    patch: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description: 'JSON merge patch: a SettingPatch with `setting`, a SegmentPatch with `segment`',
      }),
    ),
    create: Type.Optional(
      Type.Boolean({ description: 'The segment is new; `patch` says how it differs from an empty one' }),
    ),
    delete: Type.Optional(Type.Boolean({ description: 'The segment is to go; no `patch` then' })),
    version: Type.Optional(Type.Integer({ description: 'Version the change was made for' })),
  },
  CLOSED,
);
export const ChangesSchema = Type.Array(ChangeSchema, { minItems: 1, maxItems: MAX_CHANGES });

export type RequestedChange = Static<typeof ChangeSchema>;

/** @throws Problem 422 for a change that does not say what it is. */
export function toOperations(changes: readonly RequestedChange[]): Operation[] {
  return changes.map(toOperation);
}

/** Does all of them to a draft. @throws Problem as `operate` does, with pointers into `changes`. */
export function operateAll(draft: EnvironmentDraft, operations: readonly Operation[], maxSegments: number): void {
  for (const [index, operation] of operations.entries()) {
    try {
      operate(draft, operation, maxSegments, `/changes/${index}/patch`);
    } catch (error) {
      throw isUnknownItem(error) ? unknownItem(operation, index, error) : error;
    }
  }
}

/** Where in the body a fault of an item stands. */
export function locateIn(operations: readonly Operation[]): (fault: ItemFault) => string {
  return ({ item, pointer }) => `${pointerTo(operations, item)}${pointer}`;
}

function toOperation(change: RequestedChange, index: number): Operation {
  const { setting, segment, patch, version } = change;
  const fault = faultOf(change);
  if (fault !== undefined) throw invalidBody([{ pointer: `/changes/${index}`, detail: fault }]);
  if (setting !== undefined) return { op: 'patch', kind: 'setting', key: setting, patch: patch as Patch, version };
  const key = segment as string;
  if (change.delete) return { op: 'delete', kind: 'segment', key, version };
  return change.create
    ? { op: 'create', kind: 'segment', key, patch: (patch ?? {}) as Patch }
    : { op: 'patch', kind: 'segment', key, patch: patch as Patch, version };
}

function faultOf({ setting, segment, patch, create, delete: remove }: RequestedChange): string | undefined {
  if ((setting === undefined) === (segment === undefined)) return 'must name either a setting or a segment';
  if (setting !== undefined && (create || remove)) return 'only a segment can be created or deleted here';
  if (create && remove) return 'cannot be created and deleted at once';
  if (remove) return patch === undefined ? undefined : 'has a patch for what is to be deleted';
  return patch === undefined && !create ? 'has no patch' : undefined;
}

function pointerTo(operations: readonly Operation[], { kind, key }: ItemName): string {
  const index = operations.findLastIndex((operation) => operation.kind === kind && operation.key === key);
  return index < 0 ? '/changes' : `/changes/${index}/patch`;
}

function isUnknownItem(error: unknown): error is Problem {
  return error instanceof Problem && ['setting_not_found', 'segment_not_found'].includes(error.code);
}

/** Here the key stands in the body and not in the address, so it is the body that is at fault. */
function unknownItem({ kind }: Operation, index: number, { message }: Problem): Problem {
  return invalidBody([{ pointer: `/changes/${index}/${kind}`, detail: message }]);
}
