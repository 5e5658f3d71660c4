import { Type } from 'typebox';
import type { Routes } from '../app.js';
import { ChangesSchema, locateIn, operateAll, toOperations } from '../change-request.js';
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
          'Servers see all of them at once or none. With `version` a change is refused when its item has another one.',
        tags: ['changes'],
        params: Type.Object({ env: Type.String() }),
        body: Type.Object({ comment: Type.Optional(Comment), changes: ChangesSchema }, CLOSED),
        response: { 200: Type.Object({ revision: Revision }) },
      },
    },
    async ({ params: { env }, body, identity }) => {
      const operations = toOperations(body.changes);
      const entry = {
        action: 'environment.change',
        actor: identity.actor,
        comment: body.comment ?? '',
        locate: locateIn(operations),
      };
      const { result } = await changes.commit(entry, (draft) => {
        const environment = draft.environment(env);
        operateAll(environment, operations, config.maxSegments);
        return { revision: environment.revision };
      });
      return result;
    },
  );
};
