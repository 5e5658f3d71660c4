// A role and its environments, as requests give them.
import { Type } from 'typebox';
import type { Feed } from './feed.js';
import { type Grant, ROLES, type Role } from './permissions.js';
import { invalidBody } from './problems.js';

export const RoleSchema = Type.Unsafe<Role>({
  type: 'string',
  enum: [...ROLES],
  description: 'viewer: sees everything; editor: changes settings; admin: also environments and access',
});

export const EnvironmentsSchema = Type.Unsafe<readonly string[] | null>({
  type: 'array',
  nullable: true,
  items: { type: 'string' },
  maxItems: 100,
  uniqueItems: true,
  description: 'Keys of the environments an editor may change; null: all. Without meaning for other roles.',
});

/** Checks that the environments exist, and drops them where the role gives them no meaning. Throws Problem 422. */
export function checkGrant({ role, environments }: Grant, feed: Feed): Grant {
  if (role !== 'editor' || environments === null) return { role, environments: null };
  const unknown = environments.findIndex((key) => !feed.environments.has(key));
  if (unknown >= 0) {
    throw invalidBody([
      { pointer: `/environments/${unknown}`, detail: `there is no environment "${environments[unknown]}"` },
    ]);
  }
  return { role, environments };
}
