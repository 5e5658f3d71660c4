// What stands between a change and an environment: a freeze, or an approval that is missing.
import type { Json } from 'feathery-server-sdk/protocol';
import { recordAccessChange } from './access-audit.js';
import type { Actor } from './actor.js';
import { Problem } from './problems.js';
import type { Database } from './storage/database.js';
import { type EnvironmentPolicy, lockEnvironment, readPolicy, writePolicy } from './storage/environment-policies.js';

/** The part of a commit that decides whether it may pass. */
export interface Passage {
  readonly action: string;
  /** A member who is not the author has approved exactly this. */
  readonly approved?: boolean;
}

/** These cannot change what any server is served, so they need no approval: a new setting is off everywhere. */
const NEEDS_NO_APPROVAL = new Set(['setting.create', 'segment.create']);

export class Policies {
  readonly #database: Database;
  readonly #now: () => number;

  constructor({ database, now }: { database: Database; now: () => number }) {
    this.#database = database;
    this.#now = now;
  }

  read(environment: string): Promise<EnvironmentPolicy> {
    return readPolicy(this.#database, environment);
  }

  /**
   * Makes an environment read-only. Commits that are under way end first, so none comes after this returns.
   *
   * @throws Problem 423 when it is frozen already.
   */
  freeze(environment: string, reason: string, actor: Actor): Promise<EnvironmentPolicy> {
    return this.#change(environment, 'environment.freeze', actor, (policy) => {
      if (policy.frozen !== null) throw frozenProblem(environment, policy.frozen);
      return { ...policy, frozen: { reason, by: actor, at: this.#now() } };
    });
  }

  /** Lets changes through again. */
  unfreeze(environment: string, actor: Actor): Promise<EnvironmentPolicy> {
    return this.#change(environment, 'environment.unfreeze', actor, (policy) => ({ ...policy, frozen: null }));
  }

  /** Says whether changes need the approval of a second member. */
  requireApproval(environment: string, requiresApproval: boolean, actor: Actor): Promise<EnvironmentPolicy> {
    return this.#change(environment, 'environment.approval', actor, (policy) => ({ ...policy, requiresApproval }));
  }

  #change(
    environment: string,
    action: string,
    actor: Actor,
    plan: (before: EnvironmentPolicy) => EnvironmentPolicy,
  ): Promise<EnvironmentPolicy> {
    return this.#database.transaction().execute(async (transaction) => {
      if (!(await lockEnvironment(transaction, environment))) {
        throw new Problem('environment_not_found', `There is no environment "${environment}".`);
      }
      const before = await readPolicy(transaction, environment);
      const after = plan(before);
      await writePolicy(transaction, environment, after);
      await recordAccessChange(transaction, {
        at: this.#now(),
        actor,
        action,
        kind: 'environment',
        key: environment,
        environment,
        before: describe(before),
        after: describe(after),
      });
      return after;
    });
  }
}

/**
 * Lets a commit into an environment, or not. Called in the commit's transaction.
 *
 * @throws Problem 423 when the environment is frozen, 409 when it asks for an approval that the commit does not have.
 */
export async function checkPolicy(transaction: Database, environment: string, passage: Passage): Promise<void> {
  const { frozen, requiresApproval } = await readPolicy(transaction, environment);
  if (frozen !== null) throw frozenProblem(environment, frozen);
  if (!requiresApproval || passage.approved === true || NEEDS_NO_APPROVAL.has(passage.action)) return;
  throw new Problem(
    'approval_required',
    `Changes of "${environment}" need the approval of a second member. Submit them as a change set.`,
  );
}

function frozenProblem(environment: string, { reason, by, at }: NonNullable<EnvironmentPolicy['frozen']>): Problem {
  return new Problem('environment_frozen', `"${environment}" is frozen by ${by.name}: ${reason}`, {
    members: { frozen: { reason, by: by.name, at: new Date(at).toISOString() } },
  });
}

function describe({ frozen, requiresApproval }: EnvironmentPolicy): Json {
  return { frozen: frozen === null ? null : frozen.reason, requiresApproval };
}
