// The only writer of settings and segments. A commit is planned on drafts of the present state, checked, stored in one
// transaction together with its log and its audit entry, and then published by the feed from the log.
import type { Logger } from 'pino';
import type { Actor } from './actor.js';
import { auditDefinition, auditItems } from './audit-items.js';
import type { Config } from './config.js';
import { Draft } from './draft.js';
import type { EnvironmentDraft, ItemFault } from './environment-draft.js';
import type { Feed, LogEntry } from './feed.js';
import type { Metrics } from './metrics.js';
import { Problem } from './problems.js';
import { type AuditEntry, type AuditItem, recordAudit } from './storage/audit.js';
import { appendChanges } from './storage/change-log.js';
import type { Database } from './storage/database.js';
import { writeDefinition } from './storage/definitions.js';
import { advanceRevision } from './storage/environments.js';
import { writeItem } from './storage/items.js';
import { inTurn, isShared } from './storage/locks.js';
import { notify } from './storage/notify.js';
import { WriteQueue } from './write-queue.js';

const MAX_WAITING = 1000;
/** A node that lost its turn may find that others have committed; each try begins with their result. */
const MAX_TRIES = 10;

/** Who changes what, as the audit will say it. */
export interface Entry {
  readonly action: string;
  readonly actor: Actor;
  readonly comment: string;
  /** Id of the audit entry that this takes back. */
  readonly reverts?: number;
  /** A member who is not the author has approved exactly this. */
  readonly approved?: boolean;
  /** What must be stored with the commit or not at all. Done in its transaction, which may be tried again. */
  readonly alongside?: (transaction: Database, auditId: number) => Promise<void>;
  /** Where in the request's body a fault of an item stands; by default the pointer into the item itself. */
  readonly locate?: (fault: ItemFault) => string;
}

export interface ChangesParts {
  readonly database: Database;
  readonly feed: Feed;
  readonly config: Config;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly now: () => number;
  /** Throws a Problem when the environment may not be written to. Called in the commit's transaction. */
  readonly checkPolicy?: (transaction: Database, environment: string, entry: Entry) => Promise<void>;
}

/** What a commit came to. */
export interface Committed<T> {
  readonly result: T;
  /** Id of the audit entry; undefined when nothing differed and so nothing was stored. */
  readonly auditId: number | undefined;
}

export class Changes {
  readonly config: Config;
  readonly now: () => number;
  readonly #parts: ChangesParts;
  readonly #queue = new WriteQueue(MAX_WAITING);

  constructor(parts: ChangesParts) {
    this.#parts = parts;
    this.config = parts.config;
    this.now = parts.now;
  }

  /**
   * Commits what `plan` does to the draft it is given: all or nothing, one revision for each environment touched. Returns
   * once it is stored and this process serves it.
   *
   * @param plan - May be run again when another node was first, so it must not keep anything between runs.
   * @throws Problem when the result would be invalid or breaks what others rely on; nothing is stored then.
   */
  async commit<T>(entry: Entry, plan: (draft: Draft) => T | Promise<T>): Promise<Committed<T>> {
    const stop = this.#parts.metrics.commitSeconds.startTimer();
    const committed = await this.#inTurn(() => this.#commit(entry, plan));
    stop();
    return committed;
  }

  /** What a plan would change of the present state, without changing it. @throws Problem as `commit` would. */
  async preview(plan: (draft: Draft) => unknown, locate?: Entry['locate']): Promise<readonly AuditItem[]> {
    const draft = new Draft(this.#parts.database, this.#parts.feed, this.config);
    await plan(draft);
    draft.check(locate);
    return itemsOf(draft);
  }

  /** Runs other work on the same tables in turn with the commits: creating or deleting an environment. */
  exclusively<T>(task: (database: Database) => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      const result = await this.#parts.database.transaction().execute(async (transaction) => {
        await notify(transaction, { type: 'change' });
        return task(transaction);
      });
      await this.#publish();
      return result;
    });
  }

  get waiting(): number {
    return this.#queue.waiting;
  }

  /** Resolves when all that was accepted is stored. */
  drain(): Promise<void> {
    return this.#queue.drain();
  }

  /** One commit at a time: of this node by the queue, of all nodes by the database. Each builds on the one before. */
  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const { database, feed } = this.#parts;
    return this.#queue.run(() =>
      inTurn(database, async () => {
        if (isShared(database)) await feed.wake();
        return task();
      }),
    );
  }

  async #commit<T>(entry: Entry, plan: (draft: Draft) => T | Promise<T>): Promise<Committed<T>> {
    for (let tries = 1; tries <= MAX_TRIES; tries++) {
      const planned = await this.#plan(entry, plan);
      if (planned === undefined) continue;
      const { draft, result } = planned;
      if (draft.isEmpty) return { result, auditId: undefined };
      const stored = await this.#store(entry, draft);
      if (stored !== undefined) {
        await this.#publish(stored.log);
        return { result, auditId: stored.auditId };
      }
      await this.#parts.feed.wake();
    }
    throw new Problem('busy', 'Others keep changing the same environment. Try again.');
  }

  /** @returns Undefined when what speaks against the plan is only that this node had not heard of another's commit. */
  async #plan<T>(
    entry: Entry,
    plan: (draft: Draft) => T | Promise<T>,
  ): Promise<{ draft: Draft; result: T } | undefined> {
    const { database, feed } = this.#parts;
    const { told } = feed;
    const draft = new Draft(database, feed, this.config);
    try {
      const result = await plan(draft);
      draft.check(entry.locate);
      return { draft, result };
    } catch (error) {
      await feed.wake();
      if (feed.told !== told) return undefined;
      throw error;
    }
  }

  /** @returns Undefined when the drafts were not made from what is stored now. */
  async #store(entry: Entry, draft: Draft): Promise<Stored | undefined> {
    const at = this.#parts.now();
    try {
      return await this.#parts.database.transaction().execute(async (transaction) => {
        // In one order everywhere, so that two commits never wait for each other's rows.
        for (const environment of draft.changed) {
          const { key } = environment.environment;
          if (!(await advanceRevision(transaction, key, environment.base))) throw new Outrun();
          await this.#parts.checkPolicy?.(transaction, key, entry);
        }
        for (const { after, deleted } of draft.definitions) {
          if (!(await writeDefinition(transaction, after, { deleted }))) throw new Outrun();
        }
        const log: LogEntry[] = [];
        for (const environment of draft.changed) {
          log.push(await this.#storeEnvironment(transaction, entry, at, environment));
        }
        const auditId = await recordAudit(transaction, auditEntry(entry, at, draft));
        await entry.alongside?.(transaction, auditId);
        return { auditId, log };
      });
    } catch (error) {
      if (error instanceof Outrun) return undefined;
      throw error;
    }
  }

  async #storeEnvironment(transaction: Database, entry: Entry, at: number, draft: EnvironmentDraft): Promise<LogEntry> {
    const { key } = draft.environment;
    const changes = draft.changes();
    for (const change of changes) await writeItem(transaction, key, { ...change, meta: change.meta ?? null });
    const { revision } = draft;
    const changeSet = { revision, at, author: entry.actor, comment: entry.comment, changes };
    await appendChanges(transaction, key, changeSet);
    await notify(transaction, { type: 'change', environment: key, revision });
    this.#parts.metrics.commits.inc({ environment: key });
    return { environment: key, changeSet };
  }

  /**
   * The commit is stored and will be served, at the latest by the next wake, so a failure here is not the caller's.
   *
   * @param written - What it has added to the log, if that is all there is to tell.
   */
  async #publish(written?: readonly LogEntry[]): Promise<void> {
    const { database, feed, log } = this.#parts;
    const served = written === undefined || isShared(database) ? feed.wake() : feed.take(written);
    await served.catch((error: unknown) => log.error({ err: error }, 'a stored change could not be read back yet'));
  }
}

interface Stored {
  readonly auditId: number;
  readonly log: readonly LogEntry[];
}

/** Somebody else committed between planning and storing. */
class Outrun extends Error {}

function auditEntry(entry: Entry, at: number, draft: Draft): Omit<AuditEntry, 'id'> {
  const { changed } = draft;
  const [only] = changed;
  const alone = changed.length === 1 && draft.definitions.length === 0 ? only : undefined;
  return {
    at,
    actor: entry.actor,
    action: entry.action,
    environment: alone?.environment.key ?? null,
    revision: alone?.revision ?? null,
    comment: entry.comment,
    reverts: entry.reverts ?? null,
    items: itemsOf(draft),
  };
}

function itemsOf({ definitions, changed }: Draft): AuditItem[] {
  return [...definitions.map(auditDefinition), ...changed.flatMap(auditItems)];
}
