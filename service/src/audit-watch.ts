// What was recorded in the audit a moment ago, on this node or another: looked for while somebody watches, so that no
// part that records needs to know who watches.
import type { Logger } from 'pino';
import { listNewestActions, type RecordedAction } from './storage/audit.js';
import type { Database } from './storage/database.js';

const LOOK_MS = 250;
/** Entries looked at: transactions get their ids in one order and may end in another. */
const NEWEST = 100;
/** What was recorded so shortly before the first look may be unknown to those who have just opened a page. */
const JUST_NOW_MS = 5_000;

export interface AuditWatchParts {
  readonly database: Database;
  readonly log: Logger;
  readonly now: () => number;
  isWatched(): boolean;
  /** Told what is new, oldest first. */
  onRecorded(actions: readonly RecordedAction[]): void;
}

export class AuditWatch {
  readonly #parts: AuditWatchParts;
  /** Ids of the newest entries; undefined until the first look. */
  #seen: ReadonlySet<number> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;
  #isClosed = false;

  constructor(parts: AuditWatchParts) {
    this.#parts = parts;
  }

  /** Looks now and from now on, until nobody watches any more. */
  start(): void {
    if (!this.#isLooking && this.#timer === undefined) void this.#look();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    const { log, isWatched } = this.#parts;
    this.#timer = undefined;
    this.#isLooking = true;
    await this.#tellNew().catch((error: unknown) => log.debug({ err: error }, 'the audit cannot be looked at yet'));
    this.#isLooking = false;
    if (this.#isClosed) return;
    if (isWatched()) this.#timer = setTimeout(() => void this.#look(), LOOK_MS).unref();
    else this.#seen = undefined;
  }

  async #tellNew(): Promise<void> {
    const { database, now, onRecorded } = this.#parts;
    const seen = this.#seen;
    const newest = await listNewestActions(database, NEWEST);
    this.#seen = new Set(newest.map(({ id }) => id));
    const fresh = newest.filter(({ id, at }) => (seen === undefined ? at > now() - JUST_NOW_MS : !seen.has(id)));
    if (fresh.length > 0 && !this.#isClosed) onRecorded(fresh.reverse());
  }
}
