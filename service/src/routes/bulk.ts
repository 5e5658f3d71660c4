// `POST /bulk`: analytics from SDKs (protocol.md 6 and 9.7).
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Tally } from '../analytics.js';
import type { Routes } from '../app.js';
import { Problem } from '../problems.js';
import { noBody } from '../schemas.js';
import { readJson, requireSdkKey } from '../sdk-request.js';
import { PERIODS_MS } from '../storage/analytics.js';

/** Events counted before other requests get their turn. */
const CHUNK = 500;
/** A UUID has 36 characters; who sends something else gets room for it. */
const MAX_PAYLOAD_ID_LENGTH = 100;

export const bulkRoutes: Routes = async (app, { parts }) => {
  const { config, ingest, now, recentRequests } = parts;
  requireSdkKey(app, parts.auth);

  app.post(
    '/bulk',
    {
      bodyLimit: config.maxEventsBytes,
      schema: {
        operationId: 'sendEvents',
        summary: 'Analytics, from SDKs',
        tags: ['sdk'],
        response: { 202: noBody('Stored') },
      },
    },
    async (request, reply) => {
      const options = { receivedAt: now(), maxAgeMs: config.minuteCountDays * PERIODS_MS.day };
      const events = await readJson(request, config.maxInflatedBytes);
      if (!Array.isArray(events)) throw new Problem('invalid_request', 'The body is not an array of events.');
      const tally = new Tally();
      for (const [index, event] of events.entries()) {
        if (index % CHUNK === CHUNK - 1) await nextTurn();
        tally.add(event, options);
      }
      await ingest.store({
        environment: request.sdk.environment,
        id: payloadId(request.headers['x-launchdarkly-payload-id']),
        bytes: (request.body as Buffer).length,
        tally,
      });
      const server = serverOf(request.headers);
      for (const [index, event] of events.entries()) {
        if (index % CHUNK === CHUNK - 1) await nextTurn();
        recentRequests.add(request.sdk.environment, event, server, options.receivedAt);
      }
      return reply.code(202).send();
    },
  );
};

/** Who sends: the SDK, or the name the application gave itself in its tags. */
function serverOf(headers: { readonly [name: string]: string | string[] | undefined }): string {
  const tags = String(headers['x-launchdarkly-tags'] ?? '');
  const name = /application-name\/(\S+)/.exec(tags) ?? /application-id\/(\S+)/.exec(tags);
  return name?.[1] ?? String(headers['user-agent'] ?? '');
}

function payloadId(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && header !== '' ? header.slice(0, MAX_PAYLOAD_ID_LENGTH) : undefined;
}
