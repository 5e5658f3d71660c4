// `POST /diagnostic`: what SDKs tell of themselves (protocol.md 6.7). Acknowledged and not kept: `connections` shows
// what people need of it.
import type { Routes } from '../app.js';
import { noBody } from '../schemas.js';
import { readJson, requireSdkKey } from '../sdk-request.js';

const MAX_BYTES = 262_144;

export const diagnosticRoutes: Routes = async (app, { parts }) => {
  requireSdkKey(app, parts.auth);

  app.post(
    '/diagnostic',
    {
      bodyLimit: MAX_BYTES,
      schema: {
        operationId: 'sendDiagnostic',
        summary: 'Diagnostics, from SDKs',
        tags: ['sdk'],
        response: { 202: noBody('Taken') },
      },
    },
    async (request, reply) => {
      await readJson(request, MAX_BYTES);
      return reply.code(202).send();
    },
  );
};
