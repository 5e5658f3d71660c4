// The admin API, typed by its own description (`npm run openapi` writes api-schema.d.ts).
import createClient, { type Middleware } from 'openapi-fetch';
import type { components, paths } from './api-schema.js';

export type Schemas = components['schemas'];

/** An answer that is not the one asked for: what the service said, or that it could not be reached. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** Stable; branch on this (docs/errors.md). `unreachable` when there was no answer. */
  readonly code: string;
  readonly status: number;
  /** Further members of the problem: `pointer`, `errors`, `current`, `neededBy`. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(code: string, status: number, message: string, members: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.members = members;
  }
}

/** Cookie-authenticated writes must carry a header that other sites cannot set. */
const CSRF_HEADER = 'x-feathery-csrf';

const problems: Middleware = {
  onRequest({ request }) {
    if (request.method !== 'GET') request.headers.set(CSRF_HEADER, '1');
    return request;
  },
  async onResponse({ response }) {
    if (!response.ok) throw await toError(response);
  },
  onError() {
    return new ApiError('unreachable', 0, 'The service cannot be reached. Try again once the connection is back.');
  },
};

async function toError(response: Response): Promise<ApiError> {
  const problem = (await response.json().catch(() => undefined)) as Partial<Schemas['Problem']> | undefined;
  if (problem?.code === undefined) {
    return new ApiError('internal', response.status, `The service answered with status ${response.status}.`);
  }
  const { code, status = response.status, detail = '', ...members } = problem;
  return new ApiError(code, status, detail, members);
}

/** Throws an ApiError for every answer that is not a success. */
export const api = createClient<paths>({ baseUrl: '/' });
api.use(problems);

/** The body of a successful answer. */
export async function data<Data>(answer: Promise<{ data?: Data }>): Promise<Data> {
  return (await answer).data as Data;
}
