import { Type } from 'typebox';
import type { Routes } from '../app.js';
import type { EnvironmentData } from '../environment-data.js';
import { etagOf, expectedVersion } from '../etag.js';
import { pageOf, readCursor } from '../paging.js';
import { Problem } from '../problems.js';
import {
  AnyJson,
  CLOSED,
  CommentQuery,
  DefinitionPatch,
  definitionFields,
  IfMatch,
  Key,
  MERGE_PATCH_TYPES,
  NextCursor,
  Page,
  SettingTypeSchema,
  Time,
  ValueSchema,
} from '../schemas.js';
import { changeSetting, createSetting, type DefinitionFields, deleteSetting, type NewSetting } from '../settings.js';
import { type Definition, listDefinitions, readDefinition } from '../storage/definitions.js';
import { isoTime } from '../time.js';

export const settingRoutes: Routes = async (app, { parts }) => {
  const { changes, config, database, feed } = parts;
  const body = (definition: Definition) => definitionBody(definition, feed.environments.values());

  app.get(
    '/settings',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listSettings',
        summary: 'All settings, in the order of their keys',
        tags: ['settings'],
        querystring: Type.Object({
          q: Type.Optional(Type.String({ maxLength: 256, description: 'Part of key, name or description' })),
          tag: Type.Optional(Type.String({ maxLength: 64 })),
          ...Page,
        }),
        response: { 200: Type.Object({ settings: Type.Array(SettingSchema), nextCursor: NextCursor }) },
      },
    },
    async ({ query: { q, tag, limit, cursor } }) => {
      const filter = { q, tag, after: readCursor(cursor), limit: limit + 1 };
      const { items, nextCursor } = pageOf(await listDefinitions(database, filter), limit, ({ key }) => key);
      return { settings: items.map(body), nextCursor };
    },
  );

  app.post(
    '/settings',
    {
      config: { access: 'edit-settings' },
      schema: {
        operationId: 'createSetting',
        summary: 'Create a setting, off in every environment',
        description: 'A boolean may leave its variations out: they are then true and false.',
        tags: ['settings'],
        querystring: CommentQuery,
        body: Type.Object({ key: Key, type: SettingTypeSchema, ...definitionFields }, CLOSED),
        response: { 201: SettingSchema },
      },
    },
    async ({ body: wish, query, identity }, reply) => {
      const entry = { action: 'setting.create', actor: identity.actor, comment: query.comment ?? '' };
      const { result } = await changes.commit(entry, (draft) =>
        createSetting(draft, wish as NewSetting, { now: parts.now(), maxSettings: config.maxSettings }),
      );
      reply.code(201).headers({ etag: etagOf(result.version), location: `/api/v1/settings/${result.key}` });
      return body(result);
    },
  );

  app.get(
    '/settings/:key',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getSetting',
        summary: 'A setting',
        tags: ['settings'],
        params: KeyParams,
        response: { 200: SettingSchema },
      },
    },
    async ({ params: { key } }, reply) => {
      const definition = await readDefinition(database, key);
      if (definition === undefined) throw new Problem('setting_not_found', `There is no setting "${key}".`);
      reply.header('etag', etagOf(definition.version));
      return body(definition);
    },
  );

  app.patch(
    '/settings/:key',
    {
      config: { access: 'edit-settings' },
      schema: {
        operationId: 'changeSetting',
        summary: 'Change what a setting is in every environment',
        description:
          'Fields that are named replace the present ones. Rules and targets name variations by index, so keep the ' +
          'order; what still names an index that would be gone is answered with 422.',
        tags: ['settings'],
        consumes: [...MERGE_PATCH_TYPES],
        params: KeyParams,
        querystring: CommentQuery,
        headers: IfMatch,
        body: DefinitionPatch,
        response: { 200: SettingSchema },
      },
    },
    async ({ params, body: fields, query, headers, identity }, reply) => {
      const entry = {
        action: 'setting.change',
        actor: identity.actor,
        comment: query.comment ?? '',
        locate: () => '/variations',
      };
      const expected = expectedVersion(headers['if-match']);
      const { result } = await changes.commit(entry, (draft) =>
        changeSetting(draft, params.key, fields as DefinitionFields, { now: parts.now(), expected }),
      );
      reply.header('etag', etagOf(result.version));
      return body(result);
    },
  );

  app.delete(
    '/settings/:key',
    {
      config: { access: 'edit-settings' },
      schema: {
        operationId: 'deleteSetting',
        summary: 'Delete a setting in every environment',
        description: 'Refused while it is a prerequisite of another setting.',
        tags: ['settings'],
        params: KeyParams,
        querystring: CommentQuery,
        headers: IfMatch,
        response: { 204: Type.Null() },
      },
    },
    async ({ params, query, headers, identity }, reply) => {
      const entry = { action: 'setting.delete', actor: identity.actor, comment: query.comment ?? '' };
      const expected = expectedVersion(headers['if-match']);
      await changes.commit(entry, (draft) => deleteSetting(draft, params.key, expected));
      return reply.code(204).send(null);
    },
  );
};

const KeyParams = Type.Object({ key: Type.String() });

const SettingSchema = Type.Object({
  key: Type.String(),
  version: Type.Integer({ description: 'Of what is the same in every environment' }),
  name: Type.String(),
  description: Type.String(),
  type: SettingTypeSchema,
  tags: Type.Array(Type.String()),
  variations: Type.Array(Type.Object({ value: AnyJson, name: Type.String(), description: Type.String() })),
  valueSchema: ValueSchema,
  createdAt: Time,
  updatedAt: Time,
  environments: Type.Record(Type.String(), Type.Object({ version: Type.Integer(), on: Type.Boolean() }), {
    description: 'Whether it is on, by environment',
  }),
});

function definitionBody(definition: Definition, environments: Iterable<EnvironmentData>) {
  const states: Record<string, { version: number; on: boolean }> = {};
  for (const environment of environments) {
    const setting = environment.settings.get(definition.key);
    if (setting !== undefined) states[environment.key] = { version: setting.version, on: setting.on ?? false };
  }
  return {
    ...definition,
    tags: [...definition.tags],
    variations: [...definition.variations],
    createdAt: isoTime(definition.createdAt),
    updatedAt: isoTime(definition.updatedAt),
    environments: states,
  };
}
