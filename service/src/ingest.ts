// Takes counted payloads and stores several of them in one transaction, as what a transaction costs is mostly waiting
// for the disk. A payload is acknowledged when its transaction is on disk, and counted once however often it comes.
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { Tally } from './analytics.js';
import { BoundedMap } from './bounded-map.js';
import { KeyBudget } from './key-budget.js';
import { isUnavailable, Problem } from './problems.js';
import { addCustomEvents, addEvaluations, claimPayloads } from './storage/analytics.js';
import { seeContexts } from './storage/contexts.js';
import type { Database } from './storage/database.js';

/** What is counted here, one by one, is stored together after this long. */
const NOTED_INTERVAL_MS = 5_000;
/** Bounds of one transaction, as a change of a setting waits for it. */
const MAX_GROUP_PAYLOADS = 100;
/** Different counts and contexts. A single payload may have more. */
const MAX_GROUP_ENTRIES = 1000;
/** Contexts remembered as written. */
const RECENT_CONTEXTS = 20_000;
/** A context that has not changed is not written again so soon. */
const CONTEXT_REFRESH_MS = 60_000;

export interface IngestOptions {
  /** How long a payload waits for others to share its transaction. */
  readonly ingestWindowMs: number;
  /** Bytes of payloads that may wait; more are answered with 503. */
  readonly maxIngestBytes: number;
  /** Different keys of unknown settings, and of custom events, counted per environment; others are ignored. */
  readonly maxUnknownKeys: number;
}

export interface IngestParts {
  readonly options: IngestOptions;
  readonly database: Database;
  readonly now: () => number;
  readonly log: Logger;
  isSetting(environment: string, key: string): boolean;
  /** Told what was stored, after the commit. */
  onStored(environment: string, tally: Tally): void;
}

export interface Payload {
  readonly environment: string;
  /** The sender's id, the same in every attempt; undefined: cannot be told from another. */
  readonly id: string | undefined;
  readonly bytes: number;
  readonly tally: Tally;
}

interface Waiting {
  readonly payload: Payload;
  resolve(): void;
  reject(error: unknown): void;
}

export class Ingest {
  readonly #parts: IngestParts;
  readonly #recent = new BoundedMap<string, RecentContext>(RECENT_CONTEXTS);
  readonly #unknownSettings: KeyBudget;
  readonly #customEvents: KeyBudget;
  /** In the order in which they are stored; what comes in joins the last. */
  #groups: Group[] = [];
  #noted = new Map<string, Tally>();
  #notedTimer: NodeJS.Timeout | undefined;
  #waitingBytes = 0;
  #running: Promise<void> | undefined;
  /** Totals since the start, for the metrics. */
  readonly counts = { payloads: 0, duplicates: 0, events: 0, ignored: 0, refused: 0, commits: 0 };

  constructor(parts: IngestParts) {
    this.#parts = parts;
    this.#unknownSettings = new KeyBudget(parts.options.maxUnknownKeys);
    this.#customEvents = new KeyBudget(parts.options.maxUnknownKeys);
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /**
   * Resolves when the payload is stored, now or by an earlier attempt. Its tally is taken over.
   *
   * @throws Problem 503 when too much is waiting; what the database throws when it cannot be stored.
   */
  store(payload: Payload): Promise<void> {
    if (this.#waitingBytes + payload.bytes > this.#parts.options.maxIngestBytes) {
      this.counts.refused++;
      throw new Problem('busy', 'Too many events are waiting to be stored. Send them again.', {
        headers: { 'retry-after': '1' },
      });
    }
    this.#waitingBytes += payload.bytes;
    this.#dropWritten(payload);
    return new Promise((resolve, reject) => {
      this.#groupFor(payload).add({ payload, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Counts an event that was not sent but happened here. It is stored within seconds, and lost if the process dies. */
  note(environment: string, event: object): void {
    const tally = this.#noted.get(environment) ?? new Tally();
    this.#noted.set(environment, tally);
    tally.add(event, { receivedAt: this.#parts.now(), maxAgeMs: 0 });
    if (tally.size > MAX_GROUP_ENTRIES) this.#storeNoted();
    else this.#notedTimer ??= setTimeout(() => this.#storeNoted(), NOTED_INTERVAL_MS).unref();
  }

  /** Stores what is waiting. */
  async close(): Promise<void> {
    this.#storeNoted();
    await this.#running;
  }

  #storeNoted(): void {
    clearTimeout(this.#notedTimer);
    this.#notedTimer = undefined;
    for (const [environment, tally] of this.#noted) {
      // What went wrong is in the log.
      this.store({ environment, id: undefined, bytes: 0, tally }).catch(() => {});
    }
    this.#noted = new Map();
  }

  #groupFor(payload: Payload): Group {
    const last = this.#groups.at(-1);
    if (last?.hasRoomFor(payload)) return last;
    const group = new Group();
    this.#groups.push(group);
    return group;
  }

  async #run(): Promise<void> {
    while (this.#groups.length > 0) {
      // A group that nothing can join any more has nothing to wait for.
      if (this.#groups.length === 1) await pause(this.#parts.options.ingestWindowMs);
      await this.#storeGroup(this.#groups.shift() as Group);
      await nextTurn();
    }
    this.#running = undefined;
  }

  async #storeGroup(group: Group): Promise<void> {
    const { waiting } = group;
    try {
      await this.#commit(group);
      for (const one of waiting) this.#release(one).resolve();
    } catch (error) {
      this.#parts.log.warn({ err: error, payloads: waiting.length }, 'could not store analytics');
      // One payload that the database cannot take must not cost the others theirs.
      if (waiting.length > 1 && !isUnavailable(error)) {
        for (const one of waiting) await this.#storeGroup(new Group([one]));
      } else {
        for (const one of waiting) this.#release(one).reject(error);
      }
    }
  }

  #release(waiting: Waiting): Waiting {
    this.#waitingBytes -= waiting.payload.bytes;
    return waiting;
  }

  async #commit({ waiting, payloads, tallies: sums }: Group): Promise<void> {
    const { database, now, onStored } = this.#parts;
    const at = now();
    const stored = await database.transaction().execute(async (transaction) => {
      const fresh = await claim(transaction, payloads, at);
      // Added up as they came, for the case that none of them was counted before.
      const tallies = inOrder(fresh.length === payloads.length ? sums : sumOf(fresh));
      for (const [environment, tally] of tallies) {
        this.#dropUnknown(environment, tally);
        await addEvaluations(transaction, environment, tally.evaluations.values());
        await addCustomEvents(transaction, environment, tally.custom.values());
        await seeContexts(transaction, environment, [...tally.contexts.values()]);
      }
      return { fresh, tallies };
    });
    this.counts.commits++;
    this.counts.payloads += stored.fresh.length;
    this.counts.duplicates += waiting.length - stored.fresh.length;
    for (const [environment, tally] of stored.tallies) {
      this.counts.events += tally.events;
      this.counts.ignored += tally.ignored;
      this.#remember(environment, tally, at);
      onStored(environment, tally);
    }
  }

  #dropUnknown(environment: string, tally: Tally): void {
    tally.drop(
      ({ setting }) =>
        !this.#parts.isSetting(environment, setting) && !this.#unknownSettings.admits(environment, setting),
      ({ key }) => !this.#customEvents.admits(environment, key),
    );
  }

  /** Takes out contexts of which the database has lately been told just this. */
  #dropWritten({ environment, tally: { contexts } }: Payload): void {
    const now = this.#parts.now();
    for (const [id, { attributes }] of contexts) {
      const recent = this.#recent.peek(`${environment} ${id}`);
      if (recent === undefined || Math.abs(now - recent.writtenAt) > CONTEXT_REFRESH_MS) continue;
      if (attributes === null || attributes === recent.attributes) contexts.delete(id);
    }
  }

  #remember(environment: string, { contexts }: Tally, writtenAt: number): void {
    for (const [id, { attributes }] of contexts) {
      const recentId = `${environment} ${id}`;
      this.#recent.set(recentId, {
        attributes: attributes ?? this.#recent.peek(recentId)?.attributes ?? null,
        writtenAt,
      });
    }
  }
}

interface RecentContext {
  readonly attributes: string | null;
  readonly writtenAt: number;
}

/** Payloads that share a transaction, and what they add up to. */
class Group {
  readonly waiting: Waiting[] = [];
  /** Each once, however often it came. */
  readonly payloads: Payload[] = [];
  /** By environment. */
  readonly tallies = new Map<string, Tally>();
  readonly #ids = new Set<string>();

  constructor(waiting: readonly Waiting[] = []) {
    for (const one of waiting) this.add(one);
  }

  hasRoomFor({ tally }: Payload): boolean {
    if (this.waiting.length >= MAX_GROUP_PAYLOADS) return false;
    let entries = tally.size;
    for (const { size } of this.tallies.values()) entries += size;
    return entries <= MAX_GROUP_ENTRIES;
  }

  add(waiting: Waiting): void {
    const { payload } = waiting;
    this.waiting.push(waiting);
    if (payload.id !== undefined) {
      const id = claimId(payload);
      if (this.#ids.has(id)) return;
      this.#ids.add(id);
    }
    this.payloads.push(payload);
    addTo(this.tallies, payload);
  }
}

function sumOf(payloads: readonly Payload[]): Map<string, Tally> {
  const tallies = new Map<string, Tally>();
  for (const payload of payloads) addTo(tallies, payload);
  return tallies;
}

function addTo(tallies: Map<string, Tally>, { environment, tally }: Payload): void {
  const sum = tallies.get(environment) ?? new Tally();
  sum.merge(tally);
  tallies.set(environment, sum);
}

/** Always the same order, so that two nodes that store at once never wait for each other in a circle. */
function inOrder(tallies: ReadonlyMap<string, Tally>): Map<string, Tally> {
  return new Map([...tallies].sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Claims payloads; those that were counted before are left out. */
async function claim(database: Database, payloads: readonly Payload[], at: number): Promise<Payload[]> {
  const rows = payloads.flatMap(({ environment, id }) => (id === undefined ? [] : [{ environment, id, at }]));
  const claimed = await claimPayloads(database, rows);
  return payloads.filter((payload) => payload.id === undefined || claimed.has(claimId(payload)));
}

/** As `claimPayloads` names it. */
function claimId({ environment, id }: Payload): string {
  return `${environment} ${id}`;
}
