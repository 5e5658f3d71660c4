// `GET /all`: the stream SDKs live on (protocol.md 4 and 9.3, design.md 6).
import type { Routes } from '../app.js';
import { parsePosition } from '../frames.js';
import type { Refusal } from '../hub.js';
import { Problem } from '../problems.js';
import { EVENT_STREAM } from '../schemas.js';
import { refuseFilter } from '../sdk-request.js';
import { openSink } from '../sink.js';

const REFUSALS: Readonly<Record<Refusal, string>> = {
  draining: 'The service is shutting down.',
  too_many_streams: 'As many streams are open as this service takes.',
  too_many_streams_for_key: 'As many streams are open with this SDK key as are allowed.',
};

export const streamRoutes: Routes = async (app, { parts }) => {
  const { auth, config, now, random, streaming } = parts;
  const { hub, connections, receipts, resume } = streaming;

  // Fastify answers new requests with 503 by then.
  app.addHook('preClose', () => streaming.drain(config.drainMs));

  app.get(
    '/all',
    {
      exposeHeadRoute: false,
      schema: {
        operationId: 'stream',
        summary: 'Settings and their changes, for SDKs',
        tags: ['sdk'],
        response: { 200: EVENT_STREAM },
      },
    },
    async (request, reply) => {
      const { environment, keyId } = await auth.authenticateSdk(request);
      refuseFilter(request);
      if (hub.source(environment) === undefined) throw new Problem('busy', 'The settings are not loaded yet.');
      const refusal = hub.refusal(keyId);
      if (refusal !== undefined) {
        const seconds = Math.ceil(5 + random() * 10);
        throw new Problem('busy', REFUSALS[refusal], { headers: { 'retry-after': `${seconds}` } });
      }

      const isCapable = request.headers['x-feathery-protocol'] === '1';
      const extensions = isCapable ? { 'x-feathery-protocol': '1', 'x-feathery-receipts': receipts.header } : {};
      const sink = openSink(request, reply, { 'x-ld-envid': environment, ...extensions });
      const subscriber = hub.attach(sink, { environment, keyId, form: isCapable ? 'changes' : 'patches' });
      connections.add(subscriber, request, now());

      const position = isCapable ? parsePosition(request.headers['last-event-id'] as string | undefined) : undefined;
      if (position === undefined) hub.sendSnapshot(subscriber);
      else await resume.start(subscriber, position);
    },
  );
};
