// How Fastify checks requests against their schemas.
import { Ajv } from 'ajv';
import type { FastifySchemaCompiler } from 'fastify';

const STRICT = {
  allErrors: false,
  removeAdditional: false,
  useDefaults: true,
  strict: false,
  // Times are checked where they are read (`time.ts`), which knows what a wrong one means.
  formats: { 'date-time': true },
} as const;
/** A body says what it means: `"5"` is no number there, and an unknown field is a fault, not dropped. */
const body = new Ajv({ ...STRICT, coerceTypes: false });
/** In an address everything is text. */
const address = new Ajv({ ...STRICT, coerceTypes: 'array' });

export const compileValidator: FastifySchemaCompiler<object> = ({ schema, httpPart }) =>
  (httpPart === 'body' ? body : address).compile(schema) as ReturnType<FastifySchemaCompiler<object>>;
