// Evaluation over HTTP for any language: the OpenFeature Remote Evaluation Protocol, version 1.
import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { evaluate } from 'feathery-server-sdk/protocol';
import { Type } from 'typebox';
import type { Routes } from '../app.js';
import type { EnvironmentData } from '../environment-data.js';
import { contextOf, eventsOf, isFailure, type OfrepFailure, resultOf } from '../ofrep.js';
import { Problem } from '../problems.js';
import { AnyJson, noBody } from '../schemas.js';
import { readJson, requireSdkKey } from '../sdk-request.js';
import { withinTime } from '../time-limit.js';

const MAX_BYTES = 1_048_576;

const Success = Type.Object({
  key: Type.String(),
  value: Type.Optional(AnyJson),
  reason: Type.String(),
  variant: Type.Optional(Type.String()),
  metadata: Type.Object({ version: Type.Integer() }),
});
const Failure = Type.Object({
  key: Type.Optional(Type.String()),
  errorCode: Type.String(),
  errorDetails: Type.String(),
});

export const ofrepRoutes: Routes = async (app, { parts }) => {
  // Providers send the key as `X-API-Key` as well as in `Authorization`.
  requireSdkKey(app, {
    authenticateSdk: ({ headers }) => {
      const apiKey = headers['x-api-key'];
      const authorization = headers.authorization ?? (typeof apiKey === 'string' ? apiKey : undefined);
      return parts.auth.authenticateSdk({ headers: { authorization } });
    },
    limitSdkRate: (identity) => parts.auth.limitSdkRate(identity),
  });

  app.post(
    '/ofrep/v1/evaluate/flags/:key',
    {
      bodyLimit: MAX_BYTES,
      schema: {
        operationId: 'ofrepEvaluate',
        summary: 'The value of one setting, for OpenFeature providers',
        tags: ['ofrep'],
        params: Type.Object({ key: Type.String() }),
        response: { 200: Success, 400: Failure, 404: Failure },
      },
    },
    async (request, reply) => {
      const { key } = request.params;
      const context = await readContext(request);
      if (isFailure(context)) return fail(reply, 400, { key, ...context });
      const { store } = environmentOf(request);
      const setting = store.setting(key);
      if (setting === undefined) {
        return fail(reply, 404, { key, errorCode: 'FLAG_NOT_FOUND', errorDetails: 'There is no such setting.' });
      }
      const detail = withinTime(() => evaluate(store, setting, context));
      for (const event of eventsOf(setting, detail, context)) parts.ingest.note(request.sdk.environment, event);
      const result = resultOf(setting, detail);
      return isFailure(result) ? fail(reply, 400, result) : result;
    },
  );

  app.post(
    '/ofrep/v1/evaluate/flags',
    {
      bodyLimit: MAX_BYTES,
      schema: {
        operationId: 'ofrepEvaluateAll',
        summary: 'The values of all settings, for OpenFeature providers',
        tags: ['ofrep'],
        response: {
          200: Type.Object({ flags: Type.Array(Type.Union([Success, Failure])) }),
          304: noBody('Nothing has changed since `If-None-Match`'),
          400: Failure,
        },
      },
    },
    async (request, reply) => {
      const context = await readContext(request);
      if (isFailure(context)) return fail(reply, 400, context);
      const environment = environmentOf(request);
      const etag = etagFor(environment, context);
      reply.header('etag', etag);
      if (request.headers['if-none-match'] === etag) return reply.code(304).send();
      const { store } = environment;
      const flags = withinTime(() =>
        [...store.settings()].map((setting) => resultOf(setting, evaluate(store, setting, context))),
      );
      return { flags };
    },
  );

  function environmentOf({ sdk }: FastifyRequest): EnvironmentData {
    const environment = parts.feed.environments.get(sdk.environment);
    if (environment === undefined) throw new Problem('busy', 'The settings are not loaded yet.');
    return environment;
  }
};

async function readContext(request: FastifyRequest): Promise<ReturnType<typeof contextOf>> {
  try {
    return contextOf(await readJson(request, MAX_BYTES));
  } catch (error) {
    if (error instanceof Problem && error.code === 'invalid_json') {
      return { errorCode: 'PARSE_ERROR', errorDetails: error.message };
    }
    throw error;
  }
}

function fail(reply: FastifyReply, status: number, failure: OfrepFailure): FastifyReply {
  return reply.code(status).send(failure);
}

/** What is served follows from the data and the context alone. */
function etagFor({ epoch, revision }: EnvironmentData, context: object): string {
  const digest = createHash('sha256').update(JSON.stringify(context)).digest('base64url').slice(0, 22);
  return `"${epoch}-${revision}-${digest}"`;
}
