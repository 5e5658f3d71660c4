import type { Detail } from 'feathery-server-sdk/protocol';
import { type Static, Type } from 'typebox';
import type { Routes } from '../app.js';
import { ChangesSchema, locateIn, operateAll, toOperations } from '../change-request.js';
import { type Effects, effectsOf } from '../effects.js';
import { shortValue } from '../overview.js';
import { MAX_RECENT, readRecentContexts, seenAttributes } from '../recent-contexts.js';
import { AnyJson, CLOSED, nullable, Revision } from '../schemas.js';
import type { LoggedChange } from '../storage/change-log.js';
import { listContexts } from '../storage/contexts.js';
import { withinTime } from '../time-limit.js';

export const previewRoutes: Routes = async (app, { parts }) => {
  const { changes, config, database, feed } = parts;

  app.post(
    '/environments/:env/preview',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'previewChanges',
        summary: 'What changes would do, without doing it: fields that differ, and who would get another value',
        description:
          `Of the ${MAX_RECENT} contexts seen last, each as it was last seen. Answered with the problem that applying ` +
          'the changes would have, if it would have one.',
        tags: ['changes'],
        params: EnvironmentParams,
        body: Type.Object({ changes: ChangesSchema }, CLOSED),
        response: { 200: PreviewSchema },
      },
    },
    async ({ params: { env }, body }) => {
      const operations = toOperations(body.changes);
      const limits = { maxSegments: config.maxSegments, now: parts.now() };
      let changed: () => readonly LoggedChange[] = () => [];
      const items = await changes.preview(async (draft) => {
        await operateAll(draft, env, operations, limits);
        const environment = draft.environment(env);
        changed = () => environment.changes();
      }, locateIn(operations));
      const { revision, store } = feed.environment(env);
      const contexts = await readRecentContexts(database, env);
      const effects = withinTime(() => effectsOf(store, changed(), contexts));
      return { revision, items: [...items], ...effectsBody(effects) };
    },
  );

  app.get(
    '/environments/:env/attributes',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listAttributes',
        summary: 'Attributes and values that the contexts seen last have, for suggestions',
        tags: ['contexts'],
        params: EnvironmentParams,
        response: { 200: Type.Object({ attributes: Type.Array(AttributeSchema) }) },
      },
    },
    async ({ params }) => {
      const { key: environment } = feed.environment(params.env);
      const attributes = seenAttributes(await listContexts(database, { environment, limit: MAX_RECENT }));
      return { attributes: attributes.map((attribute) => ({ ...attribute, values: [...attribute.values] })) };
    },
  );
};

const EnvironmentParams = Type.Object({ env: Type.String() });

const AttributeSchema = Type.Object({
  kind: Type.String(),
  attribute: Type.String({ description: 'As a clause names it' }),
  count: Type.Integer({ description: 'Contexts that have it' }),
  values: Type.Array(AnyJson, { description: 'The most frequent ones first' }),
});

const Counts = Type.Record(Type.String(), Type.Integer());
const Served = Type.Object({
  value: Type.Unknown({ description: 'Of a long one the beginning, as text' }),
  variationIndex: nullable(Type.Integer()),
});

const PreviewSchema = Type.Object({
  revision: Revision,
  items: Type.Array(
    Type.Object({
      environment: nullable(Type.String()),
      kind: Type.String(),
      key: Type.String(),
      before: AnyJson,
      after: AnyJson,
    }),
  ),
  considered: Type.Unsafe<Record<string, number>>({ ...Counts, description: 'Contexts looked at, by kind' }),
  changed: Type.Unsafe<Record<string, number>>({ ...Counts, description: 'Those that get another value, by kind' }),
  transitions: Type.Array(
    Type.Object({
      setting: Type.String(),
      kind: Type.String(),
      count: Type.Integer(),
      before: Served,
      after: Served,
    }),
  ),
  examples: Type.Array(
    Type.Object({
      setting: Type.String(),
      kind: Type.String(),
      key: Type.String(),
      name: nullable(Type.String()),
      before: Served,
      after: Served,
    }),
  ),
});

function effectsBody(effects: Effects): Omit<Static<typeof PreviewSchema>, 'revision' | 'items'> {
  return {
    considered: effects.considered,
    changed: effects.changed,
    transitions: effects.transitions.map(({ setting, kind, count, before, after }) => ({
      setting,
      kind,
      count,
      before: servedBody(before),
      after: servedBody(after),
    })),
    examples: effects.examples.map(({ before, after, ...rest }) => ({
      ...rest,
      before: servedBody(before),
      after: servedBody(after),
    })),
  };
}

function servedBody({ value, variationIndex }: Detail): Static<typeof Served> {
  return { value: shortValue(value), variationIndex };
}
