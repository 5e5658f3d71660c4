// The app as a value: every plugin and every route file, top to bottom.
import type { FastifyPluginAsyncTypebox, TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { type FastifyBaseLogger } from 'fastify';
import { guardAdminRoutes } from './auth.js';
import { describeApi } from './openapi.js';
import type { Parts } from './parts.js';
import { Problem, sendProblem } from './problems.js';
import { RequestLog } from './request-log.js';
import { analyticsRoutes } from './routes/analytics.js';
import { auditRoutes } from './routes/audit.js';
import { bulkRoutes } from './routes/bulk.js';
import { changeSetRoutes } from './routes/change-sets.js';
import { changeRoutes } from './routes/changes.js';
import { comparisonRoutes } from './routes/comparison.js';
import { connectionRoutes } from './routes/connections.js';
import { contextRequestRoutes } from './routes/context-requests.js';
import { contextRoutes } from './routes/contexts.js';
import { serveDashboard } from './routes/dashboard.js';
import { diagnosticRoutes } from './routes/diagnostic.js';
import { environmentSettingRoutes } from './routes/environment-settings.js';
import { environmentRoutes } from './routes/environments.js';
import { evaluateRoutes } from './routes/evaluate.js';
import { healthRoutes } from './routes/health.js';
import { liveRoutes } from './routes/live.js';
import { memberRoutes } from './routes/members.js';
import { ofrepRoutes } from './routes/ofrep.js';
import { docsRoutes, openapiRoutes } from './routes/openapi.js';
import { overviewRoutes } from './routes/overview.js';
import { policyRoutes } from './routes/policies.js';
import { pollRoutes } from './routes/poll.js';
import { previewRoutes } from './routes/preview.js';
import { receiptRoutes } from './routes/receipts.js';
import { sdkKeyRoutes } from './routes/sdk-keys.js';
import { segmentUsageRoutes } from './routes/segment-usage.js';
import { segmentRoutes } from './routes/segments.js';
import { sessionRoutes } from './routes/session.js';
import { settingRoutes } from './routes/settings.js';
import { streamRoutes } from './routes/stream.js';
import { tokenRoutes } from './routes/tokens.js';
import { transferRoutes } from './routes/transfer.js';
import { acceptJson, checkDepth, compileValidator } from './schema-validation.js';
import { trackUnusedConnections } from './unused-connections.js';

/** A route file: registered with the parts it works on. */
export type Routes = FastifyPluginAsyncTypebox<{ parts: Parts }>;

export type App = ReturnType<typeof createApp>;

export function createApp(parts: Parts) {
  const app = Fastify({
    loggerInstance: parts.log as FastifyBaseLogger,
    logController: new RequestLog(),
    bodyLimit: parts.config.maxBodyBytes,
    trustProxy: parts.config.trustProxy ? [...parts.config.trustProxy] : false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1024 },
    // Requests under way are answered; streams are ended before, by the hook below.
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    // Faults that Fastify finds before there is a route, such as an address that is no address.
    frameworkErrors: sendProblem,
  }).withTypeProvider<TypeBoxTypeProvider>();

  acceptJson(app);
  describeApi(app);
  app.setValidatorCompiler(compileValidator);
  // Response schemas describe; they do not reshape what a handler returns.
  app.setSerializerCompiler(() => JSON.stringify);
  app.setErrorHandler(sendProblem);
  const sendPage = parts.dashboardDir === undefined ? undefined : serveDashboard(app, parts.dashboardDir);
  app.setNotFoundHandler((request, reply) => {
    if (sendPage?.(request, reply)) return reply;
    const { method, url } = request;
    throw new Problem('not_found', `There is nothing at ${method} ${url.split('?')[0]}.`);
  });

  app.addHook('onRequest', async (_request, reply) => {
    reply.header('x-content-type-options', 'nosniff');
  });
  app.addHook('onResponse', async ({ method, routeOptions }, { statusCode, elapsedTime }) => {
    parts.metrics.requests.observe(
      { method, route: routeOptions.url ?? 'unknown', status: statusCode },
      elapsedTime / 1000,
    );
  });
  const closeUnused = trackUnusedConnections(app.server);
  app.addHook('preClose', async () => {
    await parts.streaming.drain(parts.config.drainMs);
    closeUnused();
  });

  app.register(healthRoutes, { parts });
  app.register(docsRoutes, { parts });

  // What SDKs call (protocol.md 9).
  app.register(streamRoutes, { parts });
  app.register(pollRoutes, { parts });
  app.register(bulkRoutes, { parts });
  app.register(diagnosticRoutes, { parts });
  app.register(receiptRoutes, { parts });
  app.register(ofrepRoutes, { parts });

  // What people and programs call.
  app.register(
    async (admin) => {
      guardAdminRoutes(admin, parts.auth);
      admin.addHook('preValidation', checkDepth);
      admin.register(openapiRoutes, { parts });
      admin.register(settingRoutes, { parts });
      admin.register(environmentRoutes, { parts });
      admin.register(policyRoutes, { parts });
      admin.register(comparisonRoutes, { parts });
      admin.register(transferRoutes, { parts });
      admin.register(environmentSettingRoutes, { parts });
      admin.register(overviewRoutes, { parts });
      admin.register(segmentRoutes, { parts });
      admin.register(segmentUsageRoutes, { parts });
      admin.register(changeRoutes, { parts });
      admin.register(previewRoutes, { parts });
      admin.register(changeSetRoutes, { parts });
      admin.register(evaluateRoutes, { parts });
      admin.register(connectionRoutes, { parts });
      admin.register(liveRoutes, { parts });
      admin.register(analyticsRoutes, { parts });
      admin.register(contextRoutes, { parts });
      admin.register(contextRequestRoutes, { parts });
      admin.register(auditRoutes, { parts });
      admin.register(sessionRoutes, { parts });
      admin.register(memberRoutes, { parts });
      admin.register(tokenRoutes, { parts });
      admin.register(sdkKeyRoutes, { parts });
    },
    { prefix: '/api/v1' },
  );

  return app;
}
