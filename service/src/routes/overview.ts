import { type TSchema, Type } from 'typebox';
import type { Routes } from '../app.js';
import { sendKept } from '../kept-body.js';
import { Overview } from '../overview.js';
import { RECENT_DAYS, RECENT_HOURS, RecentEvaluations } from '../recent-evaluations.js';
import { noBody, nullable, Revision, SettingTypeSchema, Time } from '../schemas.js';

export const overviewRoutes: Routes = async (app, { parts }) => {
  const overview = new Overview(parts);
  const evaluations = new RecentEvaluations(parts);

  app.get(
    '/environments/:env/overview',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getOverview',
        summary: 'All settings at a glance: what they serve, and who changed them last',
        description: 'Everything at once, in the order of the keys, without long values and lists of contexts.',
        tags: ['settings'],
        params: Type.Object({ env: Type.String() }),
        response: { 200: kept(OverviewSchema), 304: UNCHANGED },
      },
    },
    async (request, reply) => sendKept(request, reply, await overview.read(request.params.env)),
  );

  app.get(
    '/environments/:env/overview/evaluations',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getRecentEvaluations',
        summary: `Evaluations of every setting in each of the last ${RECENT_HOURS} hours`,
        description: `Settings that were not evaluated in the last ${RECENT_DAYS} days are left out.`,
        tags: ['analytics'],
        params: Type.Object({ env: Type.String() }),
        response: { 200: kept(RecentSchema), 304: UNCHANGED },
      },
    },
    async (request, reply) => {
      const { key } = parts.feed.environment(request.params.env);
      return sendKept(request, reply, await evaluations.read(key));
    },
  );
};

const UNCHANGED = noBody('Nothing has changed since `If-None-Match`');

const Outcome = Type.Object({
  variation: Type.Optional(nullable(Type.Integer())),
  rollout: Type.Optional(nullable(Type.Unsafe<object>({ type: 'object', additionalProperties: true }))),
});

const SettingSchema = Type.Object({
  key: Type.String(),
  name: Type.String(),
  description: Type.String({ description: 'Its beginning' }),
  type: SettingTypeSchema,
  tags: Type.Array(Type.String()),
  version: Type.Integer(),
  variations: Type.Array(
    Type.Object({
      name: Type.String(),
      value: Type.Unknown({ description: 'Of a long one the beginning, as text' }),
    }),
  ),
  serving: Type.Object({
    on: Type.Boolean(),
    offVariation: nullable(Type.Integer()),
    fallthrough: Outcome,
    prerequisites: Type.Array(Type.String()),
    targets: Type.Array(Type.Object({ contextKind: Type.String(), variation: Type.Integer(), count: Type.Integer() })),
    rules: Type.Array(Outcome),
  }),
  lastChange: nullable(Type.Object({ at: Time, author: Type.String(), comment: Type.String() })),
});

const OverviewSchema = Type.Object({
  environment: Type.String(),
  revision: Revision,
  settings: Type.Array(SettingSchema),
});

const RecentSchema = Type.Object({
  from: Time,
  settings: Type.Record(
    Type.String(),
    Type.Object({
      counts: Type.Array(Type.Integer(), { description: 'The present hour last' }),
      last: Type.String({ format: 'date-time', description: 'Start of the last hour or day with an evaluation' }),
    }),
  ),
});

/** Sent as it is kept: as text or compressed. */
function kept(schema: TSchema) {
  return { description: 'Default Response', content: { 'application/json': { schema: Type.Unsafe<unknown>(schema) } } };
}
