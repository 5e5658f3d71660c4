// Why somebody may not do something, in words. The service decides; this only spares people a refusal.
import { canEdit, mayEditEverywhere, type Session, useSession } from './session.js';

/** Undefined when the person may. */
export type Reason = string | undefined;

export function editReason(session: Session, environment: string): Reason {
  if (canEdit(session, environment)) return undefined;
  return session.role === 'viewer'
    ? 'You are a viewer and cannot change anything. Ask an admin to make you an editor.'
    : `You may not change ${environment}. Ask an admin for this environment.`;
}

export function useEditReason(environment: string): Reason {
  return editReason(useSession(), environment);
}

/** Members, tokens, SDK keys, environments. */
export function useAdminReason(): Reason {
  return useSession().role === 'admin' ? undefined : 'Only an admin can do this.';
}

export function useEverywhereReason(): Reason {
  const session = useSession();
  if (mayEditEverywhere(session)) return undefined;
  return session.role === 'viewer'
    ? 'You are a viewer and cannot change anything. Ask an admin to make you an editor.'
    : 'This changes every environment, and you may change only some of them.';
}
