// The app as a value: every plugin and every route file, top to bottom.
import type { FastifyPluginAsyncTypebox, TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import '@fastify/swagger';
import Fastify, { type FastifyBaseLogger } from 'fastify';
import { guardAdminRoutes } from './auth.js';
import type { Parts } from './parts.js';
import { Problem, sendProblem } from './problems.js';
import { RequestLog } from './request-log.js';
import { healthRoutes } from './routes/health.js';
import { memberRoutes } from './routes/members.js';
import { pollRoutes } from './routes/poll.js';
import { sdkKeyRoutes } from './routes/sdk-keys.js';
import { sessionRoutes } from './routes/session.js';
import { streamRoutes } from './routes/stream.js';
import { tokenRoutes } from './routes/tokens.js';
import { compileValidator } from './schema-validation.js';

/** A route file: registered with the parts it works on. */
export type Routes = FastifyPluginAsyncTypebox<{ parts: Parts }>;

export type App = ReturnType<typeof createApp>;

export function createApp(parts: Parts) {
  const app = Fastify({
    loggerInstance: parts.log as FastifyBaseLogger,
    logController: new RequestLog(),
    bodyLimit: parts.config.maxBodyBytes,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1024 },
    forceCloseConnections: true,
  }).withTypeProvider<TypeBoxTypeProvider>();

  app.setValidatorCompiler(compileValidator);
  // Response schemas describe; they do not reshape what a handler returns.
  app.setSerializerCompiler(() => JSON.stringify);
  app.setErrorHandler(sendProblem);
  app.setNotFoundHandler(({ method, url }) => {
    throw new Problem('not_found', `There is nothing at ${method} ${url.split('?')[0]}.`);
  });

  app.register(healthRoutes, { parts });

  // What SDKs call (protocol.md 9).
  app.register(streamRoutes, { parts });
  app.register(pollRoutes, { parts });

  // What people and programs call.
  app.register(
    async (admin) => {
      guardAdminRoutes(admin, parts.auth);
      admin.register(sessionRoutes, { parts });
      admin.register(memberRoutes, { parts });
      admin.register(tokenRoutes, { parts });
      admin.register(sdkKeyRoutes, { parts });
    },
    { prefix: '/api/v1' },
  );

  return app;
}
