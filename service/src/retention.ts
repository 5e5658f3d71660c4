// Forgets what is too old, in small steps: each deletes little and leaves the database to others before the next.
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import {
  type CountTable,
  deleteOldestPeriod,
  deleteOldPayloads,
  listCountedEnvironments,
  PERIODS_MS,
  RESOLUTIONS,
  type Resolution,
} from './storage/analytics.js';
import { trimChanges } from './storage/change-log.js';
import { deleteOldContexts, lastSeenBeyond, listContextGroups } from './storage/contexts.js';
import type { Database } from './storage/database.js';
import { type EnvironmentRow, listEnvironments } from './storage/environments.js';
import { unlessRunning } from './storage/locks.js';

const INTERVAL_MS = 60_000;
const PAUSE_MS = 5;
const ROWS_PER_STEP = 500;
const COUNT_TABLES: readonly CountTable[] = ['evaluation_counts', 'custom_counts'];

export interface RetentionOptions {
  readonly minuteCountDays: number;
  readonly hourCountDays: number;
  readonly contextDays: number;
  readonly payloadIdDays: number;
  /** Contexts of one kind kept per environment. */
  readonly maxContexts: number;
  /** Change sets kept per environment. */
  readonly maxChangeLog: number;
}

export interface RetentionParts {
  readonly options: RetentionOptions;
  readonly database: Database;
  readonly now: () => number;
  readonly log: Logger;
}

export class Retention {
  readonly #parts: RetentionParts;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(parts: RetentionParts) {
    this.#parts = parts;
  }

  /** Runs once a minute from now on. */
  start(): void {
    this.#timer = setTimeout(() => {
      this.#running = this.run()
        .catch((error: unknown) => this.#parts.log.warn({ err: error }, 'could not delete what is too old'))
        .finally(() => !this.#closed && this.start());
    }, INTERVAL_MS).unref();
  }

  /** Deletes all that is too old now, unless another node is doing so. */
  run(): Promise<void> {
    return unlessRunning(this.#parts.database, () => this.#run());
  }

  async #run(): Promise<void> {
    for await (const _step of this.#steps()) {
      if (this.#closed) return;
      await pause(PAUSE_MS, undefined, { ref: false });
    }
  }

  /** Ends after the step under way. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async *#steps(): AsyncGenerator<void> {
    // From the database and not from memory: what another node has just created must not be taken for deleted.
    const environments = await listEnvironments(this.#parts.database);
    const keys = new Set(environments.map(({ key }) => key));
    yield* this.#payloads();
    for (const table of COUNT_TABLES) yield* this.#counts(table, keys);
    yield* this.#contexts(keys);
    yield* this.#changeLog(environments);
  }

  async *#payloads(): AsyncGenerator<void> {
    const { database, options } = this.#parts;
    while (await deleteOldPayloads(database, this.#daysAgo(options.payloadIdDays), ROWS_PER_STEP)) yield;
  }

  async *#counts(table: CountTable, environments: ReadonlySet<string>): AsyncGenerator<void> {
    const { database } = this.#parts;
    for (const environment of await listCountedEnvironments(database, table)) {
      const exists = environments.has(environment);
      for (const resolution of RESOLUTIONS) {
        const before = exists ? this.#oldest(resolution) : Number.MAX_SAFE_INTEGER;
        while (await deleteOldestPeriod(database, table, { environment, resolution, before })) yield;
      }
    }
  }

  async *#contexts(environments: ReadonlySet<string>): AsyncGenerator<void> {
    const { database, options } = this.#parts;
    for (const group of await listContextGroups(database)) {
      const before = environments.has(group.environment)
        ? Math.max(this.#daysAgo(options.contextDays), await lastSeenBeyond(database, group, options.maxContexts))
        : Number.MAX_SAFE_INTEGER;
      while ((await deleteOldContexts(database, group, { before, limit: ROWS_PER_STEP })) === ROWS_PER_STEP) yield;
    }
  }

  async *#changeLog(environments: readonly EnvironmentRow[]): AsyncGenerator<void> {
    const { database, options } = this.#parts;
    for (const { key, revision } of environments) {
      if (revision > options.maxChangeLog) await trimChanges(database, key, revision - options.maxChangeLog);
      yield;
    }
  }

  /** Start of the first period that is kept. Days are kept for ever. */
  #oldest(resolution: Resolution): number {
    const { minuteCountDays, hourCountDays } = this.#parts.options;
    if (resolution === 'minute') return this.#daysAgo(minuteCountDays);
    return resolution === 'hour' ? this.#daysAgo(hourCountDays) : 0;
  }

  #daysAgo(days: number): number {
    return this.#parts.now() - days * PERIODS_MS.day;
  }
}
