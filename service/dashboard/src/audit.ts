// The audit, as pages read it and people say it.
import { infiniteQueryOptions } from '@tanstack/react-query';
import { api, data } from './api.js';
import { list } from './describe.js';
import { BY_CURSOR } from './pages.js';

export type AuditEntry = Awaited<ReturnType<typeof readAudit>>['entries'][number];

export interface AuditFilter {
  environment?: string | undefined;
  setting?: string | undefined;
  segment?: string | undefined;
  action?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

const PAGE = 50;

function readAudit(filter: AuditFilter, cursor?: string, limit = PAGE, signal?: AbortSignal) {
  const query = { limit, ...Object.fromEntries(Object.entries({ ...filter, cursor }).filter(([, value]) => value)) };
  return data(api.GET('/api/v1/audit', { params: { query }, ...(signal && { signal }) }));
}

export const auditQuery = (environment: string, filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: [environment, 'audit', filter],
    queryFn: ({ pageParam, signal }) => readAudit(filter, pageParam, PAGE, signal),
    ...BY_CURSOR,
  });

/** Action of the API → what was done, in the past tense. */
const ACTIONS: Readonly<Record<string, string>> = {
  'setting.create': 'Created',
  'setting.change': 'Changed',
  'setting.delete': 'Deleted',
  'segment.create': 'Created',
  'segment.change': 'Changed',
  'segment.delete': 'Deleted',
  'environment.create': 'Created environment',
  'environment.change': 'Changed',
  'environment.delete': 'Deleted environment',
  'environment.copy': 'Copied',
  'environment.freeze': 'Froze',
  'environment.unfreeze': 'Ended the freeze of',
  'environment.approval': 'Changed whether approvals are needed in',
  'audit.revert': 'Took back a change of',
  'change-set.create': 'Drafted a change set',
  'change-set.edit': 'Rewrote a change set',
  'change-set.submit': 'Asked for approval of a change set',
  'change-set.withdraw': 'Withdrew a change set',
  'change-set.approve': 'Approved a change set',
  'change-set.reject': 'Rejected a change set',
  'change-set.schedule': 'Scheduled a change set',
  'change-set.apply': 'Applied a change set to',
  'change-set.fail': 'Could not apply a change set',
  'change-set.delete': 'Threw away a change set',
  'member.create': 'Invited',
  'member.change': 'Changed the access of',
  'member.delete': 'Removed',
  'member.link': 'Made a sign-in link for',
  'member.password': 'Set a password for',
  'member.end-sessions': 'Ended the sessions of',
  'session.start': 'Signed in',
  'session.end': 'Signed out',
  'session.refuse': 'Was refused to sign in',
  'sdk-key.create': 'Made SDK key',
  'sdk-key.change': 'Changed SDK key',
  'token.create': 'Made token',
  'token.delete': 'Ended token',
  'service.import': 'Imported',
  'service.restore': 'Restored',
};

/** The actions, as a choice shows them. */
export const ACTION_CHOICES = [
  {
    group: 'Settings and segments',
    items: [
      'setting.create',
      'setting.change',
      'setting.delete',
      'segment.create',
      'segment.change',
      'segment.delete',
      'environment.change',
      'environment.copy',
      'audit.revert',
    ],
  },
  {
    group: 'Change sets',
    items: [
      'change-set.create',
      'change-set.submit',
      'change-set.approve',
      'change-set.reject',
      'change-set.schedule',
      'change-set.apply',
      'change-set.fail',
    ],
  },
  {
    group: 'Environments',
    items: [
      'environment.create',
      'environment.delete',
      'environment.freeze',
      'environment.unfreeze',
      'environment.approval',
    ],
  },
  {
    group: 'Access',
    items: [
      'session.start',
      'session.refuse',
      'member.create',
      'member.change',
      'member.delete',
      'sdk-key.create',
      'sdk-key.change',
      'token.create',
      'token.delete',
    ],
  },
].map(({ group, items }) => ({ group, items: items.map((value) => ({ value, label: choiceLabel(value) })) }));

const MOST_NAMED = 3;
/** These are known by a generated id; their names say more. */
const NAMED_WITHIN = new Set(['change-set', 'sdk-key', 'token', 'member', 'session']);

/** `Changed new-navigation and old-navigation`. */
export function describeEntry({ action, items, comment }: Pick<AuditEntry, 'action' | 'items' | 'comment'>): string {
  const verb = ACTIONS[action] ?? action;
  if (action.startsWith('session.')) return verb;
  if (action.startsWith('change-set.') && action !== 'change-set.apply') return `${verb}: ${comment}`;
  const names = [...new Set(items.map(nameOf))].filter((name) => name !== '');
  return names.length === 0 ? verb : `${verb} ${list(names, 'and', MOST_NAMED)}`;
}

function nameOf({ kind, key, before, after }: AuditEntry['items'][number]): string {
  if (kind === 'segment') return `segment ${key}`;
  if (!NAMED_WITHIN.has(kind)) return key;
  const fields = { ...(before as object | null), ...(after as object | null) } as Record<string, unknown>;
  const name = fields.name || fields.email;
  return typeof name === 'string' ? name : '';
}

function choiceLabel(action: string): string {
  const [subject = '', step = ''] = action.split('.');
  return `${subject.replace('-', ' ').replace('sdk', 'SDK')}: ${step.replace('-', ' ')}`.replace(/^./, (first) =>
    first.toUpperCase(),
  );
}
