// What the pages about organizations and users read.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { ApiError, api, data } from './api.js';
import type { Json } from './model.js';
import { BY_CURSOR } from './pages.js';

export interface SeenContext {
  kind: string;
  key: string;
  name: string | null;
  attributes: Record<string, Json>;
  companions: Record<string, string>;
  firstSeen: string;
  lastSeen: string;
}

export interface Reason {
  kind: string;
  errorKind?: string;
  ruleIndex?: number;
  prerequisiteKey?: string;
  inExperiment?: boolean;
}

export interface SettingForContext {
  key: string;
  value: Json;
  variationIndex: number | null;
  reason: Reason;
  usual: { value: Json; variationIndex: number | null };
}

const PAGE = 100;
const FRESH_MS = 5_000;

/** Not below the environment's key: a change of a setting does not make what was seen old. */
export const contextsQuery = (environment: string, kind: string, q: string) =>
  infiniteQueryOptions({
    queryKey: ['contexts', environment, kind, q],
    queryFn: async ({ pageParam, signal }) => {
      const query = { limit: PAGE, ...(kind && { kind }), ...(q && { q }), ...(pageParam && { cursor: pageParam }) };
      const params = { path: { env: environment }, query };
      const page = await data(api.GET('/api/v1/environments/{env}/contexts', { params, signal }));
      return page as unknown as { contexts: SeenContext[]; nextCursor: string | null };
    },
    ...BY_CURSOR,
    staleTime: FRESH_MS,
  });

export const contextKindsQuery = (environment: string) =>
  queryOptions({
    queryKey: ['contexts', environment, 'kinds'],
    queryFn: () =>
      data(api.GET('/api/v1/environments/{env}/context-kinds', { params: { path: { env: environment } } })),
    staleTime: FRESH_MS,
  });

export interface ContextDetails extends SeenContext {
  revision: number;
  settings: SettingForContext[];
}

/** Settings that serve them something of their own, or all. Null when nobody has seen them. */
export const contextQuery = (environment: string, kind: string, key: string, { all = false } = {}) =>
  queryOptions({
    queryKey: [environment, 'context', kind, key, all],
    queryFn: async () => {
      const params = { path: { env: environment, kind, key }, query: { all } };
      try {
        const seen = await data(api.GET('/api/v1/environments/{env}/contexts/{kind}/{key}', { params }));
        return seen as unknown as ContextDetails;
      } catch (error) {
        if (error instanceof ApiError && error.code === 'context_not_found') return null;
        throw error;
      }
    },
  });

export interface ContextRequest {
  at: string;
  kind: 'seen' | 'identified' | 'custom' | 'evaluated';
  contexts: Record<string, string>;
  key: string | null;
  value: Json;
  metric: number | null;
  server: string;
}

export const requestsQuery = (environment: string, kind: string, key: string) =>
  queryOptions({
    queryKey: ['contexts', environment, 'requests', kind, key],
    queryFn: async () => {
      const path = { env: environment, kind, key };
      const url = '/api/v1/environments/{env}/contexts/{kind}/{key}/requests';
      return (await data(api.GET(url, { params: { path } }))).requests as ContextRequest[];
    },
    refetchInterval: FRESH_MS,
  });
