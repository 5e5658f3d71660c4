// Takes counted payloads and stores several of them in one transaction, as what a transaction costs is mostly waiting
// for the disk. A payload is acknowledged when its transaction is on disk, and counted once however often it comes.
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type SeenContext, Tally } from './analytics.js';
import { BoundedMap } from './bounded-map.js';
import { KeyBudget } from './key-budget.js';
import { isUnavailable, Problem } from './problems.js';
import { addCustomEvents, addEvaluations, claimPayloads } from './storage/analytics.js';
import { seeContexts } from './storage/contexts.js';
import type { Database } from './storage/database.js';

/** What is counted here, one by one, is stored together after this long. */
const NOTED_INTERVAL_MS = 5_000;
/** Bounds of one transaction, as a change of a setting waits for it. A single payload may have more entries. */
const MAX_GROUP_PAYLOADS = 100;
/** Different counts and contexts. */
const MAX_GROUP_ENTRIES = 1500;
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
  #waiting: Waiting[] = [];
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
   * Resolves when the payload is stored, now or by an earlier attempt.
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
    return new Promise((resolve, reject) => {
      this.#waiting.push({ payload, resolve, reject });
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

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      // Where a whole group is waiting already, there is nothing to wait for.
      if (this.#waiting.length < MAX_GROUP_PAYLOADS) await pause(this.#parts.options.ingestWindowMs);
      await this.#storeGroup(this.#waiting.splice(0, groupSize(this.#waiting)));
      await nextTurn();
    }
    this.#running = undefined;
  }

  async #storeGroup(group: readonly Waiting[]): Promise<void> {
    try {
      await this.#commit(group.map(({ payload }) => payload));
      for (const waiting of group) this.#release(waiting).resolve();
    } catch (error) {
      this.#parts.log.warn({ err: error, payloads: group.length }, 'could not store analytics');
      // One payload that the database cannot take must not cost the others theirs.
      if (group.length > 1 && !isUnavailable(error)) for (const waiting of group) await this.#storeGroup([waiting]);
      else for (const waiting of group) this.#release(waiting).reject(error);
    }
  }

  #release(waiting: Waiting): Waiting {
    this.#waitingBytes -= waiting.payload.bytes;
    return waiting;
  }

  async #commit(payloads: readonly Payload[]): Promise<void> {
    const { database, now, onStored } = this.#parts;
    const at = now();
    const stored = await database.transaction().execute(async (transaction) => {
      const fresh = await firstAttempts(transaction, payloads, at);
      const tallies = tallyByEnvironment(fresh);
      for (const [environment, tally] of tallies) this.#dropUnknown(environment, tally);
      for (const [environment, tally] of tallies) {
        await addEvaluations(transaction, environment, tally.evaluations.values());
        await addCustomEvents(transaction, environment, tally.custom.values());
        await seeContexts(transaction, environment, this.#unwritten(environment, tally, at));
      }
      return { fresh, tallies };
    });
    this.counts.commits++;
    this.counts.payloads += stored.fresh.length;
    this.counts.duplicates += payloads.length - stored.fresh.length;
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

  /** Contexts of which the database does not have this already. */
  #unwritten(environment: string, tally: Tally, now: number): SeenContext[] {
    return [...tally.contexts.values()].filter((context) => {
      const recent = this.#recent.get(contextId(environment, context));
      if (recent === undefined || Math.abs(now - recent.writtenAt) > CONTEXT_REFRESH_MS) return true;
      return context.attributes !== null && context.attributes !== recent.attributes;
    });
  }

  #remember(environment: string, tally: Tally, now: number): void {
    for (const context of tally.contexts.values()) {
      const id = contextId(environment, context);
      const recent = this.#recent.get(id);
      const isSame = recent !== undefined && (context.attributes ?? recent.attributes) === recent.attributes;
      if (isSame && Math.abs(now - recent.writtenAt) <= CONTEXT_REFRESH_MS) continue;
      this.#recent.set(id, { attributes: context.attributes ?? recent?.attributes ?? null, writtenAt: now });
    }
  }
}

interface RecentContext {
  readonly attributes: string | null;
  readonly writtenAt: number;
}

/** Leaves out payloads that were counted before, also earlier in this group. */
async function firstAttempts(database: Database, payloads: readonly Payload[], at: number): Promise<Payload[]> {
  const byId = new Map<string, Payload>();
  const anonymous: Payload[] = [];
  for (const payload of payloads) {
    if (payload.id === undefined) anonymous.push(payload);
    else byId.set(`${payload.environment} ${payload.id}`, payload);
  }
  const rows = [...byId.values()].map(({ environment, id }) => ({ environment, id: id as string, at }));
  const claimed = await claimPayloads(database, rows);
  return [...anonymous, ...[...byId].filter(([id]) => claimed.has(id)).map(([, payload]) => payload)];
}

function tallyByEnvironment(payloads: readonly Payload[]): Map<string, Tally> {
  const tallies = new Map<string, Tally>();
  for (const { environment, tally } of payloads) {
    const sum = tallies.get(environment) ?? new Tally();
    sum.merge(tally);
    tallies.set(environment, sum);
  }
  return tallies;
}

/** How many of the first payloads fit into one transaction. What they have in common is written once. */
function groupSize(waiting: readonly Waiting[]): number {
  const entries = new Set<string>();
  for (const [index, { payload }] of waiting.entries()) {
    for (const id of payload.tally.ids()) entries.add(`${payload.environment} ${id}`);
    if (index >= MAX_GROUP_PAYLOADS || (index > 0 && entries.size > MAX_GROUP_ENTRIES)) return index;
  }
  return waiting.length;
}

function contextId(environment: string, { kind, key }: SeenContext): string {
  return `${environment} ${kind} ${key}`;
}
