// Which problems a route answers with, from what it takes, how it is guarded and what its address names. The OpenAPI
// document tells them; the tests hold every answer to it.
import type { FastifySchema, RouteOptions } from 'fastify';
import type { ProblemCode } from './problems.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Problems that this route answers with and others of its kind do not. */
    problems?: readonly ProblemCode[];
  }
}

export type DescribedRoute = Pick<RouteOptions, 'method' | 'url' | 'schema' | 'config'>;

const ALWAYS: readonly ProblemCode[] = ['invalid_request', 'rate_limited', 'internal', 'database_unavailable', 'busy'];
/** Whatever the route, a body may come. */
const WITH_BODY: readonly ProblemCode[] = ['invalid_json', 'body_too_large', 'unsupported_media_type'];
/** Where settings and segments are changed. */
const OF_COMMIT: readonly ProblemCode[] = [
  'invalid_body',
  'already_exists',
  'in_use',
  'limit_reached',
  'stale_version',
  'environment_frozen',
  'approval_required',
  'too_slow',
  'setting_not_found',
  'segment_not_found',
  'environment_not_found',
];
/** What an address names may not be there; what it is for may not be possible. */
const OF_ADDRESS: readonly (readonly [RegExp, readonly ProblemCode[]])[] = [
  [/\/:env\b/, ['environment_not_found']],
  [/\/settings\/:key/, ['setting_not_found']],
  [/\/segments\/:key/, ['segment_not_found']],
  [/\/contexts\/:kind/, ['context_not_found']],
  [/\/(evaluate|preview|contexts|ofrep)\b/, ['too_slow']],
  [/\/preview$/, OF_COMMIT],
  [/\/change-sets\b/, ['change_set_state', ...OF_COMMIT]],
  [/\/change-sets\/:id/, ['change_set_not_found']],
  [/\/audit\/:id/, ['audit_entry_not_found']],
  [/\/revert$/, ['not_revertible', 'revert_conflict', ...OF_COMMIT]],
  [/\/sdk-keys\b/, ['limit_reached', 'in_use']],
  [/\/sdk-keys\/:id/, ['sdk_key_not_found']],
  [/\/tokens\b/, ['limit_reached']],
  [/\/tokens\/:id/, ['token_not_found']],
  [/\/members\b/, ['already_exists', 'limit_reached', 'last_admin', 'own_access']],
  [/\/members\/:id/, ['member_not_found']],
  [/\/sessions\/:id/, ['session_not_found']],
  [/\/session\b/, ['sign_in_failed', 'not_authenticated', 'csrf_header_missing']],
  [/\/session\/link/, ['already_exists']],
];
const COMMITTING = new Set(['edit-environment', 'edit-settings', 'manage-environments', 'approve']);

/** The codes, without doubles, in no order that matters. */
export function problemsOf({ method, url, schema, config }: DescribedRoute): ProblemCode[] {
  const { access, problems = [] } = config ?? {};
  const isWrite = !['GET', 'HEAD'].includes(String(method));
  const isForSdks = isTagged(schema, 'sdk') || isTagged(schema, 'ofrep');
  const isGuarded = access !== undefined && access !== 'public';
  const named = OF_ADDRESS.filter(([pattern]) => pattern.test(url)).flatMap(([, codes]) => codes);
  return [
    ...new Set<ProblemCode>([
      ...ALWAYS,
      ...(isWrite ? WITH_BODY : []),
      ...(schema?.body ? (['invalid_body'] as const) : []),
      ...(isForSdks ? (['not_authenticated', 'filter_not_found'] as const) : []),
      ...(isGuarded ? (['not_authenticated', 'not_allowed'] as const) : []),
      ...(isGuarded && isWrite ? (['csrf_header_missing'] as const) : []),
      ...(isWrite && COMMITTING.has(String(access)) ? OF_COMMIT : []),
      ...(isTagged(schema, 'transfer') && isWrite ? OF_COMMIT : []),
      ...named,
      ...problems,
    ]),
  ];
}

function isTagged(schema: FastifySchema | undefined, tag: string): boolean {
  return schema?.tags?.includes(tag) ?? false;
}
