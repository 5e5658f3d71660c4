// Members who are signed in, for tests of what they may do.
import type { Role } from '../../src/permissions.js';
import type { TestApp } from './app.js';

export const PASSWORD = 'a password of some length';

/** Headers of a browser that is signed in, for `inject`. */
export type Browser = { readonly cookie: string; readonly 'x-feathery-csrf': string };

export interface SignedIn {
  readonly id: string;
  readonly email: string;
  readonly headers: Browser;
}

export const CSRF = { 'x-feathery-csrf': '1' };

/** Adds a member and signs in by its link. */
export async function signInAs(
  service: TestApp,
  role: Role,
  options: { email?: string; environments?: string[] } = {},
): Promise<SignedIn> {
  const email = options.email ?? `${role}@example.test`;
  const invitation = await service.app.inject({
    method: 'POST',
    url: '/api/v1/members',
    headers: service.asAdmin,
    payload: { email, role, environments: options.environments ?? null },
  });
  const { member, link } = invitation.json();
  const used = await useLink(service, tokenOf(link.path), { password: PASSWORD });
  return { id: member.id, email, headers: browserOf(used) };
}

export function useLink(service: TestApp, token: string, use: Record<string, string> = {}) {
  return service.app.inject({
    method: 'POST',
    url: '/api/v1/session/link/use',
    headers: CSRF,
    payload: { token, ...use },
  });
}

export function signIn(service: TestApp, email: string, password: string, remoteAddress = '192.0.2.1') {
  return service.app.inject({
    method: 'POST',
    url: '/api/v1/session',
    headers: CSRF,
    payload: { email, password },
    remoteAddress,
  });
}

/** The browser that has received this answer. */
export function browserOf(answer: { readonly cookies: readonly { name: string; value: string }[] }): Browser {
  const [cookie] = answer.cookies;
  if (cookie === undefined) throw new Error('the answer sets no cookie');
  return { ...CSRF, cookie: `${cookie.name}=${cookie.value}` };
}

/** The secret in the path of a one-time link. */
export function tokenOf(path: string): string {
  return path.split('#token=')[1] as string;
}
