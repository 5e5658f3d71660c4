// Applies scheduled change sets at their time. Every node does: the one whose commit is first applies it, as the commit
// and the step to `applied` are one transaction; the others find it done. So a restart or a lost node loses nothing.
import type { Logger } from 'pino';
import { SYSTEM } from './actor.js';
import type { ChangeSets } from './change-sets.js';
import type { Feed } from './feed.js';
import { Problem } from './problems.js';
import { type ChangeSet, listScheduled } from './storage/change-sets.js';
import type { Database } from './storage/database.js';

/** How soon a schedule that was made on another node is noticed here, and how long until a failed try is repeated. */
const CHECK_INTERVAL_MS = 10_000;
const PER_CHECK = 100;

export interface ScheduleParts {
  readonly database: Database;
  readonly changeSets: ChangeSets;
  readonly feed: Feed;
  readonly log: Logger;
  readonly now: () => number;
}

export class Schedule {
  readonly #parts: ScheduleParts;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(parts: ScheduleParts) {
    this.#parts = parts;
  }

  /** Applies what is due, and waits for the next. Calls run one after another. Never throws. */
  check(): Promise<void> {
    this.#running = this.#running.then(() => this.#check());
    return this.#running;
  }

  /** Lets a check that is under way end, and starts no more. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #check(): Promise<void> {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    let waitMs = CHECK_INTERVAL_MS;
    try {
      const scheduled = await listScheduled(this.#parts.database, PER_CHECK);
      const now = this.#parts.now();
      for (const changeSet of scheduled) {
        if (timeOf(changeSet) <= now) await this.#apply(changeSet);
        else waitMs = Math.min(waitMs, timeOf(changeSet) - now);
      }
    } catch (error) {
      this.#parts.log.error({ err: error }, 'scheduled change sets could not be read; they are tried again');
    }
    if (!this.#closed) this.#timer = setTimeout(() => void this.check(), waitMs).unref();
  }

  async #apply(changeSet: ChangeSet): Promise<void> {
    const { changeSets, feed, log } = this.#parts;
    const { id, environment } = changeSet;
    try {
      // What another node committed a moment ago may be what this one builds on.
      await feed.wake();
      await changeSets.apply(changeSet, SYSTEM);
      log.info({ changeSet: id, environment }, 'a scheduled change set was applied');
    } catch (error) {
      if (isForGood(error)) await this.#fail(changeSet, error);
      else log.error({ err: error, changeSet: id }, 'a scheduled change set could not be applied yet');
    }
  }

  async #fail(changeSet: ChangeSet, { code, message }: Problem): Promise<void> {
    // Another node has applied it, or somebody has withdrawn it, in this moment.
    if (code === 'change_set_state') return;
    const { changeSets, log } = this.#parts;
    log.warn({ changeSet: changeSet.id, code }, 'a scheduled change set cannot be applied');
    await changeSets.fail(changeSet, message, SYSTEM).catch((error: unknown) => {
      log.error(
        { err: error, changeSet: changeSet.id },
        'the failure of a scheduled change set could not be noted yet',
      );
    });
  }
}

/** Whether trying again would give the same answer. */
function isForGood(error: unknown): error is Problem {
  return error instanceof Problem && error.status < 500;
}

function timeOf({ scheduledAt }: ChangeSet): number {
  return scheduledAt as number;
}
