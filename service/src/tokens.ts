// Admin API tokens: what one allows, and their life.
import { randomUUID } from 'node:crypto';
import { recordAccessChange } from './access-audit.js';
import { type Actor, SYSTEM } from './actor.js';
import { LastUse } from './last-use.js';
import { LookupCache } from './lookup-cache.js';
import type { Grant } from './permissions.js';
import { Problem } from './problems.js';
import type { AdminAccessParts } from './sdk-keys.js';
import { generateSecret, hashSecret, hintOf } from './secrets.js';
import type { Database } from './storage/database.js';
import { writeLastUses } from './storage/last-uses.js';
import { deleteToken, findToken, listTokens, putToken, readToken, type Token } from './storage/tokens.js';

const MAX_TOKENS = 1000;
const CACHE_CAPACITY = 1000;
/** The one token that `FEATHERY_ADMIN_TOKEN` creates, and replaces when its value changes. */
const STARTUP_TOKEN_ID = 'FEATHERY_ADMIN_TOKEN';

export interface NewToken extends Grant {
  readonly name: string;
  readonly expiresAt: number | null;
}

export class Tokens {
  readonly #parts: AdminAccessParts;
  readonly #cache: LookupCache<Token>;
  readonly #lastUse: LastUse;

  constructor(parts: AdminAccessParts) {
    const { database, log, now, onChange } = parts;
    this.#parts = parts;
    this.#cache = new LookupCache({
      load: (hash) => findToken(database, hash),
      now,
      capacity: CACHE_CAPACITY,
      onChange,
    });
    this.#lastUse = new LastUse({
      write: (uses) => writeLastUses(database, 'tokens', uses),
      onError: (error) => log.warn({ err: error }, 'last uses of tokens could not be written yet'),
    });
  }

  /** @throws Problem 401 for an unknown or expired token, 503 when that cannot be known. */
  async identify(secret: string): Promise<Token> {
    const token = await this.#cache.find(hashSecret(secret));
    if (token === undefined) throw new Problem('not_authenticated', 'The token is unknown or has expired.');
    this.#lastUse.note(token.id, this.#parts.now());
    return token;
  }

  list(): Promise<Token[]> {
    return listTokens(this.#parts.database);
  }

  /** Makes a token. The secret is returned this once and cannot be had again. */
  async create(wish: NewToken, actor: Actor): Promise<{ token: Token; secret: string }> {
    const secret = generateSecret('fta-');
    const token = this.#newToken(randomUUID(), wish, secret, actor);
    await this.#parts.database.transaction().execute(async (transaction) => {
      if ((await listTokens(transaction)).length >= MAX_TOKENS) {
        throw new Problem('limit_reached', `There are at most ${MAX_TOKENS} tokens. Revoke one that is not in use.`);
      }
      await this.#put(transaction, token, secret, actor);
    });
    return { token, secret };
  }

  /** Ends a token at once. */
  async revoke(id: string, actor: Actor): Promise<void> {
    await this.#parts.database.transaction().execute(async (transaction) => {
      const token = await readToken(transaction, id);
      if (token === undefined) throw new Problem('token_not_found', 'There is no token with this id.');
      await deleteToken(transaction, id);
      await recordAccessChange(transaction, {
        at: this.#parts.now(),
        actor,
        action: 'token.delete',
        kind: 'token',
        key: id,
        before: describe(token),
      });
    });
    this.#cache.forget(id);
  }

  /** Makes sure that the token the operator chose is an admin's. The one chosen at an earlier start ends. */
  async ensure(secret: string): Promise<void> {
    const hash = hashSecret(secret);
    await this.#parts.database.transaction().execute(async (transaction) => {
      const known = await findToken(transaction, hash);
      if (known?.id === STARTUP_TOKEN_ID) return;
      // The same secret can have been made as an ordinary token; it is one token, with the operator's word on it.
      if (known !== undefined) await deleteToken(transaction, known.id);
      const wish = { name: STARTUP_TOKEN_ID, role: 'admin', environments: null, expiresAt: null } as const;
      await this.#put(transaction, this.#newToken(STARTUP_TOKEN_ID, wish, secret, SYSTEM), secret, SYSTEM);
    });
    this.#cache.forget(STARTUP_TOKEN_ID);
  }

  /** Forgets a token that was revoked or replaced on another node. */
  forget(id: string): void {
    this.#cache.forget(id);
  }

  /** Asks the database anew about every token. */
  recheck(): void {
    this.#cache.recheck();
  }

  close(): Promise<void> {
    return this.#lastUse.close();
  }

  #newToken(id: string, { name, role, environments, expiresAt }: NewToken, secret: string, actor: Actor): Token {
    return {
      id,
      name,
      hint: hintOf(secret),
      role,
      environments,
      createdAt: this.#parts.now(),
      createdBy: actor.name,
      expiresAt,
      lastUsedAt: null,
    };
  }

  async #put(transaction: Database, token: Token, secret: string, actor: Actor): Promise<void> {
    await putToken(transaction, token, hashSecret(secret));
    await recordAccessChange(transaction, {
      at: token.createdAt,
      actor,
      action: 'token.create',
      kind: 'token',
      key: token.id,
      after: describe(token),
    });
  }
}

function describe({ name, hint, role, environments, expiresAt }: Token) {
  return { name, hint, role, environments, expiresAt };
}
