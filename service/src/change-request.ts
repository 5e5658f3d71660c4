// Several changes to one environment as a request's body names them, with what they need of the settings' definitions.
import { type Static, Type } from 'typebox';
import type { Draft } from './draft.js';
import type { ItemFault } from './environment-draft.js';
import { MAX_CHANGES } from './limits.js';
import { type Operation, operate, type Patch } from './operations.js';
import { invalidBody, Problem } from './problems.js';
import { CLOSED, Key } from './schemas.js';
import { changeSetting, type DefinitionFields } from './settings.js';
import { patchFaults } from './validate.js';

/** Not a union of several: a fault would then be reported for each. */
export const ChangeSchema = Type.Object(
  {
    setting: Type.Optional(Key),
    segment: Type.Optional(Key),
    definition: Type.Optional(Key),
    patch: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description:
          'JSON merge patch: a SettingPatch with `setting`, a SegmentPatch with `segment`, a DefinitionPatch with ' +
          '`definition` for what a setting is in every environment, as a new variation to be served by another change',
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

/** Where a change does something, and what it does there. */
export type RequestedOperation =
  | Operation
  | {
      readonly op: 'define';
      readonly kind: 'definition';
      readonly key: string;
      readonly patch: DefinitionFields;
      readonly version: number | undefined;
    };

export interface OperateLimits {
  readonly maxSegments: number;
  readonly now: number;
}

/** Whether some of the changes touch every environment. */
export function touchesDefinitions(changes: readonly RequestedChange[]): boolean {
  return changes.some(({ definition }) => definition !== undefined);
}

/** @throws Problem 422 for a change that does not say what it is. */
export function toOperations(changes: readonly RequestedChange[]): RequestedOperation[] {
  return changes.map(toOperation);
}

/** Does all of them to a draft. @throws Problem as `operate` does, with pointers into `changes`. */
export async function operateAll(
  draft: Draft,
  environment: string,
  operations: readonly RequestedOperation[],
  limits: OperateLimits,
): Promise<void> {
  const items = draft.environment(environment);
  const indexed = [...operations.entries()];
  for (const [index, operation] of indexed) {
    if (operation.op === 'define') continue;
    await atIndex(index, operation, () => operate(items, operation, limits.maxSegments, `/changes/${index}/patch`));
  }
  // Definitions last: they give the items of all environments their values, and items are checked when all is done.
  for (const [index, operation] of indexed) {
    if (operation.op === 'define') await atIndex(index, operation, () => define(draft, operation, limits.now));
  }
}

/** Where in the body a fault of an item stands. */
export function locateIn(operations: readonly RequestedOperation[]): (fault: ItemFault) => string {
  return ({ item: { kind, key }, pointer }) => {
    const index = operations.findLastIndex((operation) => operation.kind === kind && operation.key === key);
    if (index >= 0) return `/changes/${index}/patch${pointer}`;
    const definition = operations.findLastIndex(({ op, key: defined }) => op === 'define' && defined === key);
    return definition < 0 ? '/changes' : `/changes/${definition}/patch/variations`;
  };
}

function toOperation(change: RequestedChange, index: number): RequestedOperation {
  const { setting, segment, definition, patch, version } = change;
  const fault = faultOf(change);
  if (fault !== undefined) throw invalidBody([{ pointer: `/changes/${index}`, detail: fault }]);
  if (setting !== undefined) return { op: 'patch', kind: 'setting', key: setting, patch: patch as Patch, version };
  if (definition !== undefined) {
    const fields = patch as DefinitionFields;
    return { op: 'define', kind: 'definition', key: definition, patch: fields, version };
  }
  const key = segment as string;
  if (change.delete) return { op: 'delete', kind: 'segment', key, version };
  return change.create
    ? { op: 'create', kind: 'segment', key, patch: (patch ?? {}) as Patch }
    : { op: 'patch', kind: 'segment', key, patch: patch as Patch, version };
}

function faultOf({ setting, segment, definition, patch, create, delete: remove }: RequestedChange): string | undefined {
  const named = [setting, segment, definition].filter((key) => key !== undefined);
  if (named.length !== 1) return 'must name either a setting, a segment or a definition';
  if (segment === undefined && (create || remove)) return 'only a segment can be created or deleted here';
  if (create && remove) return 'cannot be created and deleted at once';
  if (remove) return patch === undefined ? undefined : 'has a patch for what is to be deleted';
  return patch === undefined && !create ? 'has no patch' : undefined;
}

async function define(
  draft: Draft,
  { key, patch, version }: RequestedOperation & { op: 'define' },
  now: number,
): Promise<void> {
  const faults = patchFaults('definition', patch);
  if (faults.length > 0) throw invalidBody(faults);
  await changeSetting(draft, key, patch, { now, expected: version });
}

/** Runs one operation; a key that does not exist stands in the body and not in the address, so the body is at fault. */
async function atIndex(
  index: number,
  { op, kind }: RequestedOperation,
  run: () => void | Promise<void>,
): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.code === 'setting_not_found' || error.code === 'segment_not_found') {
      throw invalidBody([{ pointer: `/changes/${index}/${kind}`, detail: error.message }]);
    }
    if (op !== 'define' || error.members.errors === undefined) throw error;
    const at = `/changes/${index}/patch`;
    throw invalidBody(error.members.errors.map(({ pointer, detail }) => ({ pointer: at + pointer, detail })));
  }
}
