import type { Database } from './database.js';

export interface LinkTables {
  links: {
    hash: string;
    purpose: string;
    member: string | null;
    expires_at: number;
  };
}

/** What a one-time link lets its holder do. */
export type LinkPurpose =
  /** Become the first admin. */
  | 'setup'
  /** Set a member's password: an invitation or a reset. */
  | 'password'
  /** Sign in as a member without a password. */
  | 'sign-in';

export interface Link {
  readonly purpose: LinkPurpose;
  /** Null for `setup`. */
  readonly member: string | null;
  readonly expiresAt: number;
}

/** Writes a link in place of all others for the same purpose and member. */
export async function replaceLink(database: Database, link: Link, hash: string): Promise<void> {
  await database
    .deleteFrom('links')
    .where('purpose', '=', link.purpose)
    .where('member', 'is not distinct from', link.member)
    .execute();
  await database
    .insertInto('links')
    .values({ hash, purpose: link.purpose, member: link.member, expires_at: link.expiresAt })
    .execute();
}

export async function findLink(database: Database, hash: string): Promise<Link | undefined> {
  const row = await database.selectFrom('links').selectAll().where('hash', '=', hash).executeTakeFirst();
  return row === undefined
    ? undefined
    : { purpose: row.purpose as LinkPurpose, member: row.member, expiresAt: row.expires_at };
}

/** Uses a link up. Returns false when somebody else was first. */
export async function deleteLink(database: Database, hash: string): Promise<boolean> {
  const { numDeletedRows } = await database.deleteFrom('links').where('hash', '=', hash).executeTakeFirst();
  return numDeletedRows === 1n;
}
