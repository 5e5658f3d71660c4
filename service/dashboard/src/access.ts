// Who and what may get in: members, tokens, SDK keys, sessions.
import { queryOptions } from '@tanstack/react-query';
import { api, data } from './api.js';

const EVERY_MS = 10_000;

export const membersQuery = queryOptions({
  queryKey: ['members'],
  queryFn: async () => (await data(api.GET('/api/v1/members'))).members,
});
export type Member = Awaited<ReturnType<NonNullable<typeof membersQuery.queryFn>>>[number];

export const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: async () => (await data(api.GET('/api/v1/tokens'))).tokens,
});
export type Token = Awaited<ReturnType<NonNullable<typeof tokensQuery.queryFn>>>[number];

/** Not below the environment's key: it has a pace of its own, as its last use changes all the time. */
export const sdkKeysQuery = (environment: string) =>
  queryOptions({
    queryKey: ['sdk-keys', environment],
    queryFn: () => readSdkKeys(environment),
    refetchInterval: EVERY_MS,
  });

async function readSdkKeys(environment: string) {
  const params = { path: { env: environment } };
  return (await data(api.GET('/api/v1/environments/{env}/sdk-keys', { params }))).sdkKeys;
}
export type SdkKey = Awaited<ReturnType<typeof readSdkKeys>>[number];

export const sessionsQuery = queryOptions({
  queryKey: ['sessions'],
  queryFn: async () => (await data(api.GET('/api/v1/sessions'))).sessions,
});

export type KeyState = 'active' | 'expiring' | 'expired';

export function keyState({ expiresAt }: Pick<SdkKey, 'expiresAt'>, now: number): KeyState {
  if (expiresAt === null) return 'active';
  return Date.parse(expiresAt) <= now ? 'expired' : 'expiring';
}

/** `admin`, `editor of staging and test`. */
export function describeGrant({ role, environments }: { role: string; environments: string[] | null }): string {
  if (role !== 'editor' || environments === null) return role;
  return environments.length === 0 ? 'editor of nothing' : `editor of ${environments.join(', ')}`;
}
