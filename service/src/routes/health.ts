import { sql } from 'kysely';
import { Type } from 'typebox';
import type { Routes } from '../app.js';
import { Problem } from '../problems.js';

export const healthRoutes: Routes = async (app, { parts }) => {
  app.get(
    '/healthz',
    {
      schema: { operationId: 'getHealth', summary: 'The process answers', tags: ['health'], response: { 200: Status } },
    },
    async () => ({ status: 'ok' as const }),
  );

  app.get(
    '/readyz',
    {
      schema: {
        operationId: 'getReadiness',
        summary: 'The database answers and the settings are loaded',
        tags: ['health'],
        response: { 200: Status },
      },
    },
    async () => {
      await sql`select 1`.execute(parts.database).catch((error: unknown) => {
        throw new Problem('database_unavailable', 'The database does not answer.', { cause: error });
      });
      if (!parts.feed.loaded) throw new Problem('database_unavailable', 'The settings are not loaded yet.');
      return { status: 'ok' as const };
    },
  );

  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) => {
    reply.type(parts.metrics.registry.contentType);
    return parts.metrics.registry.metrics();
  });
};

const Status = Type.Object({ status: Type.Literal('ok') });
