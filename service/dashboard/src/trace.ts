// Explanations of values: what was considered, step by step, as the API tells it.
import { queryOptions } from '@tanstack/react-query';
import { api, data } from './api.js';
import type { Reason } from './contexts.js';
import type { Json } from './model.js';

export interface TracedClause {
  contextKind: string;
  attribute: string;
  op: string;
  values: Json[];
  negate: boolean;
  actual?: Json;
  memberOf?: string[];
  matched: boolean;
  problem?: string;
}

export type TraceStep =
  | { step: 'off' }
  | {
      step: 'prerequisite';
      key: string;
      required: number | null;
      served: number | null;
      satisfied: boolean;
      problem?: string;
    }
  | { step: 'targets'; matched: boolean; contextKind?: string }
  | { step: 'rule'; ruleIndex: number; matched: boolean; clauses: TracedClause[] }
  | { step: 'fallthrough' }
  | { step: 'rollout'; contextKind: string; attribute: string; bucket: number; variation: number | null };

export interface Result {
  value: Json;
  variationIndex: number | null;
  reason: Reason;
  trace: TraceStep[];
}

export interface Evaluation {
  revision: number;
  results: Record<string, Result>;
}

/** Without settings all of them; without a revision as it is now. */
export const evaluateQuery = (
  environment: string,
  context: Json,
  { settings, revision }: { settings?: string[] | undefined; revision?: number | undefined } = {},
) =>
  queryOptions({
    queryKey: [environment, 'evaluate', context, settings ?? null, revision ?? null],
    queryFn: async ({ signal }) => {
      const body = { context, ...(settings && { settings }), ...(revision !== undefined && { revision }) };
      const params = { path: { env: environment } };
      const answer = await data(api.POST('/api/v1/environments/{env}/evaluate', { params, body, signal }));
      return answer as unknown as Evaluation;
    },
    retry: false,
    gcTime: 60_000,
  });
