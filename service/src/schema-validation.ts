// What may come in: content types, how deep a body may go, and how it is checked against a route's schema.
import { Ajv } from 'ajv';
import type { FastifyInstance, FastifyRequest, FastifySchema, FastifySchemaCompiler } from 'fastify';
import { MAX_DEPTH } from './limits.js';
import { Problem } from './problems.js';

const COMMON = {
  allErrors: false,
  removeAdditional: false,
  useDefaults: true,
  strict: false,
  formats: { 'date-time': true },
} as const;
/** A body says what it means: `"5"` is no number there, and an unknown field is a fault, not dropped. */
const body = new Ajv({ ...COMMON, coerceTypes: false });
/** In an address everything is text. */
const address = new Ajv({ ...COMMON, coerceTypes: 'array' });

export const compileValidator: FastifySchemaCompiler<object> = ({ schema, httpPart }) =>
  (httpPart === 'body' ? body : address).compile(schema) as ReturnType<FastifySchemaCompiler<object>>;

/**
 * `application/merge-patch+json` is JSON like any other, checked in the same way for keys that attack prototypes. Where no
 * body is needed an empty one is none: many clients name the type with every request, a `DELETE` too.
 */
export function acceptJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser<string>(
    ['application/json', 'application/merge-patch+json'],
    { parseAs: 'string' },
    (request, body, done) => {
      if (body === '' && !needsBody(request.routeOptions.schema)) done(null);
      else parse(request, body, done);
    },
  );
}

/** A body that may be left out is one that may be null. */
function needsBody(schema: FastifySchema | undefined): boolean {
  const { body } = (schema ?? {}) as { body?: { nullable?: boolean } };
  return body !== undefined && body.nullable !== true;
}

/** Refuses bodies so deep that serialising them again would overflow the stack. */
export async function checkDepth({ body }: FastifyRequest): Promise<void> {
  let level: object[] = [body].filter(isObject);
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MAX_DEPTH)
      throw new Problem('invalid_request', `The body is nested more than ${MAX_DEPTH} levels deep.`);
    level = level.flatMap((value) => Object.values(value).filter(isObject));
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
