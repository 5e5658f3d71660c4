// The dashboard's files, and its one page at every address that is nothing else.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import serveFiles from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const NONCE_PLACE = /__CSP_NONCE__/g;
/** Names of files under assets/ carry a hash of what is in them. */
const A_YEAR_MS = 365 * 24 * 3_600_000;

/**
 * Serves the dashboard.
 *
 * @param folder - What `vite build` wrote.
 * @returns Answers with the page when a browser asks for an address of the dashboard; false when it does not.
 * @throws When the folder holds no dashboard.
 */
export function serveDashboard(app: FastifyInstance, folder: string) {
  const page = readFileSync(join(folder, 'index.html'), 'utf8');
  app.register(serveFiles, {
    root: folder,
    index: false,
    wildcard: false,
    preCompressed: true,
    maxAge: A_YEAR_MS,
    immutable: true,
    globIgnore: ['index.html*'],
  });
  const sendPage = (reply: FastifyReply) => {
    const nonce = randomBytes(16).toString('base64');
    return reply
      .headers({
        'content-security-policy': policy(nonce),
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
      })
      .type('text/html; charset=utf-8')
      .send(page.replace(NONCE_PLACE, nonce));
  };
  return (request: FastifyRequest, reply: FastifyReply): boolean => {
    const wantsPage = request.method === 'GET' && request.headers.accept?.includes('text/html') === true;
    if (!wantsPage || request.url.startsWith('/api/')) return false;
    sendPage(reply);
    return true;
  };
}

/** Nothing from elsewhere; scripts from files only; style elements only with the nonce of this answer. */
function policy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src-elem 'self' 'nonce-${nonce}'`,
    // Mantine and the charts write style attributes.
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}
