// `GET /sdk/latest-all`: everything at once, for SDKs that poll (protocol.md 5 and 9.6).
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Type } from 'typebox';
import type { Routes } from '../app.js';
import { acceptsGzip, matches } from '../kept-body.js';
import { Problem } from '../problems.js';
import { noBody } from '../schemas.js';
import { refuseFilter } from '../sdk-request.js';

const compress = promisify(gzip);

interface Compressed {
  readonly etag: string;
  readonly body: Promise<Buffer>;
}

export const pollRoutes: Routes = async (app, { parts }) => {
  const { auth, feed } = parts;
  /** The present data set of each environment, compressed once. */
  const compressed = new Map<string, Compressed>();
  feed.on('removed', (key) => compressed.delete(key));

  app.get(
    '/sdk/latest-all',
    {
      schema: {
        operationId: 'poll',
        summary: 'All settings, for SDKs that poll',
        tags: ['sdk'],
        response: {
          200: {
            description: 'Settings and segments by key',
            content: { 'application/json': { schema: DataSetSchema } },
          },
          304: noBody('Nothing has changed since `If-None-Match`'),
        },
      },
    },
    async (request, reply) => {
      const identity = await auth.authenticateSdk(request);
      auth.limitSdkRate(identity);
      const { environment: key } = identity;
      refuseFilter(request);
      const environment = feed.environments.get(key);
      if (environment === undefined) throw new Problem('busy', 'The settings are not loaded yet.');

      const etag = environment.etag();
      // Weak, as it stands for the compressed body and the plain one alike.
      reply.headers({ etag: `W/${etag}`, 'x-ld-envid': key, vary: 'accept-encoding', 'cache-control': 'no-cache' });
      if (matches(request.headers['if-none-match'], etag)) return reply.code(304).send();
      reply.type('application/json; charset=utf-8');
      if (!acceptsGzip(request.headers['accept-encoding'])) return reply.send(environment.dataSet());
      let entry = compressed.get(key);
      if (entry?.etag !== etag) {
        entry = { etag, body: compress(environment.dataSet()) };
        compressed.set(key, entry);
      }
      return reply.header('content-encoding', 'gzip').send(await entry.body);
    },
  );
};

const Items = Type.Unsafe<object>({ type: 'object', additionalProperties: { type: 'object' } });
/** Sent as it is kept: as text or compressed. */
const DataSetSchema = Type.Unsafe<unknown>(Type.Object({ flags: Items, segments: Items }));
