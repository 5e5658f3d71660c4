// What the requests of SDKs have in common: the key, the filter, bodies that may be compressed.
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Auth, SdkIdentity } from './auth.js';
import { Problem } from './problems.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The server that is asking. Set before the handler where `requireSdkKey` was called. */
    sdk: SdkIdentity;
  }
}

const inflate = promisify(gunzip);

/** @throws Problem 404 for a payload filter (protocol.md 9.2): an environment has one data set, and no filters. */
export function refuseFilter({ query }: Pick<FastifyRequest, 'query'>): void {
  const { filter } = query as { filter?: unknown };
  if (filter !== undefined && filter !== '')
    throw new Problem('filter_not_found', 'There is no such filter. Remove it.');
}

/**
 * Asks for an SDK key on every route of `app`, and not too often, before a body is read. Takes bodies as bytes whatever
 * they call themselves: an answer like 415 would silence an SDK for good (protocol.md 9.7).
 */
export function requireSdkKey(app: FastifyInstance, auth: Pick<Auth, 'authenticateSdk' | 'limitSdkRate'>): void {
  app.decorateRequest('sdk', null as unknown as SdkIdentity);
  app.addHook('onRequest', async (request) => {
    request.sdk = await auth.authenticateSdk(request);
    auth.limitSdkRate(request.sdk);
    // Fastify answers 415 to a type that is none, whatever parsers there are.
    delete request.raw.headers['content-type'];
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, async (_request: FastifyRequest, body: Buffer) => body);
}

/**
 * The JSON of a body read by `requireSdkKey`, inflated first when it is compressed.
 *
 * @param maxBytes - Bound on the inflated body, so that a small one cannot fill the memory.
 * @throws Problem 400 or 413, and no other.
 */
export async function readJson(
  { body, headers }: Pick<FastifyRequest, 'body' | 'headers'>,
  maxBytes: number,
): Promise<unknown> {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
  const text = (await inflated(bytes, headers['content-encoding'], maxBytes)).toString();
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Problem('invalid_json', 'The body is not JSON.', { cause: error });
  }
}

async function inflated(bytes: Buffer, encoding: string | undefined, maxBytes: number): Promise<Buffer> {
  const coding = encoding?.toLowerCase() ?? '';
  if (coding === '' || coding === 'identity') return bytes;
  if (coding !== 'gzip' && coding !== 'x-gzip')
    throw new Problem('invalid_request', 'The body may be compressed by gzip only.');
  try {
    return await inflate(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new Problem('body_too_large', `The body inflates to more than ${maxBytes} bytes.`);
    }
    throw new Problem('invalid_request', 'The body is not what gzip makes.', { cause: error });
  }
}
