// Members: who belongs to the service, as what, and the one-time links by which they set their passwords.
import { randomUUID } from 'node:crypto';
import { recordAccessChange } from './access-audit.js';
import { type Actor, SYSTEM } from './actor.js';
import { type IssuedLink, Links, linkInvalid } from './links.js';
import type { Passwords } from './passwords.js';
import type { Grant } from './permissions.js';
import { invalidBody, Problem } from './problems.js';
import type { AccessParts } from './sdk-keys.js';
import { normalizeEmail, type Origin, type Sessions, type StartedSession } from './sessions.js';
import type { Database } from './storage/database.js';
import type { Link, LinkPurpose } from './storage/links.js';
import {
  countMembers,
  deleteMember,
  insertMember,
  listMembers,
  lockAdmins,
  type Member,
  readMember,
  updateMember,
} from './storage/members.js';

const MAX_MEMBERS = 10_000;

export interface NewMember extends Grant {
  readonly email: string;
  readonly name: string;
}

/** What the holder of a link gives to use it. */
export interface LinkUse {
  /** Only to become the first admin. */
  readonly email?: string;
  readonly name?: string;
  /** Needed unless the link signs in by itself. */
  readonly password?: string;
}

export class Members {
  readonly #parts: AccessParts;
  readonly #passwords: Passwords;
  readonly #sessions: Sessions;
  readonly #links: Links;

  constructor(parts: AccessParts, passwords: Passwords, sessions: Sessions) {
    this.#parts = parts;
    this.#passwords = passwords;
    this.#sessions = sessions;
    this.#links = new Links(parts.now);
  }

  list(): Promise<Member[]> {
    return listMembers(this.#parts.database);
  }

  /** @throws Problem 404 */
  read(id: string): Promise<Member> {
    return existing(this.#parts.database, id);
  }

  /** Adds a member, who can sign in after setting a password by the link. */
  async invite(wish: NewMember, actor: Actor): Promise<{ member: Member; link: IssuedLink }> {
    const member = this.#newMember(wish);
    return this.#parts.database.transaction().execute(async (transaction) => {
      await this.#insert(transaction, member, null, actor);
      return { member, link: await this.#links.issue(transaction, 'password', member.id) };
    });
  }

  /** Makes a link by which a member sets a new password. Earlier ones end; the present password works until then. */
  async issuePasswordLink(id: string, actor: Actor): Promise<IssuedLink> {
    return this.#parts.database.transaction().execute(async (transaction) => {
      await existing(transaction, id);
      await this.#record(transaction, actor, 'member.link', id, { purpose: 'password' });
      return this.#links.issue(transaction, 'password', id);
    });
  }

  /** The link that makes the first admin; undefined when there is a member already. An earlier one ends. */
  async issueSetupLink(): Promise<IssuedLink | undefined> {
    return this.#parts.database.transaction().execute(async (transaction) => {
      return (await countMembers(transaction)) > 0 ? undefined : this.#links.issue(transaction, 'setup', null);
    });
  }

  /**
   * A link that signs in as an admin without a password, for whoever can read this process's output anyway. Makes an
   * admin if there is no member yet.
   */
  async issueSignInLink(): Promise<IssuedLink> {
    return this.#parts.database.transaction().execute(async (transaction) => {
      const admins = (await listMembers(transaction)).filter(({ role }) => role === 'admin');
      let [admin] = admins.sort((a, b) => a.createdAt - b.createdAt);
      if (admin === undefined) {
        admin = this.#newMember({ email: 'admin@localhost', name: 'Admin', role: 'admin', environments: null });
        await this.#insert(transaction, admin, null, SYSTEM);
      }
      await this.#record(transaction, SYSTEM, 'member.link', admin.id, { purpose: 'sign-in' });
      return this.#links.issue(transaction, 'sign-in', admin.id);
    });
  }

  /** What a link is for; null stands for the first admin's address, which is not known yet. */
  async describeLink(secret: string): Promise<{ purpose: LinkPurpose; email: string | null; expiresAt: number }> {
    const { database } = this.#parts;
    const { purpose, member, expiresAt } = await this.#links.find(database, secret);
    return { purpose, email: member === null ? null : (await existing(database, member)).email, expiresAt };
  }

  /** Uses a link up and signs in. A password set by it ends the member's other sessions. */
  async useLink(secret: string, use: LinkUse, origin: Origin): Promise<StartedSession> {
    const { database } = this.#parts;
    const { purpose } = await this.#links.find(database, secret);
    const password = purpose === 'sign-in' ? null : await this.#passwords.hash(requiredPassword(use));
    const started = await database.transaction().execute(async (transaction) => {
      const link = await this.#links.take(transaction, secret);
      const member = await this.#memberByLink(transaction, link, use, password, origin);
      if (password !== null) await this.#sessions.endAll(transaction, member.id);
      return this.#sessions.start(transaction, member, origin);
    });
    this.#sessions.forgetMember(started.session.member.id);
    return started;
  }

  /** Sets a member's own password and ends the other sessions. */
  async changePassword(id: string, password: string, sessionId: string, actor: Actor): Promise<void> {
    const hash = await this.#passwords.hash(password);
    await this.#parts.database.transaction().execute(async (transaction) => {
      await updateMember(transaction, id, { password: hash });
      await this.#sessions.endAll(transaction, id, sessionId);
      await this.#record(transaction, actor, 'member.password', id, null);
    });
    this.#sessions.forgetMember(id);
  }

  /**
   * Changes a member.
   *
   * @throws Problem 409 `own_access` to change one's own role, 409 `last_admin` to take it from the last one who can
   *   sign in.
   */
  async change(
    id: string,
    change: Partial<Pick<Member, 'name' | 'role' | 'environments'>>,
    actor: Actor,
  ): Promise<Member> {
    const after = await this.#parts.database.transaction().execute(async (transaction) => {
      const admins = await lockAdmins(transaction);
      const before = await existing(transaction, id);
      const after = { ...before, ...change };
      if (isSelf(actor, id) && !isSameGrant(before, after)) throw ownAccess();
      if (after.role !== 'admin') refuseLastAdmin(before, admins);
      await updateMember(transaction, id, change);
      await this.#record(transaction, actor, 'member.change', id, describe(after), describe(before));
      return after;
    });
    this.#sessions.forgetMember(id);
    return after;
  }

  /** Removes a member and ends all sessions of it. */
  async remove(id: string, actor: Actor): Promise<void> {
    await this.#parts.database.transaction().execute(async (transaction) => {
      const admins = await lockAdmins(transaction);
      const member = await existing(transaction, id);
      refuseLastAdmin(member, admins);
      if (isSelf(actor, id)) throw ownAccess();
      await deleteMember(transaction, id);
      await this.#record(transaction, actor, 'member.delete', id, null, describe(member));
    });
    this.#sessions.forgetMember(id);
  }

  /** Ends all sessions of a member. */
  async endSessions(id: string, actor: Actor): Promise<void> {
    await this.#parts.database.transaction().execute(async (transaction) => {
      await existing(transaction, id);
      await this.#sessions.endAll(transaction, id);
      await this.#record(transaction, actor, 'member.end-sessions', id, null);
    });
    this.#sessions.forgetMember(id);
  }

  async #memberByLink(
    transaction: Database,
    link: Link,
    use: LinkUse,
    password: string | null,
    { address }: Origin,
  ): Promise<Member> {
    if (link.member === null) {
      // Somebody may have been invited by an admin token meanwhile.
      if ((await countMembers(transaction)) > 0) throw linkInvalid();
      if (use.email === undefined) throw invalidBody([{ pointer: '/email', detail: 'is needed for the first admin' }]);
      const wish = { email: use.email, name: use.name ?? '', role: 'admin', environments: null } as const;
      const member = this.#newMember(wish);
      await this.#insert(transaction, member, password, { ...SYSTEM, address });
      return { ...member, active: true };
    }
    const member = await existing(transaction, link.member);
    if (password === null) return member;
    const name = use.name ?? member.name;
    await updateMember(transaction, member.id, { password, name });
    const actor: Actor = { kind: 'member', id: member.id, name: member.email, address };
    await this.#record(transaction, actor, 'member.password', member.id, null);
    return { ...member, name, active: true };
  }

  #newMember(wish: NewMember): Member {
    return {
      id: randomUUID(),
      email: normalizeEmail(wish.email),
      name: wish.name,
      role: wish.role,
      environments: wish.environments,
      active: false,
      createdAt: this.#parts.now(),
      lastSignInAt: null,
    };
  }

  async #insert(transaction: Database, member: Member, password: string | null, actor: Actor): Promise<void> {
    if ((await countMembers(transaction)) >= MAX_MEMBERS) {
      throw new Problem('limit_reached', `There are at most ${MAX_MEMBERS} members.`);
    }
    if (!(await insertMember(transaction, member, password))) {
      throw new Problem('already_exists', 'There is a member with this e-mail address.');
    }
    await this.#record(transaction, actor, 'member.create', member.id, describe(member));
  }

  #record(
    transaction: Database,
    actor: Actor,
    action: string,
    key: string,
    after: ReturnType<typeof describe> | { purpose: LinkPurpose } | null,
    before: ReturnType<typeof describe> | null = null,
  ): Promise<void> {
    return recordAccessChange(transaction, {
      at: this.#parts.now(),
      actor,
      action,
      kind: 'member',
      key,
      before,
      after,
    });
  }
}

async function existing(database: Database, id: string): Promise<Member> {
  const member = await readMember(database, id);
  if (member === undefined) throw new Problem('member_not_found', 'There is no member with this id.');
  return member;
}

function requiredPassword({ password }: LinkUse): string {
  if (password === undefined) throw invalidBody([{ pointer: '/password', detail: 'is needed' }]);
  return password;
}

function isSelf(actor: Actor, id: string): boolean {
  return actor.kind === 'member' && actor.id === id;
}

function isSameGrant(a: Grant, b: Grant): boolean {
  return a.role === b.role && JSON.stringify(a.environments) === JSON.stringify(b.environments);
}

/** `admins` is how many can sign in, this member included. */
function refuseLastAdmin(member: Member, admins: number): void {
  if (member.role !== 'admin' || !member.active || admins > 1) return;
  throw new Problem('last_admin', 'This is the last admin who can sign in. Make somebody else an admin first.');
}

function ownAccess(): Problem {
  return new Problem('own_access', 'Ask another admin to change your role or to remove you.');
}

function describe({ email, name, role, environments }: Member) {
  return { email, name, role, environments };
}
