import { type Static, Type } from 'typebox';
import type { Routes } from '../app.js';
import { Overview, type SettingOverview } from '../overview.js';
import { RECENT_DAYS, RECENT_HOURS, RecentEvaluations } from '../recent-evaluations.js';
import { nullable, Revision, SettingTypeSchema, Time } from '../schemas.js';
import { isoTime } from '../time.js';

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
        response: {
          200: Type.Object({ environment: Type.String(), revision: Revision, settings: Type.Array(OverviewSchema) }),
        },
      },
    },
    async ({ params }) => {
      const { revision, settings } = await overview.read(params.env);
      return { environment: params.env, revision, settings: settings.map(overviewBody) };
    },
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
        response: { 200: RecentSchema },
      },
    },
    async ({ params }) => {
      const { from, settings } = await evaluations.read(parts.feed.environment(params.env).key);
      const bodies = [...settings].map(([key, { counts, last }]) => [key, { counts, last: isoTime(last) }]);
      return { from: isoTime(from), settings: Object.fromEntries(bodies) };
    },
  );
};

const Outcome = Type.Object({
  variation: Type.Optional(nullable(Type.Integer())),
  rollout: Type.Optional(nullable(Type.Unsafe<object>({ type: 'object', additionalProperties: true }))),
});

const OverviewSchema = Type.Object({
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

function overviewBody({ lastChange, ...rest }: SettingOverview): Static<typeof OverviewSchema> {
  return {
    ...rest,
    lastChange: lastChange
      ? { at: isoTime(lastChange.at), author: lastChange.actor.name, comment: lastChange.comment }
      : null,
  } as Static<typeof OverviewSchema>;
}
