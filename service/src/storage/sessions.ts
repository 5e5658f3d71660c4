import type { Role } from '../permissions.js';
import type { Database } from './database.js';

export interface SessionTables {
  sessions: {
    id: string;
    member: string;
    hash: string;
    created_at: number;
    expires_at: number;
    last_used_at: number;
    address: string;
    user_agent: string;
  };
}

export interface Session {
  readonly id: string;
  /** Id of the member who signed in. */
  readonly member: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly lastUsedAt: number;
  readonly address: string;
  readonly userAgent: string;
}

/** A session with what its member may do. */
export interface MemberSession {
  readonly id: string;
  readonly expiresAt: number;
  readonly member: {
    readonly id: string;
    readonly email: string;
    readonly role: Role;
    readonly environments: readonly string[] | null;
  };
}

export async function insertSession(database: Database, session: Session, hash: string): Promise<void> {
  await database
    .insertInto('sessions')
    .values({
      id: session.id,
      member: session.member,
      hash,
      created_at: session.createdAt,
      expires_at: session.expiresAt,
      last_used_at: session.lastUsedAt,
      address: session.address,
      user_agent: session.userAgent,
    })
    .execute();
}

export async function findSession(database: Database, hash: string): Promise<MemberSession | undefined> {
  const row = await database
    .selectFrom('sessions')
    .innerJoin('members', 'members.id', 'sessions.member')
    .select(['sessions.id', 'sessions.expires_at', 'sessions.member'])
    .select(['members.email', 'members.role', 'members.environments'])
    .where('sessions.hash', '=', hash)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    id: row.id,
    expiresAt: row.expires_at,
    member: {
      id: row.member,
      email: row.email,
      role: row.role as Role,
      environments: row.environments === null ? null : JSON.parse(row.environments),
    },
  };
}

/** A member's sessions that have not expired, the one used last first. */
export async function listSessions(database: Database, member: string, now: number): Promise<Session[]> {
  const rows = await database
    .selectFrom('sessions')
    .selectAll()
    .where('member', '=', member)
    .where('expires_at', '>', now)
    .orderBy('last_used_at', 'desc')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    member: row.member,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    address: row.address,
    userAgent: row.user_agent,
  }));
}

/** Ends one session of a member. Returns false when there is none with that id. */
export async function deleteSession(database: Database, member: string, id: string): Promise<boolean> {
  const { numDeletedRows } = await database
    .deleteFrom('sessions')
    .where('member', '=', member)
    .where('id', '=', id)
    .executeTakeFirst();
  return numDeletedRows === 1n;
}

/** Ends all sessions of a member except one. */
export async function deleteSessions(database: Database, member: string, except?: string): Promise<void> {
  let query = database.deleteFrom('sessions').where('member', '=', member);
  if (except !== undefined) query = query.where('id', '!=', except);
  await query.execute();
}

/** Removes the sessions that ended before `now`. */
export async function deleteExpiredSessions(database: Database, now: number): Promise<void> {
  await database.deleteFrom('sessions').where('expires_at', '<=', now).execute();
}
