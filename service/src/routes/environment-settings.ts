import { Type } from 'typebox';
import type { Routes } from '../app.js';
import { etagOf, expectedVersion } from '../etag.js';
import { operate, type Patch } from '../operations.js';
import { pageOf, readCursor } from '../paging.js';
import { Problem } from '../problems.js';
import {
  CommentQuery,
  IfMatch,
  MERGE_PATCH_TYPES,
  NextCursor,
  Page,
  Revision,
  type SettingBody,
  SettingItem,
  SettingPatch,
} from '../schemas.js';

export const environmentSettingRoutes: Routes = async (app, { parts }) => {
  const { changes, config, feed } = parts;

  app.get(
    '/environments/:env/settings',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listEnvironmentSettings',
        summary: 'What an environment serves, in the order of the keys',
        tags: ['settings'],
        params: Type.Object({ env: Type.String() }),
        querystring: Type.Object(Page),
        response: {
          200: Type.Object({
            environment: Type.String(),
            revision: Revision,
            settings: Type.Array(SettingItem),
            nextCursor: NextCursor,
          }),
        },
      },
    },
    async ({ params, query: { limit, cursor } }) => {
      const { key, revision, settings } = feed.environment(params.env);
      const after = readCursor(cursor) ?? '';
      const keys = [...settings.keys()].filter((candidate) => candidate > after).sort();
      const page = pageOf(keys.slice(0, limit + 1), limit, (last) => last);
      const items = page.items.map((item) => settings.get(item) as SettingBody);
      return { environment: key, revision, settings: items, nextCursor: page.nextCursor };
    },
  );

  app.get(
    '/environments/:env/settings/:key',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getEnvironmentSetting',
        summary: 'What an environment serves for a setting',
        tags: ['settings'],
        params: SettingParams,
        response: { 200: SettingAnswer },
      },
    },
    async ({ params: { env, key } }, reply) => {
      const environment = feed.environment(env);
      const setting = environment.settings.get(key);
      if (setting === undefined) throw new Problem('setting_not_found', `There is no setting "${key}" in ${env}.`);
      reply.header('etag', etagOf(setting.version));
      return { environment: env, revision: environment.revision, setting: setting as SettingBody };
    },
  );

  app.patch(
    '/environments/:env/settings/:key',
    {
      config: { access: 'edit-environment' },
      schema: {
        operationId: 'changeEnvironmentSetting',
        summary: 'Change what an environment serves for a setting',
        description:
          'A JSON merge patch: objects are merged, null takes a field away, lists are replaced. A `fallthrough` that ' +
          'names a variation replaces a rollout and the other way round. Targets of kind user are kept in `targets`; ' +
          '`contextTargets` then has a placeholder without values, which fixes their place in the order.',
        tags: ['settings'],
        consumes: [...MERGE_PATCH_TYPES],
        params: SettingParams,
        querystring: CommentQuery,
        headers: IfMatch,
        body: SettingPatch,
        response: { 200: SettingAnswer },
      },
    },
    async ({ params: { env, key }, body, query, headers, identity }, reply) => {
      const entry = { action: 'setting.change', actor: identity.actor, comment: query.comment ?? '' };
      const version = expectedVersion(headers['if-match']);
      const { result } = await changes.commit(entry, (draft) => {
        const environment = draft.environment(env);
        operate(environment, { op: 'patch', kind: 'setting', key, patch: body as Patch, version }, config.maxSegments);
        return { environment: env, revision: environment.revision, setting: environment.setting(key) as SettingBody };
      });
      reply.header('etag', etagOf(result.setting.version));
      return result;
    },
  );
};

const SettingParams = Type.Object({ env: Type.String(), key: Type.String() });
const SettingAnswer = Type.Object({ environment: Type.String(), revision: Revision, setting: SettingItem });
