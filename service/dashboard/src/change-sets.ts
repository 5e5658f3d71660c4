// Change sets: what is drafted, waits, is scheduled, and what became of it.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, data } from './api.js';
import type { Change } from './changes.js';
import type { Json } from './model.js';
import { BY_CURSOR } from './pages.js';
import type { Session } from './session.js';

export type ChangeSetState = 'draft' | 'submitted' | 'approved' | 'rejected' | 'scheduled' | 'applied' | 'failed';
export type Step = 'edit' | 'submit' | 'withdraw' | 'approve' | 'reject' | 'schedule' | 'apply' | 'delete';

export interface ChangeSet {
  id: string;
  environment: string;
  version: number;
  state: ChangeSetState;
  steps: Step[];
  title: string;
  changes: Change[];
  author: { kind: string; id: string; name: string };
  decision: { approved: boolean; by: string; at: string; comment: string } | null;
  scheduledAt: string | null;
  failure: string | null;
  auditId: number | null;
  createdAt: string;
  updatedAt: string;
}

const PAGE = 100;

export const changeSetsQuery = (environment: string) =>
  infiniteQueryOptions({
    queryKey: [environment, 'change-sets'],
    queryFn: async ({ pageParam, signal }) => {
      const query = { limit: PAGE, ...(pageParam && { cursor: pageParam }) };
      const params = { path: { env: environment }, query };
      const page = await data(api.GET('/api/v1/environments/{env}/change-sets', { params, signal }));
      return page as unknown as { changeSets: ChangeSet[]; nextCursor: string | null };
    },
    ...BY_CURSOR,
  });

export interface ChangeSetItem {
  environment: string | null;
  kind: string;
  key: string;
  before: Json;
  after: Json;
}

export const changeSetPreviewQuery = (environment: string, { id, version }: Pick<ChangeSet, 'id' | 'version'>) =>
  queryOptions({
    queryKey: [environment, 'change-set', id, version],
    queryFn: async () => {
      const params = { path: { env: environment, id } };
      const answer = await data(api.GET('/api/v1/environments/{env}/change-sets/{id}/preview', { params }));
      return answer.items as ChangeSetItem[];
    },
    retry: false,
  });

/** Takes a step, at the version that was looked at. */
export async function takeStep(
  changeSet: Pick<ChangeSet, 'environment' | 'id' | 'version'>,
  step: Step,
  { comment = '', at = '' } = {},
): Promise<void> {
  const { environment, id, version } = changeSet;
  const params = { path: { env: environment, id }, header: { 'if-match': `"${version}"` } };
  const body = step === 'schedule' ? { at } : step === 'approve' || step === 'reject' ? { comment } : undefined;
  const url = '/api/v1/environments/{env}/change-sets/{id}';
  if (step === 'delete') await api.DELETE(url, { params });
  else await api.POST(`${url}/${step}` as `${typeof url}/schedule`, { params, body: body as { at: string } });
}

/** Why somebody may not take a step; undefined when they may, as far as this page knows. */
export function stepReason(
  step: Step,
  { author }: ChangeSet,
  session: Session,
  {
    editReason,
    requiresApproval,
    isApproved,
  }: { editReason: string | undefined; requiresApproval: boolean; isApproved: boolean },
): string | undefined {
  if (editReason !== undefined) return editReason;
  const isAuthor = author.kind === session.kind && author.id === session.id;
  if (step === 'approve' || step === 'reject') {
    return isAuthor ? 'Nobody decides about their own change set. Ask another member.' : undefined;
  }
  if (step === 'submit' && !isAuthor) return `Only its author, ${author.name}, can submit it.`;
  if (step === 'delete' && !isAuthor && session.role !== 'admin') {
    return `Only its author, ${author.name}, or an admin can throw it away.`;
  }
  if ((step === 'apply' || step === 'schedule') && requiresApproval && !isApproved) {
    return 'This environment asks for an approval by a second member first.';
  }
  return undefined;
}
