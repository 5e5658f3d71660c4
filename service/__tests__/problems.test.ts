import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { escapePointer, invalidBody, PROBLEMS, Problem, problemBody, toProblem } from '../src/problems.js';

describe('problems', () => {
  it('are the ones that docs/errors.md lists, with the same status', () => {
    const page = readFileSync(join(__dirname, '../../docs/errors.md'), 'utf8');
    const service = page.slice(page.indexOf('\n## Service'));
    const listed = [...service.matchAll(/^\| `([a-z_]+)` \| (\d{3}) \|/gm)].map(([, code, status]) => [
      code,
      Number(status),
    ]);
    expect(listed.sort()).toEqual(
      Object.entries(PROBLEMS)
        .map(([code, { status }]) => [code, status])
        .sort(),
    );
  });

  it('have a stable code, the status, and the request to look for in the log', () => {
    const problem = new Problem('in_use', 'The setting "b" needs it.', { members: { neededBy: ['b'] } });
    expect(problemBody(problem, 'req-7')).toEqual({
      type: 'urn:feathery:problem:in_use',
      title: 'Something else needs it',
      status: 409,
      code: 'in_use',
      detail: 'The setting "b" needs it.',
      neededBy: ['b'],
      requestId: 'req-7',
    });
  });

  it('name the first fault and list all, up to fifty', () => {
    const violations = Array.from({ length: 60 }, (_, index) => ({ pointer: `/${index}`, detail: 'is wrong' }));
    const { members, message } = invalidBody(violations);
    expect([members.pointer, members.errors?.length, message]).toEqual(['/0', 50, '/0: is wrong']);
  });

  it('escape what stands for something in a pointer', () => {
    expect(escapePointer('a/b~c')).toBe('a~1b~0c');
  });
});

describe('an error', () => {
  const codeOf = (error: unknown) => toProblem(error).code;

  it.each([
    [{ code: 'FST_ERR_CTP_BODY_TOO_LARGE' }, 'body_too_large'],
    [{ code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE' }, 'unsupported_media_type'],
    [{ code: 'FST_ERR_CTP_EMPTY_JSON_BODY' }, 'invalid_json'],
    [{ code: 'ECONNREFUSED' }, 'database_unavailable'],
    [{ code: '57P01' }, 'database_unavailable'],
    [{ code: '08006' }, 'database_unavailable'],
    [{ code: 'SQLITE_FULL' }, 'database_unavailable'],
    [{ code: 'SQLITE_IOERR_WRITE' }, 'database_unavailable'],
    [{ code: '22021' }, 'invalid_request'],
    [{ code: '23505' }, 'internal'],
    [{ statusCode: 400 }, 'invalid_request'],
    [{}, 'internal'],
  ])('like %j is the problem %s', (error, code) => {
    expect(codeOf(Object.assign(new Error('x'), error))).toBe(code);
  });

  it('of our own making does not tell the outside what happened', () => {
    expect(toProblem(new Error('password=hunter2')).message).not.toContain('hunter2');
  });
});
