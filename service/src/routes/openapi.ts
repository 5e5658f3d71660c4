import type { Routes } from '../app.js';
import { DOCS_PAGE } from '../docs-page.js';

/** Nothing but itself may be loaded or asked: the page works where there is no other network. */
const DOCS_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'";

export const openapiRoutes: Routes = async (app) => {
  app.get('/openapi.json', { config: { access: 'public' }, schema: { hide: true } }, async () => app.swagger());
};

export const docsRoutes: Routes = async (app) => {
  app.get('/api/docs', { schema: { hide: true } }, async (_request, reply) => {
    reply.type('text/html; charset=utf-8').header('content-security-policy', DOCS_POLICY);
    return DOCS_PAGE;
  });
};
