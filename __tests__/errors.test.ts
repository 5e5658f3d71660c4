import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FeatheryError, messageOf, ProtocolError } from '../lib/errors.js';

const read = (path: string) => readFileSync(join(__dirname, '..', path), 'utf8');

/** The codes in the first column of the tables of one section. */
function documented(heading: string): string[] {
  const section =
    read('docs/errors.md')
      .split(/^(?=##+ )/m)
      .find((part) => part.startsWith(`${heading}\n`)) ?? '';
  return [...section.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, code]) => code as string).sort();
}

/** The members of a union of string literals in a source file. */
function declared(path: string, type: string): string[] {
  const [, union = ''] = new RegExp(`export type ${type} =([^;]+);`).exec(read(path)) ?? [];
  return [...union.matchAll(/'([A-Z_]+)'/g)].map(([, code]) => code as string).sort();
}

describe('errors', () => {
  it('have the codes that docs/errors.md lists', () => {
    const codes = declared('lib/errors.ts', 'FeatheryErrorCode');
    expect(codes.length).toBeGreaterThan(5);
    expect(documented('## SDK')).toEqual(codes);
  });

  it('of evaluation have the kinds that docs/errors.md lists', () => {
    const kinds = declared('lib/evaluate.ts', 'ErrorKind').concat(declared('lib/detail.ts', 'ErrorKind'));
    expect(kinds.length).toBeGreaterThan(5);
    expect(documented('### Kinds of evaluation errors')).toEqual(kinds);
  });

  it('keep their cause and say their name', () => {
    const cause = new Error('below');
    const error = new ProtocolError('not the protocol', { cause });
    expect(error).toBeInstanceOf(FeatheryError);
    expect(error).toMatchObject({ name: 'ProtocolError', code: 'PROTOCOL', cause });
    expect(String(new FeatheryError('STREAM', 'gone'))).toBe('FeatheryError: gone');
  });

  it('have a text, whatever was thrown', () => {
    expect(messageOf(new Error('a'))).toBe('a');
    expect(messageOf('b')).toBe('b');
    expect(messageOf(undefined)).toBe('undefined');
    expect(messageOf(Object.create(null))).toBe('unknown error');
  });
});
