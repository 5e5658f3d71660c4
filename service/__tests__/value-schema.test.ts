import { compileValueSchema } from '../src/value-schema.js';

function check(schema: unknown, value: unknown): string | undefined {
  const compiled = compileValueSchema(schema as never);
  return typeof compiled === 'string' ? `schema: ${compiled}` : compiled(value as never);
}

describe('value schema', () => {
  it('lets any value through when there is none', () => {
    expect(check(null, { any: 'thing' })).toBeUndefined();
  });

  it('says what does not fit', () => {
    const schema = { type: 'object', required: ['seats'], properties: { seats: { type: 'integer', minimum: 1 } } };
    expect(check(schema, { seats: 3 })).toBeUndefined();
    expect(check(schema, { seats: 0 })).toBe('value/seats must be >= 1');
    expect(check(schema, {})).toContain("must have required property 'seats'");
  });

  it('understands 2020-12, and draft-07 when the schema says so', () => {
    expect(check({ prefixItems: [{ type: 'string' }] }, [1])).toContain('must be string');
    const old = { $schema: 'http://json-schema.org/draft-07/schema#', items: [{ type: 'string' }] };
    expect(check(old, [1])).toContain('must be string');
  });

  it.each([
    ['an unknown keyword', { typ: 'string' }],
    ['a wrong keyword value', { type: 'text' }],
    ['a bad pattern', { pattern: '(' }],
    ['a reference to elsewhere', { $ref: 'https://example.test/schema.json' }],
  ])('refuses %s', (_what, schema) => {
    expect(check(schema, 'x')).toMatch(/^schema: is no usable JSON Schema/);
  });

  it('refuses a schema that is too large', () => {
    expect(check({ description: 'x'.repeat(70_000) }, 'x')).toMatch(/^schema: has more than/);
  });

  it('answers for a schema that refers to itself without end', () => {
    expect(check({ $ref: '#' }, 'x')).toContain('cannot be checked');
  });

  it('keeps two schemas with one id apart', () => {
    expect(check({ $id: 'same', type: 'string' }, 'x')).toBeUndefined();
    expect(check({ $id: 'same', type: 'number' }, 'x')).toContain('must be number');
  });
});
