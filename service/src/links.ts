// One-time links: by them the first admin is made, passwords are set and an operator gets in.
import { Problem } from './problems.js';
import { generateSecret, hashSecret } from './secrets.js';
import type { Database } from './storage/database.js';
import { deleteLink, findLink, type Link, type LinkPurpose, replaceLink } from './storage/links.js';

const LIFETIME_MS = 24 * 3_600_000;

/** The secret is shown once. */
export interface IssuedLink {
  readonly secret: string;
  readonly expiresAt: number;
}

export class Links {
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Makes a link; earlier ones for the same purpose and member end. */
  async issue(database: Database, purpose: LinkPurpose, member: string | null): Promise<IssuedLink> {
    const secret = generateSecret('ftl-');
    const expiresAt = this.#now() + LIFETIME_MS;
    await replaceLink(database, { purpose, member, expiresAt }, hashSecret(secret));
    return { secret, expiresAt };
  }

  /** @throws Problem 410 when it has been used or has expired, or never was. */
  async find(database: Database, secret: string): Promise<Link> {
    const link = await findLink(database, hashSecret(secret));
    if (link === undefined || link.expiresAt <= this.#now()) throw linkInvalid();
    return link;
  }

  /** Uses a link up. Of two who do so at the same time one gets a Problem 410. */
  async take(database: Database, secret: string): Promise<Link> {
    const link = await this.find(database, secret);
    if (!(await deleteLink(database, hashSecret(secret)))) throw linkInvalid();
    return link;
  }
}

/** What follows the dashboard's address. The secret stands behind the `#`: browsers send that to no server or proxy. */
export function linkPath({ secret }: IssuedLink): string {
  return `/setup#token=${secret}`;
}

export function linkInvalid(): Problem {
  return new Problem('link_invalid', 'The link has been used or has expired. Ask an admin for a new one.');
}
