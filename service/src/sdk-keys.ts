// SDK keys: which environment one opens, and their life from creation to expiry.
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { recordAccessChange } from './access-audit.js';
import { type Actor, SYSTEM } from './actor.js';
import type { SdkIdentity } from './auth.js';
import { KeyExpiry } from './key-expiry.js';
import { LastUse } from './last-use.js';
import { LookupCache } from './lookup-cache.js';
import { Problem } from './problems.js';
import { generateSecret, hashSecret, hintOf } from './secrets.js';
import { StartError } from './start-error.js';
import type { Database } from './storage/database.js';
import { writeLastUses } from './storage/last-uses.js';
import {
  deleteSdkKeysExpiredBefore,
  findSdkKey,
  insertSdkKey,
  listSdkKeyEnds,
  listSdkKeys,
  listSdkKeysByHash,
  type SdkKey,
  updateSdkKey,
} from './storage/sdk-keys.js';

const MAX_KEYS_PER_ENVIRONMENT = 100;
const CACHE_CAPACITY = 1000;
/** How long an expired key is still listed, so that people can see what happened to it. */
const KEEP_EXPIRED_MS = 90 * 24 * 3_600_000;

export interface AccessParts {
  readonly database: Database;
  readonly log: Logger;
  readonly now: () => number;
}

/** For what opens the admin API. */
export interface AdminAccessParts extends AccessParts {
  /** Told that somebody may have lost access. */
  onChange(): void;
}

export class SdkKeys {
  readonly #parts: AccessParts;
  readonly #cache: LookupCache<SdkKey>;
  readonly #lastUse: LastUse;
  readonly #expiry: KeyExpiry;

  constructor(parts: AccessParts) {
    const { database, log, now } = parts;
    this.#parts = parts;
    this.#cache = new LookupCache({
      load: (hash) => findSdkKey(database, hash),
      now,
      capacity: CACHE_CAPACITY,
      // Servers of customers must come back to whatever node there is. A key that has an end ends at its time.
      staleMs: Number.POSITIVE_INFINITY,
    });
    this.#lastUse = new LastUse({
      write: (uses) => writeLastUses(database, 'sdk_keys', uses),
      onError: (error) => log.warn({ err: error }, 'last uses of SDK keys could not be written yet'),
    });
    this.#expiry = new KeyExpiry({
      list: (since) => listSdkKeyEnds(database, since),
      now,
      onError: (error) => log.warn({ err: error }, 'expiring SDK keys could not be read; using what was read before'),
    });
  }

  /** Learns all keys, so that they work also while the database is away, and starts to watch for those that expire. */
  start(): Promise<void> {
    return this.#learn();
  }

  /** @throws Problem 401 for an unknown or expired key, 503 when that cannot be known. */
  async identify(secret: string): Promise<SdkIdentity> {
    const key = await this.#cache.find(hashSecret(secret));
    if (key === undefined) throw new Problem('not_authenticated', 'The SDK key is unknown or has expired.');
    this.#lastUse.note(key.id, this.#parts.now());
    return { environment: key.environment, keyId: key.id, expiresAt: key.expiresAt };
  }

  /** Calls back when a key has expired, perhaps more than once. Returns the function that unsubscribes. */
  onExpired(listener: (keyId: string) => void): () => void {
    return this.#expiry.onExpired(listener);
  }

  list(environment: string): Promise<SdkKey[]> {
    return listSdkKeys(this.#parts.database, environment);
  }

  /** Makes a key. The secret is returned this once and cannot be had again. */
  async create(environment: string, name: string, actor: Actor): Promise<{ sdkKey: SdkKey; secret: string }> {
    const secret = generateSecret('sdk-');
    const sdkKey = this.#newKey(environment, name, secret, actor);
    await this.#parts.database.transaction().execute(async (transaction) => {
      await deleteSdkKeysExpiredBefore(transaction, sdkKey.createdAt - KEEP_EXPIRED_MS);
      const keys = await listSdkKeys(transaction, environment);
      if (keys.length >= MAX_KEYS_PER_ENVIRONMENT) {
        throw new Problem('limit_reached', `An environment has at most ${MAX_KEYS_PER_ENVIRONMENT} SDK keys.`);
      }
      await this.#insert(transaction, sdkKey, secret, actor);
    });
    return { sdkKey, secret };
  }

  /**
   * Renames a key or says when it expires: now or earlier ends it and its streams at once, later lets an old and a
   * new key work side by side until then, null takes an expiry that has not come yet back.
   */
  async change(
    environment: string,
    id: string,
    change: { readonly name?: string; readonly expiresAt?: number | null },
    actor: Actor,
  ): Promise<SdkKey> {
    const { database, now } = this.#parts;
    const at = now();
    const changed = await database.transaction().execute(async (transaction) => {
      const before = (await listSdkKeys(transaction, environment)).find((key) => key.id === id);
      if (before === undefined) {
        throw new Problem('sdk_key_not_found', `The environment "${environment}" has no SDK key with this id.`);
      }
      if (change.expiresAt !== undefined && before.expiresAt !== null && before.expiresAt <= at) {
        throw new Problem('in_use', 'The SDK key has expired, for good. Create a new one.');
      }
      const after = { ...before, ...change };
      await updateSdkKey(transaction, id, change);
      await recordAccessChange(transaction, {
        at,
        actor,
        action: 'sdk-key.change',
        kind: 'sdk-key',
        key: id,
        environment,
        before: { name: before.name, expiresAt: before.expiresAt },
        after: { name: after.name, expiresAt: after.expiresAt },
      });
      return after;
    });
    await this.forget(id);
    return changed;
  }

  /**
   * Makes sure that an environment accepts a key that its operator chose.
   *
   * @throws StartError when another environment has it.
   */
  async ensure(environment: string, secret: string): Promise<void> {
    const known = await findSdkKey(this.#parts.database, hashSecret(secret));
    if (known === undefined) {
      const sdkKey = this.#newKey(environment, 'FEATHERY_SDK_KEY', secret, SYSTEM);
      await this.#parts.database
        .transaction()
        .execute((transaction) => this.#insert(transaction, sdkKey, secret, SYSTEM));
      return;
    }
    if (known.environment !== environment) {
      throw new StartError(
        `FEATHERY_SDK_KEY is an SDK key of the environment "${known.environment}". Choose another for "${environment}".`,
      );
    }
    if (known.expiresAt === null) return;
    await updateSdkKey(this.#parts.database, known.id, { expiresAt: null });
    this.#cache.forget(known.id);
  }

  /** Forgets a key that was changed on another node, and ends its streams if it has expired. */
  forget(id: string): Promise<void> {
    this.#cache.forget(id);
    return this.#learn();
  }

  /** Asks the database anew about every key. */
  recheck(): Promise<void> {
    this.#cache.recheck();
    return this.#learn();
  }

  /** Forgets the keys of an environment that was deleted. */
  forgetEnvironment(environment: string): void {
    this.#cache.forgetWhere((key) => key.environment === environment);
  }

  async close(): Promise<void> {
    this.#expiry.close();
    await this.#lastUse.close();
  }

  async #learn(): Promise<void> {
    const { database, log, now } = this.#parts;
    await this.#cache
      .preload(() => listSdkKeysByHash(database, now(), CACHE_CAPACITY))
      .catch((error: unknown) => log.warn({ err: error }, 'SDK keys could not be read; using what was read before'));
    await this.#expiry.check();
  }

  #newKey(environment: string, name: string, secret: string, actor: Actor): SdkKey {
    return {
      id: randomUUID(),
      environment,
      name,
      hint: hintOf(secret),
      createdAt: this.#parts.now(),
      createdBy: actor.name,
      expiresAt: null,
      lastUsedAt: null,
    };
  }

  async #insert(transaction: Database, sdkKey: SdkKey, secret: string, actor: Actor): Promise<void> {
    if (!(await insertSdkKey(transaction, sdkKey, hashSecret(secret)))) return;
    await recordAccessChange(transaction, {
      at: sdkKey.createdAt,
      actor,
      action: 'sdk-key.create',
      kind: 'sdk-key',
      key: sdkKey.id,
      environment: sdkKey.environment,
      after: { name: sdkKey.name, hint: sdkKey.hint },
    });
  }
}
