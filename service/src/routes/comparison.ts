import { Type } from 'typebox';
import type { Routes } from '../app.js';
import { compare, copyItems } from '../comparison.js';
import type { ItemFault } from '../environment-draft.js';
import { AnyJson, CLOSED, Comment, Key, nullable, Revision } from '../schemas.js';

export const comparisonRoutes: Routes = async (app, { parts }) => {
  const { changes, feed } = parts;

  app.get(
    '/environments/:env/compare/:other',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'compareEnvironments',
        summary: 'What differs between two environments',
        description: 'Salts and the ids of rules are left out: they may differ without serving anything else.',
        tags: ['environments'],
        params: Type.Object({ env: Type.String(), other: Type.String() }),
        response: { 200: Type.Object({ differences: Type.Array(DifferenceSchema) }) },
      },
    },
    async ({ params }) => ({ differences: compare(feed.environment(params.env), feed.environment(params.other)) }),
  );

  app.post(
    '/environments/:env/copy',
    {
      config: { access: 'edit-environment' },
      schema: {
        operationId: 'copyItems',
        summary: 'Make settings and segments as they are in another environment, as one revision',
        description: 'Without lists everything is copied. Salts stay, so that nobody changes sides in a rollout.',
        tags: ['environments'],
        params: Type.Object({ env: Type.String() }),
        body: Type.Object(
          {
            from: Key,
            settings: Type.Optional(Type.Array(Key, { uniqueItems: true })),
            segments: Type.Optional(Type.Array(Key, { uniqueItems: true })),
            comment: Type.Optional(Comment),
          },
          CLOSED,
        ),
        response: { 200: Type.Object({ revision: Revision }) },
      },
    },
    async ({ params, body: { from, comment, ...wish }, identity }) => {
      const source = feed.environment(from);
      const entry = {
        action: 'environment.copy',
        actor: identity.actor,
        comment: comment ?? `Copied from ${from}`,
        locate: ({ item, pointer }: ItemFault) => `/${item.kind}s/${item.key}${pointer}`,
      };
      const { result } = await changes.commit(entry, (draft) => {
        const environment = draft.environment(params.env);
        copyItems(environment, source, wish);
        return { revision: environment.revision };
      });
      return result;
    },
  );
};

const Fields = Type.Record(Type.String(), AnyJson);
const DifferenceSchema = Type.Object({
  kind: Type.Unsafe<'setting' | 'segment'>({ type: 'string', enum: ['setting', 'segment'] }),
  key: Type.String(),
  here: nullable(Fields),
  there: nullable(Fields),
});
