import { PROBLEMS } from '../../src/problems.js';
import { openTestApp, type TestApp } from '../support/app.js';

interface Operation {
  operationId?: string;
  summary?: string;
  tags?: string[];
  responses: Record<string, { description?: string; content?: Record<string, unknown> }>;
}

let service: TestApp;
let document: { paths: Record<string, Record<string, Operation>>; components: { schemas: Record<string, never> } };
const operations: (readonly [string, Operation])[] = [];
beforeAll(async () => {
  service = await openTestApp();
  document = (await service.app.inject('/api/v1/openapi.json')).json();
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) operations.push([`${method} ${path}`, operation]);
  }
});
afterAll(() => service.close());

/** Every route that the app answers, as `get /api/v1/settings/{key}`, from the tree that Fastify prints. */
function routesOf({ app }: TestApp): string[] {
  const parents: string[] = [];
  const lines = app.printRoutes({ commonPrefix: false }).split('\n');
  return lines.flatMap((line) => {
    const [, indent = '', part = '', methods = ''] = /^([│ ]*)[├└]── (\S+) \(([^)]*)\)/.exec(line) ?? [];
    const depth = indent.length / 4;
    parents[depth] = (depth > 0 ? (parents[depth - 1] as string) : '') + part;
    const path = (parents[depth] as string).replace(/:(\w+)/g, '{$1}');
    return methods
      .split(', ')
      .filter((method) => method !== '' && method !== 'HEAD')
      .map((method) => `${method.toLowerCase()} ${path}`);
  });
}

describe('the OpenAPI document', () => {
  it('has every route but the one it is read at and the page that shows it', () => {
    const shown = operations.map(([name]) => name);
    const hidden = ['get /api/docs', 'get /api/v1/openapi.json'];
    expect(routesOf(service).sort()).toEqual([...shown, ...hidden].sort());
    expect(shown.length).toBeGreaterThan(60);
  });

  it('has the paths of the contract', () => {
    const paths = [
      '/settings',
      '/settings/{key}',
      '/environments',
      '/environments/{env}',
      '/audit',
      '/audit/{id}/revert',
    ];
    const inEnvironment = ['settings/{key}', 'segments', 'segments/{key}', 'changes', 'evaluate', 'sdk-keys'];
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([
        ...paths.map((path) => `/api/v1${path}`),
        ...inEnvironment.map((path) => `/api/v1/environments/{env}/${path}`),
      ]),
    );
  });

  it('names each operation once, with a summary and a group', () => {
    const ids = operations.map(([, { operationId }]) => operationId);
    expect(operations.filter(([, { operationId, summary, tags }]) => !operationId || !summary || !tags)).toEqual([]);
    expect(ids.length).toBe(new Set(ids).size);
  });

  it('says of each operation how it fails', () => {
    const silent = operations.filter(
      ([, { responses }]) => responses[503]?.content?.['application/problem+json'] === undefined,
    );
    expect(silent.map(([name]) => name)).toEqual([]);
  });

  it('describes what each operation answers with when all is well', () => {
    const bare = operations.filter(
      ([, { responses }]) => !Object.keys(responses).some((status) => /^[23]/.test(status)),
    );
    expect(bare.map(([name]) => name)).toEqual([]);
  });

  it('names the codes of each status, and every code somewhere', () => {
    const named = operations.flatMap(([, { responses }]) =>
      Object.entries(responses)
        .filter(([, { content }]) => content?.['application/problem+json'] !== undefined)
        .flatMap(([status, { description = '' }]) => {
          const codes = [...description.matchAll(/^`(\w+)`: /gm)].map(([, code]) => code as keyof typeof PROBLEMS);
          expect(codes.length).toBeGreaterThan(0);
          expect(codes.map((code) => String(PROBLEMS[code].status))).toEqual(codes.map(() => status));
          return codes;
        }),
    );
    // An address that does not exist belongs to no operation.
    const expected = Object.keys(PROBLEMS).filter((code) => code !== 'not_found');
    expect([...new Set<string>(named)].sort()).toEqual(expected.sort());
  });

  it('has every status of a problem somewhere', () => {
    const statuses = new Set(operations.flatMap(([, { responses }]) => Object.keys(responses)));
    const missing = Object.entries(PROBLEMS).filter(([, { status }]) => !statuses.has(String(status)));
    expect(missing).toEqual([]);
  });

  it('lists every problem code', () => {
    const { properties } = document.components.schemas.Problem as unknown as {
      properties: { code: { enum: string[] } };
    };
    expect(properties.code.enum).toEqual(Object.keys(PROBLEMS));
  });

  it('refers to nothing that is not in it', () => {
    const text = JSON.stringify(document);
    const references = [...text.matchAll(/"\$ref":"([^"]*)"/g)].map(([, reference]) => reference as string);
    const known = new Set(Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`));
    expect(references.filter((reference) => !known.has(reference))).toEqual([]);
    expect(references.length).toBeGreaterThan(0);
  });

  it('needs no credentials', async () => {
    expect((await service.app.inject('/api/v1/openapi.json')).statusCode).toBe(200);
  });
});

describe('the docs page', () => {
  it('asks nobody else for anything', async () => {
    const { body, headers } = await service.app.inject('/api/docs');
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(body).not.toMatch(/https?:|src=|<link/);
  });
});
