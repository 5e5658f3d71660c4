// What the pages about settings read.
import { queryOptions } from '@tanstack/react-query';
import { api, data } from './api.js';
import type { Serving } from './describe.js';
import type { Json, SettingItem, SettingType, Variation } from './model.js';

export interface SettingRow {
  key: string;
  name: string;
  description: string;
  type: SettingType;
  tags: string[];
  version: number;
  variations: Variation[];
  serving: Serving;
  lastChange: { at: string; author: string; comment: string } | null;
}

export interface Definition {
  key: string;
  version: number;
  name: string;
  description: string;
  type: SettingType;
  tags: string[];
  variations: Variation[];
  valueSchema: Json;
  createdAt: string;
  updatedAt: string;
  environments: Record<string, { version: number; on: boolean }>;
}

const EVALUATIONS_EVERY_MS = 30_000;

export const overviewQuery = (environment: string) =>
  queryOptions({
    queryKey: [environment, 'overview'],
    queryFn: async () => {
      const answer = await data(
        api.GET('/api/v1/environments/{env}/overview', { params: { path: { env: environment } } }),
      );
      return answer.settings as unknown as SettingRow[];
    },
  });

/** Not below the environment's key: a change of a setting does not make it old. */
export const recentEvaluationsQuery = (environment: string) =>
  queryOptions({
    queryKey: ['evaluations', environment],
    queryFn: () =>
      data(api.GET('/api/v1/environments/{env}/overview/evaluations', { params: { path: { env: environment } } })),
    refetchInterval: EVALUATIONS_EVERY_MS,
  });

export const definitionQuery = (environment: string, key: string) =>
  queryOptions({
    queryKey: [environment, 'definition', key],
    queryFn: async () =>
      (await data(api.GET('/api/v1/settings/{key}', { params: { path: { key } } }))) as unknown as Definition,
  });

export const settingQuery = (environment: string, key: string) =>
  queryOptions({
    queryKey: [environment, 'setting', key],
    queryFn: async () => {
      const path = { env: environment, key };
      const answer = await data(api.GET('/api/v1/environments/{env}/settings/{key}', { params: { path } }));
      return answer.setting as unknown as SettingItem;
    },
  });

export const attributesQuery = (environment: string) =>
  queryOptions({
    queryKey: ['attributes', environment],
    queryFn: async () => {
      const path = { env: environment };
      const answer = await data(api.GET('/api/v1/environments/{env}/attributes', { params: { path } }));
      return answer.attributes as { kind: string; attribute: string; count: number; values: Json[] }[];
    },
    staleTime: 5 * 60_000,
  });
