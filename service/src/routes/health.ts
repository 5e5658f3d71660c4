import { sql } from 'kysely';
import { Type } from 'typebox';
import type { Routes } from '../app.js';
import { Problem } from '../problems.js';
import { hashSecret, isSameHash } from '../secrets.js';

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

  const { metricsToken } = parts.config;
  const metricsHash = metricsToken === undefined ? undefined : hashSecret(metricsToken);
  app.get(
    '/metrics',
    {
      config: { problems: ['not_authenticated'] },
      schema: {
        operationId: 'getMetrics',
        summary: 'Numbers for Prometheus',
        tags: ['health'],
        response: { 200: { description: 'Metrics', content: { 'text/plain': { schema: Type.String() } } } },
      },
    },
    async ({ headers }, reply) => {
      const given = /^bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
      if (metricsHash !== undefined && !isSameHash(hashSecret(given), metricsHash)) {
        throw new Problem('not_authenticated', 'Send "Authorization: Bearer <FEATHERY_METRICS_TOKEN>".');
      }
      reply.type(parts.metrics.registry.contentType);
      return parts.metrics.registry.metrics();
    },
  );
};

const Status = Type.Object({ status: Type.Literal('ok') });
