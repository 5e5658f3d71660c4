import type { Json } from 'feathery-server-sdk/protocol';
import type { Actor } from './actor.js';
import { recordAudit } from './storage/audit.js';
import type { Database } from './storage/database.js';
import { notify } from './storage/notify.js';

export interface AccessChange {
  readonly at: number;
  readonly actor: Actor;
  /** `sdk-key.create`, `member.change`, `session.start`, … */
  readonly action: string;
  readonly kind: 'sdk-key' | 'token' | 'member' | 'session' | 'environment';
  /** Id of what changed, or an environment's key. */
  readonly key: string;
  readonly environment?: string;
  readonly before?: Json;
  readonly after?: Json;
}

/**
 * Records who changed who may do what, and tells the other nodes. `database` is the transaction of the change. Never
 * given a secret.
 */
export async function recordAccessChange(database: Database, change: AccessChange): Promise<void> {
  const environment = change.environment ?? null;
  await recordAudit(database, {
    at: change.at,
    actor: change.actor,
    action: change.action,
    environment,
    revision: null,
    comment: '',
    reverts: null,
    items: [
      {
        environment,
        kind: change.kind,
        key: change.key,
        before: change.before ?? null,
        after: change.after ?? null,
      },
    ],
  });
  await notify(database, { type: 'access', kind: change.kind, key: change.key });
}
