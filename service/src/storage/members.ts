import type { Role } from '../permissions.js';
import type { Database } from './database.js';

export interface MemberTables {
  members: {
    id: string;
    /** In lower case. */
    email: string;
    name: string;
    role: string;
    /** JSON list of environment keys; null: all. */
    environments: string | null;
    /** Null until the member has set one. */
    password: string | null;
    created_at: number;
    last_sign_in_at: number | null;
  };
}

export interface Member {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  /** The environments an editor may change; null: all. */
  readonly environments: readonly string[] | null;
  /** False until the member has set a password. */
  readonly active: boolean;
  readonly createdAt: number;
  readonly lastSignInAt: number | null;
}

/** Returns false when there is a member with this e-mail address. */
export async function insertMember(
  database: Database,
  member: Omit<Member, 'active'>,
  password: string | null,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await database
    .insertInto('members')
    .values({
      id: member.id,
      email: member.email,
      name: member.name,
      role: member.role,
      environments: environmentsText(member.environments),
      password,
      created_at: member.createdAt,
      last_sign_in_at: member.lastSignInAt,
    })
    .onConflict((conflict) => conflict.column('email').doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

export async function readMember(database: Database, id: string): Promise<Member | undefined> {
  const row = await database.selectFrom('members').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : toMember(row);
}

/** A member by e-mail address, with the stored password; null while there is none. */
export async function findCredentials(
  database: Database,
  email: string,
): Promise<{ member: Member; password: string | null } | undefined> {
  const row = await database.selectFrom('members').selectAll().where('email', '=', email).executeTakeFirst();
  return row === undefined ? undefined : { member: toMember(row), password: row.password };
}

/** All members, by e-mail address. */
export async function listMembers(database: Database): Promise<Member[]> {
  const rows = await database.selectFrom('members').selectAll().orderBy('email').execute();
  return rows.map(toMember);
}

export async function countMembers(database: Database): Promise<number> {
  const { count } = await database
    .selectFrom('members')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

export async function updateMember(
  database: Database,
  id: string,
  change: Partial<Pick<Member, 'name' | 'role' | 'environments' | 'lastSignInAt'>> & { readonly password?: string },
): Promise<void> {
  await database
    .updateTable('members')
    .set({
      ...(change.name === undefined ? {} : { name: change.name }),
      ...(change.role === undefined ? {} : { role: change.role }),
      ...(change.environments === undefined ? {} : { environments: environmentsText(change.environments) }),
      ...(change.lastSignInAt === undefined ? {} : { last_sign_in_at: change.lastSignInAt }),
      ...(change.password === undefined ? {} : { password: change.password }),
    })
    .where('id', '=', id)
    .execute();
}

/** The member's sessions and links go with it. */
export async function deleteMember(database: Database, id: string): Promise<void> {
  await database.deleteFrom('members').where('id', '=', id).execute();
}

/** The stored password of a member; null while there is none. */
export async function readPassword(database: Database, id: string): Promise<string | null> {
  const row = await database.selectFrom('members').select('password').where('id', '=', id).executeTakeFirst();
  return row?.password ?? null;
}

/**
 * Counts the admins who can sign in, and until the transaction ends keeps everybody else from changing who is one:
 * two admins who remove each other at the same time must not both succeed.
 */
export async function lockAdmins(database: Database): Promise<number> {
  const { numUpdatedRows } = await database
    .updateTable('members')
    .set({ role: 'admin' })
    .where('role', '=', 'admin')
    .where('password', 'is not', null)
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

function environmentsText(environments: readonly string[] | null): string | null {
  return environments === null ? null : JSON.stringify(environments);
}

function toMember(row: MemberTables['members']): Member {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    role: row.role as Role,
    environments: row.environments === null ? null : JSON.parse(row.environments),
    active: row.password !== null,
    createdAt: row.created_at,
    lastSignInAt: row.last_sign_in_at,
  };
}
