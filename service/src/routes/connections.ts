import { type Static, Type } from 'typebox';
import type { Routes } from '../app.js';
import { nullable, Revision, Time } from '../schemas.js';

const MAX_CONNECTIONS = 10_000;
const DEFAULT_CONNECTIONS = 1000;

export const connectionRoutes: Routes = async (app, { parts }) => {
  const { peers, rollCall } = parts.streaming;

  app.get(
    '/environments/:env/connections',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listConnections',
        summary: 'Servers connected to any node, those behind first',
        tags: ['connections'],
        params: Type.Object({ env: Type.String() }),
        querystring: Type.Object({
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_CONNECTIONS, default: DEFAULT_CONNECTIONS })),
        }),
        response: { 200: ConnectionList },
      },
    },
    async ({ params, query }): Promise<Static<typeof ConnectionList>> => {
      const { key, revision } = parts.feed.environment(params.env);
      const { connections, nodes } = await rollCall.take(key, query.limit ?? DEFAULT_CONNECTIONS);
      return { revision, ...peers.counts(key), nodes, connections: [...connections] };
    },
  );
};

const ConnectionSchema = Type.Object({
  instanceId: Type.String(),
  sdk: Type.String({ description: 'Name and version' }),
  wrapper: nullable(Type.String()),
  tags: nullable(Type.String()),
  address: Type.String(),
  sdkKeyId: Type.String({ description: 'The SDK key it connected with' }),
  connectedAt: Time,
  revision: nullable(Type.Integer({ description: 'Applied, if `confirmed`; otherwise the newest one sent' })),
  confirmed: Type.Boolean({ description: 'The server itself reported the revision' }),
  lagMs: nullable(Type.Number({ description: 'From the broadcast of that revision to the report' })),
});

const ConnectionList = Type.Object({
  revision: Revision,
  connected: Type.Integer(),
  reporting: Type.Integer({ description: 'Those that report what they have applied' }),
  nodes: Type.Object(
    { total: Type.Integer(), answered: Type.Integer() },
    { description: 'Nodes of the service, and those whose servers are in the list' },
  ),
  connections: Type.Array(ConnectionSchema),
});
