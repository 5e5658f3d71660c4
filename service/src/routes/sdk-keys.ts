import { type Static, Type } from 'typebox';
import type { Routes } from '../app.js';
import { MAX_NAME_LENGTH } from '../limits.js';
import { CLOSED, nullable, Time } from '../schemas.js';
import type { SdkKey } from '../storage/sdk-keys.js';
import { isoTime, isoTimeOrNull, parseTimeOrNull } from '../time.js';

export const sdkKeyRoutes: Routes = async (app, { parts }) => {
  const { sdkKeys } = parts.auth;

  app.get(
    '/environments/:env/sdk-keys',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listSdkKeys',
        summary: "An environment's SDK keys, newest first",
        tags: ['sdk-keys'],
        params: Type.Object({ env: Type.String() }),
        response: { 200: Type.Object({ sdkKeys: Type.Array(SdkKeySchema) }) },
      },
    },
    async ({ params }) => {
      const environment = parts.feed.environment(params.env);
      return { sdkKeys: (await sdkKeys.list(environment.key)).map(sdkKeyBody) };
    },
  );

  app.post(
    '/environments/:env/sdk-keys',
    {
      config: { access: 'manage-access' },
      schema: {
        operationId: 'createSdkKey',
        summary: 'Make an SDK key',
        tags: ['sdk-keys'],
        params: Type.Object({ env: Type.String() }),
        body: Type.Object({ name: KeyName }, CLOSED),
        response: { 201: Type.Object({ sdkKey: SdkKeySchema, secret: Secret }) },
      },
    },
    async ({ params, body, identity }, reply) => {
      const environment = parts.feed.environment(params.env);
      const { sdkKey, secret } = await sdkKeys.create(environment.key, body.name, identity.actor);
      reply.code(201);
      return { sdkKey: sdkKeyBody(sdkKey), secret };
    },
  );

  app.patch(
    '/environments/:env/sdk-keys/:id',
    {
      config: { access: 'manage-access' },
      schema: {
        operationId: 'changeSdkKey',
        summary: 'Rename an SDK key, or let it expire after an overlap',
        description: 'Until `expiresAt` the old and a new key both work; then its streams end. Null takes that back.',
        tags: ['sdk-keys'],
        params: Type.Object({ env: Type.String(), id: Type.String() }),
        body: Type.Object({ name: Type.Optional(KeyName), expiresAt: Type.Optional(nullable(Time)) }, CLOSED),
        response: { 200: SdkKeySchema },
      },
    },
    async ({ params, body, identity }) => {
      const change = {
        ...(body.name === undefined ? {} : { name: body.name }),
        ...(body.expiresAt === undefined ? {} : { expiresAt: parseTimeOrNull(body.expiresAt, '/expiresAt') }),
      };
      return sdkKeyBody(await sdkKeys.change(params.env, params.id, change, identity.actor));
    },
  );

  app.delete(
    '/environments/:env/sdk-keys/:id',
    {
      config: { access: 'manage-access' },
      schema: {
        operationId: 'expireSdkKey',
        summary: 'Let an SDK key expire now; its streams end',
        description: 'It stays in the list for a while, as expired.',
        tags: ['sdk-keys'],
        params: Type.Object({ env: Type.String(), id: Type.String() }),
        response: { 204: Type.Null() },
      },
    },
    async ({ params, identity }, reply) => {
      await sdkKeys.change(params.env, params.id, { expiresAt: parts.now() }, identity.actor);
      return reply.code(204).send(null);
    },
  );
};

const KeyName = Type.String({ minLength: 1, maxLength: MAX_NAME_LENGTH });
const Secret = Type.String({ description: 'Shown this once. It is stored as a hash and cannot be had again.' });

const SdkKeySchema = Type.Object({
  id: Type.String(),
  environment: Type.String(),
  name: Type.String(),
  hint: Type.String({ description: "The key's last characters" }),
  createdAt: Time,
  createdBy: Type.String(),
  expiresAt: nullable(Time),
  lastUsedAt: nullable(Time),
});

function sdkKeyBody({ createdAt, expiresAt, lastUsedAt, ...sdkKey }: SdkKey): Static<typeof SdkKeySchema> {
  return {
    ...sdkKey,
    createdAt: isoTime(createdAt),
    expiresAt: isoTimeOrNull(expiresAt),
    lastUsedAt: isoTimeOrNull(lastUsedAt),
  };
}
