import { Type } from 'typebox';
import type { Routes } from '../app.js';
import { requirePermission } from '../auth.js';
import { ChangesSchema, locateIn, operateAll, toOperations, touchesDefinitions } from '../change-request.js';
import { CLOSED, Comment, Revision } from '../schemas.js';

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
          'Servers see all of them at once or none. With `version` a change is refused when its item has another one. ' +
          'A change of a `definition` touches every environment, each of which then has a revision of its own.',
        tags: ['changes'],
        params: Type.Object({ env: Type.String() }),
        body: Type.Object({ comment: Type.Optional(Comment), changes: ChangesSchema }, CLOSED),
        response: { 200: Type.Object({ revision: Revision }) },
      },
    },
    async ({ params: { env }, body, identity }) => {
      if (touchesDefinitions(body.changes)) requirePermission(identity, 'edit-settings');
      const operations = toOperations(body.changes);
      const entry = {
        action: 'environment.change',
        actor: identity.actor,
        comment: body.comment ?? '',
        locate: locateIn(operations),
      };
      const limits = { maxSegments: config.maxSegments, now: parts.now() };
      const { result } = await changes.commit(entry, async (draft) => {
        await operateAll(draft, env, operations, limits);
        return { revision: draft.environment(env).revision };
      });
      return result;
    },
  );
};
