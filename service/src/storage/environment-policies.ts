import type { Actor } from '../auth.js';
import type { Database } from './database.js';

export interface EnvironmentPolicyTables {
  environment_policies: {
    environment: string;
    /** JSON of a `Freeze`; null while changes are allowed. */
    frozen: string | null;
    requires_approval: number;
  };
}

/** Nobody may change the environment. */
export interface Freeze {
  readonly reason: string;
  readonly by: Actor;
  readonly at: number;
}

/** What stands between a change and an environment. */
export interface EnvironmentPolicy {
  readonly frozen: Freeze | null;
  /** Every change must be approved by a member who is not its author. */
  readonly requiresApproval: boolean;
}

const OPEN: EnvironmentPolicy = { frozen: null, requiresApproval: false };

export async function readPolicy(database: Database, environment: string): Promise<EnvironmentPolicy> {
  const row = await database
    .selectFrom('environment_policies')
    .select(['frozen', 'requires_approval'])
    .where('environment', '=', environment)
    .executeTakeFirst();
  if (row === undefined) return OPEN;
  return {
    frozen: row.frozen === null ? null : (JSON.parse(row.frozen) as Freeze),
    requiresApproval: row.requires_approval === 1,
  };
}

export async function writePolicy(database: Database, environment: string, policy: EnvironmentPolicy): Promise<void> {
  const row = {
    frozen: policy.frozen === null ? null : JSON.stringify(policy.frozen),
    requires_approval: policy.requiresApproval ? 1 : 0,
  };
  await database
    .insertInto('environment_policies')
    .values({ environment, ...row })
    .onConflict((conflict) => conflict.column('environment').doUpdateSet(row))
    .execute();
}

/**
 * Waits for the commits to an environment that are under way, and keeps further ones waiting until the transaction
 * ends. Returns false when there is no such environment.
 */
export async function lockEnvironment(database: Database, environment: string): Promise<boolean> {
  const { numUpdatedRows } = await database
    .updateTable('environments')
    .set({ key: environment })
    .where('key', '=', environment)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}
