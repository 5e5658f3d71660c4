// Every problem the service answers with, and the one mapping from an error to `application/problem+json` (RFC 9457).
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';

/** Code → status and title. `docs/errors.md` explains each; a test compares the two. */
export const PROBLEMS = {
  // What was asked cannot be understood.
  invalid_request: { status: 400, title: 'The request is malformed' },
  invalid_json: { status: 400, title: 'The body is not JSON' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The content type is not accepted' },
  not_found: { status: 404, title: 'There is nothing at this address' },
  // Who is asking.
  not_authenticated: { status: 401, title: 'Not signed in' },
  not_allowed: { status: 403, title: 'Not allowed' },
  sign_in_failed: { status: 401, title: 'E-mail address or password is wrong' },
  csrf_header_missing: { status: 403, title: 'The CSRF header is missing' },
  link_invalid: { status: 410, title: 'The link has been used or has expired' },
  rate_limited: { status: 429, title: 'Too many requests' },
  // Things that are not there.
  environment_not_found: { status: 404, title: 'There is no such environment' },
  setting_not_found: { status: 404, title: 'There is no such setting' },
  segment_not_found: { status: 404, title: 'There is no such segment' },
  sdk_key_not_found: { status: 404, title: 'There is no such SDK key' },
  token_not_found: { status: 404, title: 'There is no such token' },
  member_not_found: { status: 404, title: 'There is no such member' },
  session_not_found: { status: 404, title: 'There is no such session' },
  filter_not_found: { status: 404, title: 'There is no such payload filter' },
  context_not_found: { status: 404, title: 'No such user or organization has been seen' },
  change_set_not_found: { status: 404, title: 'There is no such change set' },
  audit_entry_not_found: { status: 404, title: 'There is no such audit entry' },
  // Changes that are refused.
  invalid_body: { status: 422, title: 'The body is invalid' },
  already_exists: { status: 409, title: 'The key is taken' },
  in_use: { status: 409, title: 'Something else needs it' },
  not_revertible: { status: 409, title: 'It cannot be taken back' },
  revert_conflict: { status: 409, title: 'It has been changed since' },
  stale_version: { status: 412, title: 'It has been changed meanwhile' },
  last_admin: { status: 409, title: 'Somebody must remain an admin' },
  own_access: { status: 409, title: 'Nobody changes their own role or removes themselves' },
  environment_frozen: { status: 423, title: 'The environment is frozen' },
  approval_required: { status: 409, title: 'The environment asks for an approval' },
  change_set_state: { status: 409, title: 'The change set is in another state' },
  import_failed: { status: 502, title: 'The other service did not give its data' },
  limit_reached: { status: 409, title: 'A limit of this service is reached' },
  too_slow: { status: 422, title: 'It takes too long' },
  // The service itself.
  database_unavailable: { status: 503, title: 'The database cannot be reached' },
  busy: { status: 503, title: 'Too much is waiting' },
  internal: { status: 500, title: 'The service failed' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

/** One fault in a body. */
export interface Violation {
  /** JSON pointer (RFC 6901) into the body or the item it describes. */
  readonly pointer: string;
  readonly detail: string;
}

export interface ProblemMembers {
  /** JSON pointer to the first fault. */
  readonly pointer?: string;
  /** All faults found, when there may be several. */
  readonly errors?: readonly Violation[];
  /** The state that a stale change would have overwritten. */
  readonly current?: unknown;
  /** What needs the thing that was to be deleted or changed. */
  readonly neededBy?: readonly unknown[];
  readonly [member: string]: unknown;
}

/** An answer that is not the one asked for. Thrown anywhere below a route; the message is for the person reading it. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly status: number;
  readonly members: ProblemMembers;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ProblemCode,
    detail: string,
    options: { members?: ProblemMembers; headers?: Readonly<Record<string, string>>; cause?: unknown } = {},
  ) {
    super(detail, { cause: options.cause });
    this.code = code;
    this.status = PROBLEMS[code].status;
    this.members = options.members ?? {};
    this.headers = options.headers ?? {};
  }
}

/** A 422 that names each fault by JSON pointer. `violations` is not empty. */
export function invalidBody(violations: readonly Violation[], members: ProblemMembers = {}): Problem {
  const [first] = violations as readonly [Violation, ...Violation[]];
  return new Problem('invalid_body', `${first.pointer || '/'}: ${first.detail}`, {
    members: { pointer: first.pointer, errors: violations.slice(0, MAX_VIOLATIONS), ...members },
  });
}

const MAX_VIOLATIONS = 50;

/** Fastify's error handler: the only place where an error becomes an answer. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = toProblem(error);
  if (problem.status >= 500) request.log.error({ err: error, code: problem.code }, 'request failed');
  // Fastify would close the connection while the client still writes, and the answer could be lost with it. Kept open,
  // Node reads the rest and drops it, as long as its request timeout allows.
  if (problem.code === 'body_too_large') reply.removeHeader('connection');
  return reply
    .code(problem.status)
    .headers(problem.headers)
    .type('application/problem+json; charset=utf-8')
    .serializer(JSON.stringify)
    .send(problemBody(problem, request.id));
}

/** The JSON of a problem. */
export function problemBody(problem: Problem, requestId?: string): Record<string, unknown> {
  return {
    type: `urn:feathery:problem:${problem.code}`,
    title: PROBLEMS[problem.code].title,
    status: problem.status,
    code: problem.code,
    detail: problem.message,
    ...problem.members,
    ...(requestId === undefined ? {} : { requestId }),
  };
}

const FASTIFY_PROBLEMS: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'invalid_json',
  FST_ERR_CTP_INVALID_JSON_BODY: 'invalid_json',
};

/** SQLSTATE `character_not_in_repertoire`. */
const UNTRANSLATABLE_CHARACTER = '22021';

/** What an error of any origin means to the one who asked. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const { code, message, validation, validationContext, statusCode } = error as Partial<FastifyError>;
  if (validation !== undefined) return fromValidation(validation, validationContext);
  const known = FASTIFY_PROBLEMS[code ?? ''];
  if (known !== undefined) return new Problem(known, message ?? PROBLEMS[known].title, { cause: error });
  if (error instanceof SyntaxError && statusCode === 400) return new Problem('invalid_json', error.message);
  if (code === UNTRANSLATABLE_CHARACTER) {
    const detail = 'A text has a NUL character, which PostgreSQL does not store. Leave it out.';
    return new Problem('invalid_request', detail, { cause: error });
  }
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code ?? '')) {
    return new Problem('database_unavailable', 'The database file is damaged. Restore a backup (feathery restore).', {
      cause: error,
    });
  }
  if (isUnavailable(error)) {
    return new Problem('database_unavailable', 'The database cannot be reached at present. Try again.', {
      headers: { 'retry-after': '1' },
      cause: error,
    });
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new Problem('invalid_request', message ?? PROBLEMS.invalid_request.title, { cause: error });
  }
  return new Problem('internal', 'The service failed to answer. Its log has the cause under this request id.', {
    cause: error,
  });
}

function fromValidation(
  errors: NonNullable<FastifyError['validation']>,
  context: FastifyError['validationContext'],
): Problem {
  const violations = toViolations(errors);
  if (context === 'body') return invalidBody(violations);
  const [first] = violations;
  return new Problem('invalid_request', `${context} ${first?.pointer ?? ''} ${first?.detail ?? 'is invalid'}`, {
    members: { errors: violations },
  });
}

/** What a validator found, as JSON pointers and plain words. */
export function toViolations(errors: NonNullable<FastifyError['validation']>): Violation[] {
  return errors.map(({ instancePath, keyword, params, message }) => {
    const field = params.additionalProperty ?? (keyword === 'required' ? params.missingProperty : undefined);
    if (field === undefined) return { pointer: instancePath, detail: message ?? 'is invalid' };
    const detail = keyword === 'required' ? 'is missing' : 'is unknown';
    return { pointer: `${instancePath}/${escapePointer(field)}`, detail };
  });
}

/** One step of a JSON pointer (RFC 6901). */
export function escapePointer(step: unknown): string {
  return String(step).replaceAll('~', '~0').replaceAll('/', '~1');
}

// SQLSTATE classes 08 (connection), 53 (resources), 57 (shutdown), 55P03 (others hold the lock), 25006 (a standby that
// takes no writes), and what Node says of a lost socket.
/** Whether an error says that the database cannot be used at present, whatever it is asked. */
export function isUnavailable(error: unknown): boolean {
  const { code } = error as { code?: string };
  return /^(08|53|57)[0-9A-Z]{3}$|^(55P03|25006)$|^(ECONN|ETIMEDOUT|EPIPE|ENOTFOUND|EHOSTUNREACH)|^SQLITE_(BUSY|FULL|IOERR|READONLY)/.test(
    code ?? '',
  );
}
