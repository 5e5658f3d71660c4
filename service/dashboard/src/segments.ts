// What the pages about segments read.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, data } from './api.js';
import { countOfKind, list } from './describe.js';
import type { Clause } from './model.js';
import { BY_CURSOR } from './pages.js';

export interface SegmentRule {
  id?: string | null;
  clauses?: Clause[] | null;
  /** In units of 1/100000; absent: everybody who fits. */
  weight?: number | null;
  bucketBy?: string | null;
  rolloutContextKind?: string | null;
}

export interface SegmentTarget {
  contextKind?: string | null;
  values: string[];
}

export interface SegmentItem {
  key: string;
  version: number;
  name: string;
  description: string;
  tags: string[];
  included: string[];
  excluded: string[];
  includedContexts: SegmentTarget[];
  excludedContexts: SegmentTarget[];
  rules: SegmentRule[];
}

const PAGE = 100;

export const segmentsQuery = (environment: string, q: string) =>
  infiniteQueryOptions({
    queryKey: [environment, 'segments', 'list', q],
    queryFn: async ({ pageParam, signal }) => {
      const query = { limit: PAGE, ...(q && { q }), ...(pageParam && { cursor: pageParam }) };
      const params = { path: { env: environment }, query };
      const page = await data(api.GET('/api/v1/environments/{env}/segments', { params, signal }));
      return page as unknown as { segments: SegmentItem[]; nextCursor: string | null };
    },
    ...BY_CURSOR,
  });

export const segmentQuery = (environment: string, key: string) =>
  queryOptions({
    queryKey: [environment, 'segment', key],
    queryFn: async () => {
      const path = { env: environment, key };
      const answer = await data(api.GET('/api/v1/environments/{env}/segments/{key}', { params: { path } }));
      return answer.segment as unknown as SegmentItem;
    },
  });

export interface SegmentUsage {
  settings: string[];
  segments: string[];
}

export const segmentUsageQuery = (environment: string) =>
  queryOptions({
    queryKey: [environment, 'segment-usage'],
    queryFn: async () => {
      const path = { env: environment };
      const { usage } = await data(api.GET('/api/v1/environments/{env}/segment-usage', { params: { path } }));
      return usage as Record<string, SegmentUsage>;
    },
  });

/** `2 organizations and by 1 rule, without 1 user`: who is in it. */
export function describeSegment({
  included,
  excluded,
  includedContexts,
  excludedContexts,
  rules,
}: SegmentItem): string {
  const within = [...countsOf(included, includedContexts)];
  if (rules.length > 0) within.push(`whoever fits ${rules.length === 1 ? 'a rule' : `one of ${rules.length} rules`}`);
  if (within.length === 0) return 'nobody';
  const without = countsOf(excluded, excludedContexts);
  return `${list(within, 'and', 5)}${without.length > 0 ? `, without ${list(without, 'and', 5)}` : ''}`;
}

function countsOf(users: readonly string[], contexts: readonly SegmentTarget[]): string[] {
  const counts = new Map<string, number>(users.length > 0 ? [['user', users.length]] : []);
  for (const { contextKind, values } of contexts) {
    const kind = contextKind || 'user';
    if (values.length > 0) counts.set(kind, (counts.get(kind) ?? 0) + values.length);
  }
  return [...counts].map(([kind, count]) => countOfKind(count, kind));
}
