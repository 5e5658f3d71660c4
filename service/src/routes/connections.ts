import { type Static, Type } from 'typebox';
import type { Routes } from '../app.js';
import type { Connection } from '../connections.js';
import { nullable, Revision, Time } from '../schemas.js';
import { isoTime } from '../time.js';

const MAX_CONNECTIONS = 10_000;

export const connectionRoutes: Routes = async (app, { parts }) => {
  const { connections } = parts.streaming;

  app.get(
    '/environments/:env/connections',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listConnections',
        summary: 'Servers connected to this node, those behind first',
        tags: ['connections'],
        params: Type.Object({ env: Type.String() }),
        querystring: Type.Object({
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_CONNECTIONS, default: 1000 })),
        }),
        response: { 200: ConnectionList },
      },
    },
    async ({ params, query }): Promise<Static<typeof ConnectionList>> => {
      const { key, revision } = parts.feed.environment(params.env);
      const bodies = [...connections.of(key)].map(connectionBody).sort(behindFirst);
      return { revision, ...connections.counts(key), connections: bodies.slice(0, query.limit) };
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
  connections: Type.Array(ConnectionSchema),
});

function connectionBody(connection: Connection): Static<typeof ConnectionSchema> {
  const { instanceId, sdk, wrapper, tags, address, connectedAt, appliedRevision, lagMs, subscriber } = connection;
  return {
    instanceId,
    sdk,
    wrapper: wrapper ?? null,
    tags: tags ?? null,
    address,
    sdkKeyId: subscriber.subscription.keyId,
    connectedAt: isoTime(connectedAt),
    revision: appliedRevision ?? subscriber.revision ?? null,
    confirmed: appliedRevision !== undefined,
    lagMs: lagMs ?? null,
  };
}

type Body = Static<typeof ConnectionSchema>;

function behindFirst(a: Body, b: Body): number {
  return (a.revision ?? -1) - (b.revision ?? -1) || (b.lagMs ?? -1) - (a.lagMs ?? -1);
}
