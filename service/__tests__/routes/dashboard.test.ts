import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify, { type FastifyInstance } from 'fastify';
import { serveDashboard } from '../../src/routes/dashboard.js';

let folder: string;
let app: FastifyInstance;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'feathery-dashboard-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<meta property="csp-nonce" nonce="__CSP_NONCE__">');
  writeFileSync(join(folder, 'assets/index-1a2b.js'), 'export {};');
  app = Fastify();
  const sendPage = serveDashboard(app, folder);
  app.setNotFoundHandler((request, reply) => (sendPage(request, reply) ? reply : reply.code(404).send()));
});

afterEach(async () => {
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

const visit = (url: string) => app.inject({ url, headers: { accept: 'text/html,*/*' } });

describe('the dashboard', () => {
  it('answers with its page at the addresses of its pages', async () => {
    for (const url of ['/', '/production/settings/a.b', '/setup']) {
      const answer = await visit(url);
      expect(answer.statusCode).toBe(200);
      expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
      expect(answer.headers['cache-control']).toBe('no-store');
    }
  });

  it('allows style elements by a nonce that no other answer has', async () => {
    const nonces = [await visit('/'), await visit('/')].map(({ body, headers }) => {
      const [, nonce] = /nonce="([^"]+)"/.exec(body) as unknown as [string, string];
      expect(headers['content-security-policy']).toContain(`'nonce-${nonce}'`);
      return nonce;
    });
    expect(nonces[0]).not.toBe(nonces[1]);
  });

  it('lets browsers keep files whose names change with what is in them', async () => {
    const { headers, body } = await app.inject('/assets/index-1a2b.js');
    expect(body).toBe('export {};');
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
  });

  it('leaves unknown API addresses and other methods to others', async () => {
    expect((await visit('/api/v1/nothing')).statusCode).toBe(404);
    expect((await app.inject({ url: '/nothing', headers: { accept: 'application/json' } })).statusCode).toBe(404);
    expect((await app.inject({ url: '/', method: 'POST', headers: { accept: 'text/html' } })).statusCode).toBe(404);
  });
});
