// Changes of one environment: what they would do, and doing them.
import { queryOptions } from '@tanstack/react-query';
import { api, data } from './api.js';
import type { Json } from './model.js';

/** One entry of a change set, as the API takes it. */
export interface Change {
  setting?: string;
  segment?: string;
  definition?: string;
  patch?: Record<string, unknown>;
  create?: boolean;
  delete?: boolean;
  /** Version the change was made for. */
  version?: number;
}

export interface Served {
  value: Json;
  variationIndex: number | null;
}

export interface Transition {
  setting: string;
  kind: string;
  count: number;
  before: Served;
  after: Served;
}

export interface Preview {
  revision: number;
  items: { environment: string | null; kind: string; key: string; before: Json; after: Json }[];
  considered: Record<string, number>;
  changed: Record<string, number>;
  transitions: Transition[];
  examples: (Omit<Transition, 'count'> & { key: string; name: string | null })[];
}

/** Not below the environment's key: our own change must not be asked about again while it is being made. */
export const previewQuery = (environment: string, changes: readonly Change[]) =>
  queryOptions({
    queryKey: ['preview', environment, changes],
    queryFn: async ({ signal }) => {
      const path = { env: environment };
      const body = { changes: changes.map((change) => ({ ...change })) };
      const answer = await data(api.POST('/api/v1/environments/{env}/preview', { params: { path }, body, signal }));
      return answer as unknown as Preview;
    },
    enabled: changes.length > 0,
    retry: false,
    staleTime: 10_000,
    gcTime: 60_000,
  });

/** Applies changes, all or none. Returns the revision they came to. */
export async function applyChanges(environment: string, changes: readonly Change[], comment: string): Promise<number> {
  const path = { env: environment };
  const body = { comment, changes: changes.map((change) => ({ ...change })) };
  const { revision } = await data(api.POST('/api/v1/environments/{env}/changes', { params: { path }, body }));
  return revision;
}

/** Takes a revision back, by a new change. Returns the revision that came to, or null when nothing was left of it. */
export async function revertRevision(environment: string, revision: number): Promise<number | null> {
  const { entries } = await data(api.GET('/api/v1/audit', { params: { query: { environment, limit: 50 } } }));
  const entry = entries.find((candidate) => candidate.revision === revision);
  if (entry === undefined) throw new Error('The change is not among the last ones any more. Revert it under Activity.');
  const reverted = await data(api.POST('/api/v1/audit/{id}/revert', { params: { path: { id: entry.id } }, body: {} }));
  return reverted.revision;
}
