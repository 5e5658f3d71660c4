import { type Static, Type } from 'typebox';
import type { Routes } from '../app.js';
import { checkGrant, EnvironmentsSchema, RoleSchema } from '../grants.js';
import { MAX_NAME_LENGTH } from '../limits.js';
import { CLOSED, nullable, Time } from '../schemas.js';
import type { Token } from '../storage/tokens.js';
import { isoTime, isoTimeOrNull, parseTimeOrNull } from '../time.js';

export const tokenRoutes: Routes = async (app, { parts }) => {
  const { tokens } = parts.auth;

  app.get(
    '/tokens',
    {
      config: { access: 'manage-access' },
      schema: {
        operationId: 'listTokens',
        summary: 'All admin API tokens, newest first',
        tags: ['tokens'],
        response: { 200: Type.Object({ tokens: Type.Array(TokenSchema) }) },
      },
    },
    async () => ({ tokens: (await tokens.list()).map(tokenBody) }),
  );

  app.post(
    '/tokens',
    {
      config: { access: 'manage-access' },
      schema: {
        operationId: 'createToken',
        summary: 'Make an admin API token',
        tags: ['tokens'],
        body: NewToken,
        response: { 201: Type.Object({ token: TokenSchema, secret: Secret }) },
      },
    },
    async ({ body, identity }, reply) => {
      const { name, role, environments = null, expiresAt = null } = body;
      const wish = {
        name,
        ...checkGrant({ role, environments }, parts.feed),
        expiresAt: parseTimeOrNull(expiresAt, '/expiresAt'),
      };
      const { token, secret } = await tokens.create(wish, identity.actor);
      reply.code(201);
      return { token: tokenBody(token), secret };
    },
  );

  app.delete(
    '/tokens/:id',
    {
      config: { access: 'manage-access' },
      schema: {
        operationId: 'revokeToken',
        summary: 'End a token at once',
        tags: ['tokens'],
        params: Type.Object({ id: Type.String() }),
        response: { 204: Type.Null() },
      },
    },
    async ({ params, identity }, reply) => {
      await tokens.revoke(params.id, identity.actor);
      return reply.code(204).send(null);
    },
  );
};

const Secret = Type.String({ description: 'Shown this once. It is stored as a hash and cannot be had again.' });

const NewToken = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: MAX_NAME_LENGTH }),
    role: RoleSchema,
    environments: Type.Optional(EnvironmentsSchema),
    expiresAt: Type.Optional(nullable(Time)),
  },
  CLOSED,
);

const TokenSchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  hint: Type.String({ description: "The secret's last characters" }),
  role: RoleSchema,
  environments: EnvironmentsSchema,
  createdAt: Time,
  createdBy: Type.String(),
  expiresAt: nullable(Time),
  lastUsedAt: nullable(Time),
});

function tokenBody({ createdAt, expiresAt, lastUsedAt, ...token }: Token): Static<typeof TokenSchema> {
  return {
    ...token,
    createdAt: isoTime(createdAt),
    expiresAt: isoTimeOrNull(expiresAt),
    lastUsedAt: isoTimeOrNull(lastUsedAt),
  };
}
