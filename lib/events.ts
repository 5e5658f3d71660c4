import { LRUCache } from 'lru-cache';
import { type Batch, createBatches } from './batch.js';
import type { PreparedSetting } from './compile.js';
import type { Context } from './context.js';
import { Delivery } from './delivery.js';
import { Diagnostics, type StreamInit } from './diagnostics.js';
import { type FeatheryError, messageOf } from './errors.js';
import { type Detail, isExperimental } from './evaluate.js';
import { EventBuffer } from './event-buffer.js';
import { type Evaluation, EventWriter, type MigrationOperation } from './event-writer.js';
import type { Log } from './log.js';
import type { ResolvedOptions } from './options.js';
import type { CommonParts } from './parts.js';
import { withoutAnonymous } from './redact.js';
import { isSampled } from './sampling.js';
import { type Seen, type SeenCache, SeenContexts } from './seen-contexts.js';
import { Spool } from './spool.js';
import { Summary } from './summary.js';
import { LONGEST_TIMER_MS } from './timeout.js';

export type { MigrationOperation };

/** While batches wait to be tried again the timer makes new ones no more often than this. */
export const BEHIND_FLUSH_INTERVAL_MS = 60_000;
const MIN_SPOOL_MS = 200;

/**
 * What became of everything accepted. One is an event, or one evaluation counted in a summary; an evaluation that
 * also gives an index and a feature event is three. At all times
 * accepted = delivered + queued + dropped.full + dropped.refused + dropped.expired.
 */
export interface AnalyticsCounts {
  readonly accepted: number;
  /** Taken by the service. */
  readonly delivered: number;
  /** Buffered, counted, in flight, waiting to be tried again, or put away in `spoolDir`. */
  readonly queued: number;
  readonly dropped: {
    /** No room in a buffer. */
    readonly full: number;
    /** The service did not take the batch although it took others: too large (413), or refused again and again. */
    readonly refused: number;
    /** Not delivered within a day, or not before `close` was over. */
    readonly expired: number;
  };
}

export interface EventProcessorParts extends CommonParts {
  /** Told when events cannot be delivered, beside the log. */
  readonly onProblem?: (error: FeatheryError) => void;
}

/** Where analytics come together: counts and events go in, batches go out, on a timer, on request and at the end. */
export class EventProcessor {
  readonly #options: ResolvedOptions;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #log: Log;
  readonly #summary: Summary;
  readonly #buffer: EventBuffer;
  readonly #seen: SeenContexts;
  readonly #writer: EventWriter;
  readonly #delivery: Delivery;
  readonly #spool: Spool | undefined;
  readonly #diagnostics: Diagnostics;
  readonly #timers: NodeJS.Timeout[] = [];
  #sdkKey: string;
  /** False when nothing is ever sent, and after `close`. */
  #open: boolean;
  /** Accepted other than through the buffer and the present summary: earlier summaries and what was in the spool. */
  #accepted = 0;
  #lastFlushAt = Number.NEGATIVE_INFINITY;
  #eventsInLastBatch = 0;
  #closing: Promise<AnalyticsCounts> | undefined;

  constructor(parts: EventProcessorParts) {
    const { options, sdkKey, now, random, log } = parts;
    this.#options = options;
    this.#now = now;
    this.#random = random;
    this.#log = log;
    this.#sdkKey = sdkKey;
    this.#open = options.sendEvents;
    this.#summary = new Summary(now);
    this.#buffer = new EventBuffer(options.capacity, log);
    this.#seen = new SeenContexts(createSeenCache(options.contextKeysCapacity));
    this.#writer = new EventWriter(options);
    this.#diagnostics = new Diagnostics(options, now());
    const { spoolDir: folder, eventsUri } = options;
    const spool = folder === undefined ? undefined : new Spool({ folder, eventsUri, sdkKey, now, log });
    this.#spool = spool;
    this.#delivery = new Delivery({ ...parts, onSettled: (batch) => void spool?.remove(batch) });
  }

  /** Starts the timers, sends the first diagnostic event and takes up what an earlier process left in `spoolDir`. */
  start(): void {
    if (!this.#open) return;
    const { flushIntervalMs, contextKeysFlushIntervalMs, diagnosticRecordingIntervalMs } = this.#options;
    this.#every(flushIntervalMs, () => this.#flushOnTimer());
    this.#every(contextKeysFlushIntervalMs, () => this.#seen.clear());
    if (!this.#options.diagnosticOptOut) {
      void this.#delivery.sendDiagnostic(this.#diagnostics.initEvent(this.#sdkKey));
      this.#every(diagnosticRecordingIntervalMs, () => this.#sendDiagnostic());
    }
    if (this.#spool !== undefined) void this.#takeUp(this.#spool);
  }

  /**
   * Counts one evaluation, with an index, feature or debug event where one is due. Valid contexts only.
   *
   * @param setting - Undefined when the key is unknown.
   * @param detail - A `variationIndex` of null means that the caller received `defaultValue`.
   * @param defaultValue - The caller's; null for a prerequisite.
   * @param withReason - True when the caller used a detail method; hand the same on for its prerequisites.
   * @param requiredBy - For a prerequisite: key of the setting that directly requires it.
   */
  recordEvaluation(
    setting: PreparedSetting | undefined,
    key: string,
    context: Context,
    detail: Detail,
    defaultValue: unknown,
    withReason: boolean,
    requiredBy?: string,
  ): void {
    if (!this.#open) return;
    try {
      if (setting === undefined) {
        this.#summary.countUnknown(key, context, defaultValue);
        this.#see(context);
        return;
      }
      const counters = this.#summary.count(setting, context, detail, defaultValue);
      this.#see(context);
      if (counters.countedOnly) return;
      this.#recordEvents({ setting, context, detail, defaultValue, withReason, requiredBy });
    } catch (error) {
      this.#complain(error);
    }
  }

  /** Records a custom event. Valid contexts only. A metric value that is no finite number is left out, with a warning. */
  track(key: string, context: Context, data?: unknown, metricValue?: unknown): void {
    if (!this.#open) return;
    const metric = typeof metricValue === 'number' && Number.isFinite(metricValue) ? metricValue : undefined;
    if (metric === undefined && metricValue !== undefined && metricValue !== null) {
      this.#log.warn(`The metric value of the event "${key}" is not a number; it is left out.`);
    }
    try {
      this.#see(context);
      this.#record((now) => this.#writer.custom(key, context, data, metric, now));
    } catch (error) {
      this.#complain(error);
    }
  }

  /** Valid contexts only. */
  identify(context: Context): void {
    if (!this.#open) return;
    try {
      const shown = this.#shown(context);
      if (shown === undefined) return;
      this.#seen.add(shown);
      this.#record((now) => this.#writer.contextEvent('identify', shown, now));
    } catch (error) {
      this.#complain(error);
    }
  }

  migration(operation: MigrationOperation): void {
    if (!this.#open || !isSampled(operation.samplingRatio, this.#random)) return;
    this.#record((now) => this.#writer.migration(operation, now));
  }

  /** One attempt to open the stream or to poll, for the diagnostic events. */
  recordStreamInit(init: StreamInit): void {
    this.#diagnostics.recordStreamInit(init);
  }

  /**
   * Sends what is buffered. Resolves when all of it is delivered or dropped, or kept for later because two attempts
   * failed. While the service refuses the key, or too much is kept already, nothing is sent and all stays buffered.
   */
  async flush(): Promise<void> {
    if (!this.#open || this.#delivery.blocked) return;
    await Promise.all(this.#takeBatches().map((batch) => this.#delivery.send(batch)));
  }

  /** What waits to be tried again is sent at once, with the new key. */
  rotate(sdkKey: string): void {
    this.#sdkKey = sdkKey;
    this.#spool?.rotate(sdkKey);
    this.#delivery.rotate(sdkKey);
  }

  counts(): AnalyticsCounts {
    const { delivered, queued, refused, expired } = this.#delivery.counts;
    const [summary, buffer] = [this.#summary, this.#buffer];
    return {
      accepted: this.#accepted + summary.size + summary.dropped + buffer.accepted,
      delivered,
      queued: summary.size + buffer.size + queued,
      dropped: { full: summary.dropped + buffer.dropped, refused, expired },
    };
  }

  /**
   * Delivers what was accepted. What is not delivered in time goes to `spoolDir`, or is dropped as `expired`. Nothing
   * is recorded any more, all timers end. The spool has a fifth of the time, and 200 ms where that is less.
   *
   * @returns the counts at the end; later calls the same promise. Never rejects.
   */
  close(timeoutMs: number): Promise<AnalyticsCounts> {
    this.#closing ??= this.#close(timeoutMs);
    return this.#closing;
  }

  async #close(timeoutMs: number): Promise<AnalyticsCounts> {
    if (!this.#open) return this.counts();
    this.#open = false;
    for (const timer of this.#timers) clearInterval(timer);
    for (const batch of this.#takeBatches()) void this.#delivery.send(batch);
    const spoolMs = this.#spool === undefined ? 0 : Math.max(timeoutMs / 5, MIN_SPOOL_MS);
    const left = await this.#delivery.finish(timeoutMs - spoolMs);
    const spooled = await this.#spool?.putAll(left, spoolMs);
    for (const batch of left) if (!spooled?.has(batch)) this.#delivery.expire(batch);
    return this.counts();
  }

  async #takeUp(spool: Spool): Promise<void> {
    const batches = await spool.take();
    if (!this.#open) {
      await spool.putAll(batches, LONGEST_TIMER_MS);
      return;
    }
    for (const { size } of batches) this.#accepted += size;
    this.#delivery.adopt(batches);
  }

  #every(ms: number, run: () => void): void {
    const timer = setInterval(run, Math.min(ms, LONGEST_TIMER_MS));
    if (!this.#options.keepAlive) timer.unref();
    this.#timers.push(timer);
  }

  #flushOnTimer(): void {
    const urgent = this.#buffer.size >= this.#options.capacity / 2;
    if (this.#delivery.behind && !urgent && this.#now() - this.#lastFlushAt < BEHIND_FLUSH_INTERVAL_MS) return;
    void this.flush();
  }

  #sendDiagnostic(): void {
    // What has happened is kept for the event after.
    if (this.#delivery.blocked) return;
    const totals = { droppedEvents: this.counts().dropped.full, deduplicatedUsers: this.#seen.hits };
    const event = this.#diagnostics.periodicEvent(this.#sdkKey, this.#now(), totals, this.#eventsInLastBatch);
    void this.#delivery.sendDiagnostic(event);
  }

  /** An index event, if the context has not been seen lately. */
  #see(context: Context): void {
    const shown = this.#shown(context);
    if (shown !== undefined && !this.#seen.see(shown)) this.#recordIndex(shown);
  }

  /** In a method of its own, so that a context seen before allocates nothing for the closure's variables. */
  #recordIndex(context: Context): void {
    this.#record((now) => this.#writer.contextEvent('index', context, now));
  }

  /** What index and identify events may show of a context. */
  #shown(context: Context): Context | undefined {
    if (!this.#options.omitAnonymousContexts) return context;
    // Only the plain cases are decided without a copy.
    return context.kind !== 'multi' && !context.anonymous ? context : withoutAnonymous(context);
  }

  #recordEvents(evaluation: Evaluation): void {
    const { setting, detail } = evaluation;
    const { trackEvents, samplingRatio, debugEventsUntilDate } = setting.source;
    const experimental = isExperimental(setting, detail);
    const written = experimental ? { ...evaluation, withReason: true } : evaluation;
    if ((experimental || trackEvents === true) && isSampled(samplingRatio, this.#random)) {
      this.#record((now) => this.#writer.evaluation('feature', written, now));
    }
    if (this.#isDebugged(debugEventsUntilDate) && isSampled(samplingRatio, this.#random)) {
      this.#record((now) => this.#writer.evaluation('debug', written, now));
    }
  }

  /** Both clocks must agree: the local one may be wrong, the service's may not be known yet. */
  #isDebugged(until: number | null | undefined): boolean {
    return typeof until === 'number' && until > this.#now() && until > this.#delivery.serverTime;
  }

  #record(write: (now: number) => string | undefined): void {
    this.#buffer.add(() => write(this.#now()));
  }

  #takeBatches(): Batch[] {
    const events = this.#buffer.take();
    const summary = this.#summary.drain();
    this.#accepted += summary?.count ?? 0;
    this.#lastFlushAt = this.#now();
    const batches = createBatches(events, summary, this.#lastFlushAt);
    if (batches.length > 0) this.#eventsInLastBatch = events.length + (summary === undefined ? 0 : 1);
    return batches;
  }

  #complain(error: unknown): void {
    this.#log.debug('an event could not be recorded: %s', messageOf(error));
  }
}

/** The record of contexts seen; all else about them is in seen-contexts.ts. */
function createSeenCache(max: number): SeenCache {
  return new LRUCache<string, Seen>({
    max,
    dispose: (seen) => {
      seen.forgotten = true;
    },
  });
}
