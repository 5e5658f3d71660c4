// Sessions: signing in with a password, staying signed in, signing out.
import { randomUUID } from 'node:crypto';
import { recordAccessChange } from './access-audit.js';
import type { Actor } from './actor.js';
import { BoundedMap } from './bounded-map.js';
import { LastUse } from './last-use.js';
import { LookupCache } from './lookup-cache.js';
import type { Passwords } from './passwords.js';
import { Problem } from './problems.js';
import type { AdminAccessParts } from './sdk-keys.js';
import { generateSecret, hashSecret } from './secrets.js';
import { SignInFailures } from './sign-in-failures.js';
import type { Database } from './storage/database.js';
import { writeLastUses } from './storage/last-uses.js';
import { findCredentials, type Member, readPassword, updateMember } from './storage/members.js';
import {
  deleteExpiredSessions,
  deleteSession,
  deleteSessions,
  findSession,
  insertSession,
  listSessions,
  type MemberSession,
  type Session,
} from './storage/sessions.js';
import { Throttle, throttleKey } from './throttle.js';

export const SESSION_LIFETIME_MS = 7 * 24 * 3_600_000;
const CACHE_CAPACITY = 1000;
const MAX_SESSIONS_PER_MEMBER = 50;
const MAX_USER_AGENT_LENGTH = 200;
/** Guessing a password of ten thousand likely ones takes days; a person who mistypes never notices. */
const PER_ACCOUNT = { burst: 10, intervalMs: 30_000 };
/** An office behind one address signs in without waiting. */
const PER_ADDRESS = { burst: 30, intervalMs: 10_000 };
const THROTTLED_KEYS = 10_000;

/** Where a request came from. */
export interface Origin {
  readonly address: string;
  readonly userAgent: string;
}

/** A session that has just begun. The secret belongs into the cookie and nowhere else. */
export interface StartedSession {
  readonly secret: string;
  readonly session: MemberSession;
}

export class Sessions {
  readonly #parts: AdminAccessParts;
  readonly #passwords: Passwords;
  readonly #cache: LookupCache<MemberSession>;
  readonly #lastUse: LastUse;
  readonly #accounts = new Throttle(PER_ACCOUNT, THROTTLED_KEYS);
  readonly #addresses = new Throttle(PER_ADDRESS, THROTTLED_KEYS);
  readonly #failures: SignInFailures;
  /** Where members have signed in. */
  readonly #known = new BoundedMap<string, true>(THROTTLED_KEYS);

  constructor(parts: AdminAccessParts, passwords: Passwords) {
    const { database, log, now, onChange } = parts;
    this.#parts = parts;
    this.#passwords = passwords;
    this.#failures = new SignInFailures(parts);
    this.#cache = new LookupCache({
      load: (hash) => findSession(database, hash),
      now,
      capacity: CACHE_CAPACITY,
      onChange,
    });
    this.#lastUse = new LastUse({
      write: (uses) => writeLastUses(database, 'sessions', uses),
      onError: (error) => log.warn({ err: error }, 'last uses of sessions could not be written yet'),
    });
  }

  /** @throws Problem 401 for an unknown or expired session, 503 when that cannot be known. */
  async identify(secret: string): Promise<MemberSession> {
    const session = await this.#cache.find(hashSecret(secret));
    if (session === undefined) throw new Problem('not_authenticated', 'The session has ended. Sign in again.');
    this.#lastUse.note(session.id, this.#parts.now());
    return session;
  }

  /**
   * Starts a session for whoever knows the password. The answer and its time are the same for an unknown member and
   * for a wrong password.
   *
   * @throws Problem 401 `sign_in_failed`, 429 after too many tries, 503 when too many others are trying.
   */
  async signIn(email: string, password: string, origin: Origin): Promise<StartedSession> {
    const account = normalizeEmail(email);
    await this.#takeTry(account, origin);
    const { database } = this.#parts;
    const { member, password: stored = null } = (await findCredentials(database, account)) ?? {};
    if (!(await this.#passwords.matches(password, stored)) || member === undefined) {
      await this.#failures.record({ account, address: origin.address, reason: 'wrong password' });
      throw new Problem('sign_in_failed', 'E-mail address or password is wrong.');
    }
    this.#giveTriesBack(account, origin);
    const renewed = this.#passwords.isOutdated(stored as string) ? await this.#passwords.hash(password) : undefined;
    return database.transaction().execute(async (transaction) => {
      if (renewed !== undefined) await updateMember(transaction, member.id, { password: renewed });
      return this.start(transaction, member, origin);
    });
  }

  /** Starts a session for a member who has proved to be one. `database` is the transaction of that proof. */
  async start(database: Database, member: Member, origin: Origin): Promise<StartedSession> {
    const at = this.#parts.now();
    await deleteExpiredSessions(database, at);
    const surplus = (await listSessions(database, member.id, at)).slice(MAX_SESSIONS_PER_MEMBER - 1);
    for (const { id } of surplus) await deleteSession(database, member.id, id);
    const secret = generateSecret('fts-');
    const session: Session = {
      id: randomUUID(),
      member: member.id,
      createdAt: at,
      expiresAt: at + SESSION_LIFETIME_MS,
      lastUsedAt: at,
      address: origin.address,
      userAgent: origin.userAgent.slice(0, MAX_USER_AGENT_LENGTH),
    };
    await insertSession(database, session, hashSecret(secret));
    await updateMember(database, member.id, { lastSignInAt: at });
    await recordAccessChange(database, {
      at,
      actor: { kind: 'member', id: member.id, name: member.email, address: origin.address },
      action: 'session.start',
      kind: 'session',
      key: session.id,
      after: { member: member.email, userAgent: session.userAgent },
    });
    const { id, email, role, environments } = member;
    return {
      secret,
      session: { id: session.id, expiresAt: session.expiresAt, member: { id, email, role, environments } },
    };
  }

  /** The sessions of a member that have not expired, the one used last first. */
  list(member: string): Promise<Session[]> {
    return listSessions(this.#parts.database, member, this.#parts.now());
  }

  /** Ends one session of a member. */
  async end(member: string, id: string, actor: Actor): Promise<void> {
    await this.#parts.database.transaction().execute(async (transaction) => {
      if (!(await deleteSession(transaction, member, id))) {
        throw new Problem('session_not_found', 'There is no session with this id.');
      }
      const at = this.#parts.now();
      await recordAccessChange(transaction, { at, actor, action: 'session.end', kind: 'session', key: id });
    });
    this.#cache.forget(id);
  }

  /** Ends all sessions of a member, except one if asked. Call `forgetMember` after the transaction. */
  async endAll(database: Database, member: string, except?: string): Promise<void> {
    await deleteSessions(database, member, except);
  }

  /** Forgets a session that was ended on another node. */
  forget(id: string): void {
    this.#cache.forget(id);
  }

  /** Asks the database anew about every session. */
  recheck(): void {
    this.#cache.recheck();
  }

  /** Forgets what is known of a member's sessions, after the member or they have changed. */
  forgetMember(member: string): void {
    this.#cache.forgetWhere((session) => session.member.id === member);
  }

  /**
   * Whether a signed-in member knows the password. Throttled like a sign-in.
   *
   * @throws Problem 429 after too many tries, 503 when too many others are trying.
   */
  async confirm(member: { id: string; email: string }, password: string, origin: Origin): Promise<boolean> {
    await this.#takeTry(member.email, origin);
    const matches = await this.#passwords.matches(password, await readPassword(this.#parts.database, member.id));
    if (matches) this.#giveTriesBack(member.email, origin);
    else await this.#failures.record({ account: member.email, address: origin.address, reason: 'wrong password' });
    return matches;
  }

  close(): Promise<void> {
    return this.#lastUse.close();
  }

  async #takeTry(account: string, origin: Origin): Promise<void> {
    const now = this.#parts.now();
    const waitMs =
      this.#addresses.take(throttleKey(origin.address), now) || this.#accounts.take(this.#tryKey(account, origin), now);
    if (waitMs === 0) return;
    await this.#failures.record({ account, address: origin.address, reason: 'too many tries' });
    const seconds = Math.ceil(waitMs / 1000);
    const headers = { 'retry-after': `${seconds}` };
    throw new Problem('rate_limited', `Too many tries. Wait ${seconds} s.`, { headers });
  }

  #giveTriesBack(account: string, origin: Origin): void {
    this.#accounts.forget(this.#tryKey(account, origin));
    this.#known.set(knownKey(account, origin), true);
  }

  /** Where a member has signed in before there are tries of their own, so that others cannot use them all up. */
  #tryKey(account: string, origin: Origin): string {
    const key = knownKey(account, origin);
    return this.#known.get(key) === undefined ? account : key;
  }
}

function knownKey(account: string, { address }: Origin): string {
  return `${account} ${throttleKey(address)}`;
}

/** The form in which an e-mail address is stored and compared. */
export function normalizeEmail(email: string): string {
  return email.trim().normalize('NFC').toLowerCase();
}
