import type { Role } from '../permissions.js';
import type { Database } from './database.js';

export interface TokenTables {
  tokens: {
    id: string;
    name: string;
    hash: string;
    hint: string;
    role: string;
    /** JSON list of environment keys; null: all. */
    environments: string | null;
    created_at: number;
    /** Name of the actor, as it was then. */
    created_by: string;
    expires_at: number | null;
    last_used_at: number | null;
  };
}

/** An admin API token without what would let anybody use it. */
export interface Token {
  readonly id: string;
  readonly name: string;
  /** Its last characters. */
  readonly hint: string;
  readonly role: Role;
  /** The environments an editor's token may change; null: all. */
  readonly environments: readonly string[] | null;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
}

/** Writes a token, in place of the one with the same id if there is one. */
export async function putToken(database: Database, token: Token, hash: string): Promise<void> {
  const row = toRow(token, hash);
  await database
    .insertInto('tokens')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute();
}

export async function findToken(database: Database, hash: string): Promise<Token | undefined> {
  const row = await database.selectFrom('tokens').selectAll().where('hash', '=', hash).executeTakeFirst();
  return row === undefined ? undefined : toToken(row);
}

export async function readToken(database: Database, id: string): Promise<Token | undefined> {
  const row = await database.selectFrom('tokens').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : toToken(row);
}

/** All tokens, newest first. */
export async function listTokens(database: Database): Promise<Token[]> {
  const rows = await database.selectFrom('tokens').selectAll().orderBy('created_at', 'desc').orderBy('id').execute();
  return rows.map(toToken);
}

/** Returns false when there was no such token. */
export async function deleteToken(database: Database, id: string): Promise<boolean> {
  const { numDeletedRows } = await database.deleteFrom('tokens').where('id', '=', id).executeTakeFirst();
  return numDeletedRows === 1n;
}

function toRow(token: Token, hash: string): TokenTables['tokens'] {
  return {
    id: token.id,
    name: token.name,
    hash,
    hint: token.hint,
    role: token.role,
    environments: token.environments === null ? null : JSON.stringify(token.environments),
    created_at: token.createdAt,
    created_by: token.createdBy,
    expires_at: token.expiresAt,
    last_used_at: token.lastUsedAt,
  };
}

function toToken(row: TokenTables['tokens']): Token {
  return {
    id: row.id,
    name: row.name,
    hint: row.hint,
    role: row.role as Role,
    environments: row.environments === null ? null : JSON.parse(row.environments),
    createdAt: row.created_at,
    createdBy: row.created_by,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
  };
}
