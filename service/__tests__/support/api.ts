// The admin API in few words.
import type { TestApp } from './app.js';

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what a test reads of an answer, it expects.
  readonly body: any;
  readonly headers: Record<string, unknown>;
}

type Headers = Record<string, string>;

export interface Api {
  get(path: string, headers?: Headers): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Headers): Promise<Answer>;
  patch(path: string, body: unknown, headers?: Headers): Promise<Answer>;
  delete(path: string, headers?: Headers): Promise<Answer>;
}

/** Calls addresses under `/api/v1` as an admin, or with other headers in place of the admin's. */
export function apiOf(service: TestApp, as: Headers = service.asAdmin): Api {
  const call = async (
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    body: unknown,
    headers: Headers = {},
  ) => {
    const answer = await service.app.inject({
      method,
      url: `/api/v1${path}`,
      headers: { ...as, ...headers },
      ...(body === undefined ? {} : { payload: body as object }),
    });
    const isJson = /json/.test(String(answer.headers['content-type']));
    return { status: answer.statusCode, body: isJson ? answer.json() : answer.body, headers: answer.headers };
  };
  return {
    get: (path, headers) => call('GET', path, undefined, headers),
    post: (path, body, headers) => call('POST', path, body, headers),
    patch: (path, body, headers) => call('PATCH', path, body, headers),
    delete: (path, headers) => call('DELETE', path, undefined, headers),
  };
}

export const IN_PRODUCTION = '/environments/production';

/** Creates settings with the values `a`, `b`, `c` each, off everywhere. */
export async function createSettings(api: Api, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    const variations = ['a', 'b', 'c'].map((value) => ({ value }));
    const { status, body } = await api.post('/settings', { key, type: 'string', variations });
    if (status !== 201) throw new Error(`the setting was not created: ${JSON.stringify(body)}`);
  }
}
