// Who may do what, as one table. Pure: no request, no database.

export const ROLES = ['viewer', 'editor', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** What a route does, as far as access goes. A route names exactly one. */
export type Action =
  /** See settings, segments, analytics, connections, the audit. */
  | 'read'
  /** See and change one's own member, password and sessions. */
  | 'own-access'
  /** Change what is the same in every environment: create, rename or delete a setting or a segment's metadata. */
  | 'edit-settings'
  /** Change what one environment serves. */
  | 'edit-environment'
  /** Approve or reject somebody else's change set. */
  | 'approve'
  /** Environments themselves: create, rename, delete, freeze, require approval. */
  | 'manage-environments'
  /** Members, tokens, SDK keys, other people's sessions, import of a whole service. */
  | 'manage-access';

const LEAST_ROLE: Readonly<Record<Action, Role>> = {
  read: 'viewer',
  'own-access': 'viewer',
  'edit-settings': 'editor',
  'edit-environment': 'editor',
  approve: 'editor',
  'manage-environments': 'admin',
  'manage-access': 'admin',
};

/** The part of an identity that decides. */
export interface Grant {
  readonly role: Role;
  /** The environments an editor may change; null: all of them. Reading is never limited. */
  readonly environments: readonly string[] | null;
}

/**
 * Whether a grant covers an action.
 *
 * @param environment - Key of the environment the action touches; absent when it touches none or every one.
 *   An editor limited to named environments may do nothing that touches every one.
 */
export function isAllowed(grant: Grant, action: Action, environment?: string): boolean {
  if (!isAtLeast(grant.role, LEAST_ROLE[action])) return false;
  if (grant.role !== 'editor' || grant.environments === null || LEAST_ROLE[action] === 'viewer') return true;
  return environment !== undefined && grant.environments.includes(environment);
}

/** Whether a role includes all that another may do. */
export function isAtLeast(role: Role, least: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(least);
}
