import { type Static, Type } from 'typebox';
import type { Routes } from '../app.js';
import type { RecentRequest } from '../recent-requests.js';
import { AnyJson, nullable, Time } from '../schemas.js';
import { countContexts } from '../storage/contexts.js';
import { isoTime } from '../time.js';

export const contextRequestRoutes: Routes = async (app, { parts }) => {
  app.get(
    '/environments/:env/contexts/:kind/:key/requests',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listContextRequests',
        summary: 'What servers lately asked and reported about a user or organization, newest first',
        description:
          'The newest few, as far as events tell of single contexts. Kept in the memory of this node: they are gone ' +
          'when it is started anew.',
        tags: ['contexts'],
        params: Type.Object({ env: Type.String(), kind: Type.String(), key: Type.String() }),
        response: { 200: Type.Object({ requests: Type.Array(RequestSchema) }) },
      },
    },
    async ({ params: { env, kind, key } }) => {
      const { key: environment } = parts.feed.environment(env);
      return { requests: parts.recentRequests.of(environment, kind, key).map(requestBody) };
    },
  );

  app.get(
    '/environments/:env/context-kinds',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listContextKinds',
        summary: 'Kinds of contexts seen, and how many of each; the largest first',
        tags: ['contexts'],
        params: Type.Object({ env: Type.String() }),
        response: { 200: Type.Object({ kinds: Type.Array(KindSchema) }) },
      },
    },
    async ({ params }) => ({ kinds: await countContexts(parts.database, parts.feed.environment(params.env).key) }),
  );
};

const KindSchema = Type.Object({ kind: Type.String(), count: Type.Integer() });

const RequestSchema = Type.Object({
  at: Time,
  kind: Type.Unsafe<RecentRequest['kind']>({ type: 'string', enum: ['seen', 'identified', 'custom', 'evaluated'] }),
  contexts: Type.Record(Type.String(), Type.String(), { description: 'Everyone it was about: kind to key' }),
  key: nullable(Type.String({ description: 'Of the custom event or the setting' })),
  value: AnyJson,
  metric: nullable(Type.Number()),
  server: Type.String(),
});

function requestBody(request: RecentRequest): Static<typeof RequestSchema> {
  return { ...request, at: isoTime(request.at), contexts: { ...request.contexts } };
}
