import { type Static, Type } from 'typebox';
import type { Routes } from '../app.js';
import type { ItemFault, ItemName } from '../environment-draft.js';
import { MAX_CHANGES } from '../limits.js';
import { type Operation, operate, type Patch } from '../operations.js';
import { invalidBody, Problem } from '../problems.js';
import { CLOSED, Comment, Key, Revision } from '../schemas.js';

export const changeRoutes: Routes = async (app, { parts }) => {
  const { changes, config } = parts;

  app.post(
    '/environments/:env/changes',
    {
      config: { access: 'edit-environment' },
      schema: {
        operationId: 'applyChanges',
        summary: 'Apply several changes, all or none, as one revision',
        description:
          'Servers see all of them at once or none. With `version` a change is refused when its item has another one.',
        tags: ['changes'],
        params: Type.Object({ env: Type.String() }),
        body: Type.Object(
          {
            comment: Type.Optional(Comment),
            changes: Type.Array(ChangeSchema, { minItems: 1, maxItems: MAX_CHANGES }),
          },
          CLOSED,
        ),
        response: { 200: Type.Object({ revision: Revision }) },
      },
    },
    async ({ params: { env }, body, identity }) => {
      const operations = body.changes.map(toOperation);
      const locate = ({ item, pointer }: ItemFault) => `${pointerTo(operations, item)}${pointer}`;
      const entry = { action: 'environment.change', actor: identity.actor, comment: body.comment ?? '', locate };
      const { result } = await changes.commit(entry, (draft) => {
        const environment = draft.environment(env);
        for (const [index, operation] of operations.entries()) {
          try {
            operate(environment, operation, config.maxSegments, `/changes/${index}/patch`);
          } catch (error) {
            throw isUnknownItem(error) ? unknownItem(operation, index, error) : error;
          }
        }
        return { revision: environment.revision };
      });
      return result;
    },
  );
};

/** Not a union of two: a fault would then be reported for both. */
const ChangeSchema = Type.Object(
  {
    setting: Type.Optional(Key),
    segment: Type.Optional(Key),
    patch: Type.Record(Type.String(), Type.Unknown(), {
      description: 'JSON merge patch: a SettingPatch with `setting`, a SegmentPatch with `segment`',
    }),
    version: Type.Optional(Type.Integer({ description: 'Version the change was made for' })),
  },
  CLOSED,
);

function toOperation(change: Static<typeof ChangeSchema>, index: number): Operation & { op: 'patch' } {
  const { setting, segment, patch, version } = change;
  const key = setting ?? segment;
  if (key === undefined || (setting !== undefined && segment !== undefined)) {
    throw invalidBody([{ pointer: `/changes/${index}`, detail: 'must name either a setting or a segment' }]);
  }
  return { op: 'patch', kind: setting === undefined ? 'segment' : 'setting', key, patch: patch as Patch, version };
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
