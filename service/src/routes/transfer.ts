import { type DataSet, type Json, parseDataSet, takeDataSet } from 'feathery-server-sdk/protocol';
import { type Static, Type } from 'typebox';
import type { Routes } from '../app.js';
import { runImport } from '../imports.js';
import { environmentsIn, fromDataSet, fromFlagList, type LaunchDarklyImport } from '../launchdarkly.js';
import { isObject } from '../merge-patch.js';
import { invalidBody, Problem } from '../problems.js';
import { AnyJson, CLOSED, CommentQuery, Key, Name, Revision } from '../schemas.js';
import { SETTING_TYPES, type SettingType } from '../storage/definitions.js';
import { EXPORT_FORMAT, EXPORT_FORMAT_VERSION, exportService, type ImportData } from '../transfer.js';

export const transferRoutes: Routes = async (app, { parts }) => {
  const { config, database, feed } = parts;
  const bodyLimit = config.maxImportBytes;

  app.get(
    '/export',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'exportService',
        summary: 'All settings and segments of all environments',
        description: 'No SDK keys, tokens or members. `POST /api/v1/import` takes it, here or in another service.',
        tags: ['transfer'],
        response: { 200: ExportSchema },
      },
    },
    async (_request, reply) => {
      reply.header('content-disposition', 'attachment; filename="feathery-export.json"');
      return (await exportService(database, feed, parts.now())) as unknown as Static<typeof ExportSchema>;
    },
  );

  app.post(
    '/import',
    {
      config: { access: 'manage-access' },
      bodyLimit,
      schema: {
        operationId: 'importService',
        summary: 'Bring settings and segments to what an export says',
        description: 'All or none, as one change. Environments that are missing are made; what is not named stays.',
        tags: ['transfer'],
        querystring: CommentQuery,
        body: ExportSchema,
        response: { 200: ImportResult },
      },
    },
    async ({ body, query, identity }) => {
      const data = body as unknown as ImportData;
      const imported = await runImport(parts, data, query.comment ?? 'Import', identity.actor);
      return resultBody(imported, []);
    },
  );

  app.post(
    '/import/launchdarkly',
    {
      config: { access: 'manage-access' },
      bodyLimit,
      schema: {
        operationId: 'importLaunchDarkly',
        summary: 'Import what LaunchDarkly exports',
        description:
          '`data` is either what its SDKs get (`{"flags", "segments"}`), for one environment, or the answer of its ' +
          'REST API to a list of flags (`{"items"}`), with all their environments.',
        tags: ['transfer'],
        querystring: CommentQuery,
        body: Type.Object(
          {
            data: Type.Unsafe<{ readonly [field: string]: Json }>({ type: 'object' }),
            environment: Type.Optional(Key),
            environments: Type.Optional(
              Type.Record(Type.String(), Key, {
                description: 'With `items`: key there → key here. Default: every one, under the same key.',
              }),
            ),
          },
          CLOSED,
        ),
        response: { 200: ImportResult },
      },
    },
    async ({ body, query, identity }) => {
      const { warnings, ...data } = readLaunchDarkly(body);
      const comment = query.comment ?? 'Import from LaunchDarkly';
      return resultBody(await runImport(parts, data, comment, identity.actor), warnings);
    },
  );

  app.post(
    '/import/stream',
    {
      config: { access: 'manage-access', problems: ['import_failed'] },
      schema: {
        operationId: 'importStream',
        summary: 'Import what an SDK key opens: connect to a stream, take its data, disconnect',
        description: 'Works with LaunchDarkly, its relay and other Feathery services. The key is not kept.',
        tags: ['transfer'],
        querystring: CommentQuery,
        body: Type.Object(
          {
            streamUri: Type.String({
              pattern: '^https?://',
              maxLength: 2048,
              description: 'What `/all` is appended to',
            }),
            sdkKey: Type.String({ minLength: 1, maxLength: 256, pattern: '^[\\x21-\\x7e]+$' }),
            environment: Key,
          },
          CLOSED,
        ),
        response: { 200: ImportResult },
      },
    },
    async ({ body: { streamUri, sdkKey, environment }, query, identity }) => {
      if (!URL.canParse(streamUri)) throw invalidBody([{ pointer: '/streamUri', detail: 'is no address' }]);
      const { warnings, ...data } = fromDataSet(await take(streamUri, sdkKey), environment);
      const comment = query.comment ?? `Import from ${new URL(streamUri).host}`;
      return resultBody(await runImport(parts, data, comment, identity.actor), warnings);
    },
  );
};

const TAKE_TIMEOUT_MS = 20_000;

const Items = Type.Unsafe<Record<string, object>>({
  type: 'object',
  additionalProperties: { type: 'object' },
  description: 'By key, as they are on the wire',
});

const ExportSchema = Type.Object({
  format: Type.Literal(EXPORT_FORMAT),
  formatVersion: Type.Literal(EXPORT_FORMAT_VERSION),
  exportedAt: Type.Optional(Type.String()),
  settings: Type.Array(
    Type.Object({
      key: Key,
      name: Type.Optional(Name),
      description: Type.Optional(Type.String()),
      type: Type.Unsafe<SettingType>({ type: 'string', enum: [...SETTING_TYPES] }),
      tags: Type.Optional(Type.Array(Type.String())),
      variations: Type.Array(
        Type.Object({ value: AnyJson, name: Type.Optional(Name), description: Type.Optional(Type.String()) }),
      ),
      valueSchema: Type.Optional(AnyJson),
    }),
  ),
  environments: Type.Array(Type.Object({ key: Key, name: Type.Optional(Name), settings: Items, segments: Items })),
});

const ImportResult = Type.Object({
  settings: Type.Integer(),
  segments: Type.Integer(),
  created: Type.Array(Type.String(), { description: 'Environments that were made' }),
  revisions: Type.Record(Type.String(), Revision),
  warnings: Type.Array(Type.String(), { description: 'What was left out or needs a look' }),
});

type LaunchDarklyBody = {
  data: { readonly [field: string]: Json };
  environment?: string;
  environments?: Record<string, string>;
};

function readLaunchDarkly({ data, environment, environments }: LaunchDarklyBody): LaunchDarklyImport {
  if (Array.isArray(data.items)) {
    const keys = environments ?? Object.fromEntries(environmentsIn(data.items).map((key) => [key, key]));
    return fromFlagList(data.items, keys);
  }
  if (!isObject(data.flags)) {
    throw invalidBody([
      { pointer: '/data', detail: 'has neither "flags", as SDKs get it, nor "items", as the REST API lists them' },
    ]);
  }
  if (environment === undefined)
    throw invalidBody([{ pointer: '/environment', detail: 'is needed for this kind of data' }]);
  return fromDataSet(parseDataSet(JSON.stringify(data)), environment);
}

async function take(streamUri: string, sdkKey: string): Promise<DataSet> {
  try {
    return await takeDataSet({ streamUri, sdkKey, timeoutMs: TAKE_TIMEOUT_MS });
  } catch (error) {
    throw new Problem('import_failed', `Nothing could be taken from ${streamUri}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function resultBody(imported: Awaited<ReturnType<typeof runImport>>, warnings: readonly string[]) {
  return { ...imported, created: [...imported.created], warnings: [...warnings] };
}
