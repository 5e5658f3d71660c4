// Environments themselves: created with every setting in them, renamed, deleted with all they hold.
import type { Actor } from './actor.js';
import type { Changes } from './changes.js';
import { initialSetting } from './definition.js';
import type { EnvironmentData } from './environment-data.js';
import type { Feed } from './feed.js';
import { Problem } from './problems.js';
import { recordAudit } from './storage/audit.js';
import type { Database } from './storage/database.js';
import { listDefinitions } from './storage/definitions.js';
import {
  createEpoch,
  deleteEnvironment,
  type EnvironmentRow,
  insertEnvironment,
  listEnvironments,
  renameEnvironment,
} from './storage/environments.js';
import { type ItemRecord, writeItem } from './storage/items.js';
import { completeSetting } from './wire.js';

/** The one that exists from the start. */
export const FIRST_ENVIRONMENT = { key: 'production', name: 'Production' };

const FIRST_REVISION = 1;

export interface EnvironmentsParts {
  readonly changes: Changes;
  readonly feed: Feed;
  readonly now: () => number;
  readonly maxEnvironments: number;
}

export class Environments {
  readonly #parts: EnvironmentsParts;

  constructor(parts: EnvironmentsParts) {
    this.#parts = parts;
  }

  /**
   * Creates an environment with every setting in it: as in `copyFrom`, segments included, or else off.
   *
   * @throws Problem 404 for an unknown `copyFrom`, 409 for a key that is taken or one environment too many.
   */
  async create(
    wish: { key: string; name: string; copyFrom?: string | undefined },
    actor: Actor,
  ): Promise<EnvironmentData> {
    const { changes, feed, now, maxEnvironments } = this.#parts;
    const source = wish.copyFrom === undefined ? undefined : feed.environment(wish.copyFrom);
    await changes.exclusively(async (transaction) => {
      const present = await listEnvironments(transaction);
      if (present.some(({ key }) => key === wish.key)) {
        throw new Problem('already_exists', `There is an environment "${wish.key}" already.`);
      }
      if (present.length >= maxEnvironments) {
        throw new Problem('limit_reached', `This service keeps at most ${maxEnvironments} environments.`);
      }
      await insertEnvironment(transaction, newRow(wish, now()));
      for (const record of await initialItems(transaction, source)) await writeItem(transaction, wish.key, record);
      await this.#record(transaction, actor, 'environment.create', wish.key, null, {
        name: wish.name,
        copyFrom: wish.copyFrom ?? null,
      });
    });
    return feed.environment(wish.key);
  }

  /** @throws Problem 404 */
  async rename(key: string, name: string, actor: Actor): Promise<EnvironmentData> {
    const before = this.#parts.feed.environment(key).name;
    if (name !== before) {
      await this.#parts.changes.exclusively(async (transaction) => {
        await renameEnvironment(transaction, key, name);
        await this.#record(transaction, actor, 'environment.change', key, { name: before }, { name });
      });
    }
    return this.#parts.feed.environment(key);
  }

  /** Deletes an environment, its SDK keys and all it holds. @throws Problem 404, 409 for the last one. */
  async delete(key: string, actor: Actor): Promise<void> {
    const { name } = this.#parts.feed.environment(key);
    await this.#parts.changes.exclusively(async (transaction) => {
      const others = (await listEnvironments(transaction)).filter((row) => row.key !== key);
      if (others.length === 0) throw new Problem('in_use', 'The last environment cannot be deleted.');
      await deleteEnvironment(transaction, key);
      await this.#record(transaction, actor, 'environment.delete', key, { name }, null);
    });
  }

  #record(
    transaction: Database,
    actor: Actor,
    action: string,
    key: string,
    before: { [field: string]: string | null } | null,
    after: { [field: string]: string | null } | null,
  ): Promise<number> {
    return recordAudit(transaction, {
      at: this.#parts.now(),
      actor,
      action,
      environment: key,
      revision: null,
      comment: '',
      reverts: null,
      items: [{ environment: key, kind: 'environment', key, before, after }],
    });
  }
}

/** Creates the environment that exists from the start, in a database that has none. Returns whether it did. */
export async function createFirstEnvironment(database: Database, now: number): Promise<boolean> {
  return database.transaction().execute(async (transaction) => {
    if ((await listEnvironments(transaction)).length > 0) return false;
    await insertEnvironment(transaction, newRow(FIRST_ENVIRONMENT, now));
    return true;
  });
}

function newRow({ key, name }: { key: string; name: string }, now: number): EnvironmentRow {
  return { key, name, epoch: createEpoch(), revision: FIRST_REVISION, created_at: now };
}

async function initialItems(database: Database, source: EnvironmentData | undefined): Promise<ItemRecord[]> {
  const definitions = await listDefinitions(database, { limit: Number.MAX_SAFE_INTEGER });
  const records: ItemRecord[] = definitions.map((definition) => {
    const setting = source?.settings.get(definition.key) ?? initialSetting(definition);
    const item = completeSetting({ ...setting, version: FIRST_REVISION });
    return { kind: 'setting', key: definition.key, version: FIRST_REVISION, item, meta: null };
  });
  for (const [key, segment] of source?.segments ?? []) {
    const item = { ...segment, version: FIRST_REVISION };
    const meta = source?.segmentMeta.get(key) ?? null;
    records.push({ kind: 'segment', key, version: FIRST_REVISION, item, meta });
  }
  return records;
}
