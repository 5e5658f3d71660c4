// JSON Schema of a setting: what each variation's value must fit.
import { Ajv, type Options } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Json } from 'feathery-server-sdk/protocol';
import { MAX_SCHEMA_BYTES } from './limits.js';
import type { Definition } from './storage/definitions.js';

/** Says what is wrong with a value; undefined when it fits. */
export type ValueCheck = (value: Json) => string | undefined;

// `strict` refuses misspelled keywords, which would otherwise be ignored without a word. Formats are notes to people.
const OPTIONS: Options = {
  strict: true,
  strictTypes: false,
  strictTuples: false,
  strictRequired: false,
  validateFormats: false,
};

/**
 * Compiles a JSON Schema (2020-12, or draft-07 when `$schema` says so). Nothing is loaded from elsewhere.
 *
 * @returns The check, or what is wrong with the schema.
 */
export function compileValueSchema(schema: Definition['valueSchema']): ValueCheck | string {
  if (schema === null) return () => undefined;
  const text = JSON.stringify(schema);
  if (text.length > MAX_SCHEMA_BYTES) return `has more than ${MAX_SCHEMA_BYTES} bytes`;
  try {
    // A compiler of its own for each schema: ids of one must not be seen by another, and nothing is kept.
    const ajv = isDraft07(schema) ? new Ajv(OPTIONS) : new Ajv2020(OPTIONS);
    const fits = ajv.compile(schema as object);
    return (value) => guarded(() => (fits(value) ? undefined : ajv.errorsText(fits.errors, { dataVar: 'value' })));
  } catch (error) {
    return `is no usable JSON Schema: ${(error as Error).message}`;
  }
}

function isDraft07(schema: NonNullable<Definition['valueSchema']>): boolean {
  return typeof schema === 'object' && /draft-0[67]/.test(String(schema.$schema));
}

/** A schema that refers to itself without end overflows the stack. */
function guarded(check: () => string | undefined): string | undefined {
  try {
    return check();
  } catch (error) {
    return `cannot be checked against the schema: ${(error as Error).message}`;
  }
}
