// The OpenAPI document, made from the routes' own schemas.
import swagger, { type SwaggerTransform } from '@fastify/swagger';
import type { FastifyInstance, FastifySchema } from 'fastify';
import { PROBLEMS, type ProblemCode } from './problems.js';
import { problemsOf } from './route-problems.js';
import { ProblemSchema } from './schemas.js';
import { SERVICE_VERSION } from './version.js';

/** Call before any route is registered. The document is then at `app.swagger()`. */
export function describeApi(app: Pick<FastifyInstance, 'register'>): void {
  app.register(swagger, {
    openapi: {
      openapi: '3.0.3',
      info: {
        title: 'Feathery',
        version: SERVICE_VERSION,
        description: 'See and change settings, environment by environment, and see what became of a change.',
      },
      components: {
        schemas: { Problem: withCodes() as never },
        securitySchemes: {
          adminToken: { type: 'http', scheme: 'bearer' },
          session: { type: 'apiKey', in: 'cookie', name: 'feathery-session' },
          sdkKey: { type: 'apiKey', in: 'header', name: 'authorization' },
        },
      },
    },
    refResolver: {
      buildLocalReference: (schema, _baseUri, _fragment, index) => String(schema.$id ?? `Schema${index}`),
    },
    transform: describeRoute,
  });
}

/** Every code that an answer can have. */
function withCodes(): object {
  const { $id: _, ...schema } = ProblemSchema as typeof ProblemSchema & { $id?: string };
  const codes = Object.entries(PROBLEMS).map(([code, { status, title }]) => `- \`${code}\` (${status}): ${title}`);
  return {
    ...schema,
    properties: {
      ...schema.properties,
      code: { type: 'string', enum: Object.keys(PROBLEMS), description: codes.join('\n') },
    },
  };
}

/** Adds what follows from how a route is guarded and what it takes: who may ask, and which problems it answers with. */
const describeRoute: SwaggerTransform<FastifySchema> = ({ schema, url, route }) => {
  if (schema === undefined || schema.hide) return { schema, url };
  const access = route.config?.access;
  const security = access === 'public' ? [] : access === undefined ? sdkSecurity(schema) : ADMIN_SECURITY;
  const codes = problemsOf(route);
  const statuses = new Set(codes.map((code) => PROBLEMS[code].status));
  const problems = Object.fromEntries([...statuses].map((status) => [status, answerOf(status, codes)]));
  return { schema: { ...schema, security, response: { ...(schema.response as object), ...problems } }, url };
};

const ADMIN_SECURITY = [{ adminToken: [] }, { session: [] }];

/** The answer with a status, and the codes it may have. */
function answerOf(status: number, codes: readonly ProblemCode[]): object {
  const own = codes.filter((code) => PROBLEMS[code].status === status);
  return {
    description: own.map((code) => `\`${code}\`: ${PROBLEMS[code].title}`).join('\n\n'),
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}

function sdkSecurity({ tags }: FastifySchema): { sdkKey: string[] }[] {
  return tags?.includes('sdk') ? [{ sdkKey: [] }] : [];
}
