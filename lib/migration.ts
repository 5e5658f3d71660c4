// Moving data from an old system to a new one in stages that a setting controls (docs/protocol.md, Appendix C).
import { type Context, contextProblem } from './context.js';
import type { Reason } from './evaluate.js';
import type { MigrationOperation } from './events.js';
import type { VariationDetail } from './hooks.js';
import { itemVersion, type Json, type Setting } from './protocol.js';
import { isSampled } from './sampling.js';

const STAGES = ['off', 'dualwrite', 'shadow', 'live', 'rampdown', 'complete'] as const;

/** How far a migration is. */
export type MigrationStage = (typeof STAGES)[number];
export type MigrationOrigin = 'old' | 'new';

export function isStage(value: unknown): value is MigrationStage {
  return STAGES.includes(value as MigrationStage);
}

/** The stage for a context, and what is to be told of the operation that follows. */
export interface MigrationDetail extends VariationDetail<MigrationStage> {
  readonly tracker: MigrationTracker;
}

/** What the setting was when it was asked, for the event. */
export interface MigrationEvaluation {
  readonly key: string;
  readonly context: Context;
  readonly defaultStage: MigrationStage;
  readonly detail: VariationDetail<MigrationStage>;
  /** Undefined for an unknown one. */
  readonly setting: Setting | undefined;
  readonly random: () => number;
}

/** Collects what happened in one operation. Hand it to `client.trackMigration` at the end. */
export class MigrationTracker {
  readonly #evaluation: MigrationEvaluation;
  readonly #invoked = new Set<MigrationOrigin>();
  readonly #failed = new Set<MigrationOrigin>();
  readonly #latencies = new Map<MigrationOrigin, number>();
  #operation: 'read' | 'write' | undefined;
  #consistent: boolean | undefined;

  /** @internal */
  constructor(evaluation: MigrationEvaluation) {
    this.#evaluation = evaluation;
  }

  /** What kind of operation it is. */
  op(operation: 'read' | 'write'): void {
    this.#operation = operation;
  }

  invoked(origin: MigrationOrigin): void {
    this.#invoked.add(origin);
  }

  error(origin: MigrationOrigin): void {
    this.#failed.add(origin);
  }

  latency(origin: MigrationOrigin, ms: number): void {
    if (Number.isFinite(ms) && ms >= 0) this.#latencies.set(origin, ms);
  }

  /** @param compare - Called only when this operation is one of those chosen for comparison. */
  consistency(compare: () => boolean): void {
    if (isSampled(this.#checkRatio, this.#evaluation.random)) this.#consistent = compare();
  }

  /** @internal @returns The event's content, or why there is none. */
  operation(): MigrationOperation | string {
    const { key, context, setting } = this.#evaluation;
    if (this.#operation === undefined) return 'its kind is not set';
    if (this.#invoked.size === 0) return 'no origin was invoked';
    if (key === '') return 'the key of its setting is empty';
    const problem = contextProblem(context);
    if (problem !== undefined) return problem;
    for (const origin of [...this.#failed, ...this.#latencies.keys(), ...this.#compared()]) {
      if (!this.#invoked.has(origin)) return `origin ${origin} was measured but not invoked`;
    }
    return {
      operation: this.#operation,
      context,
      evaluation: this.#describeEvaluation(),
      measurements: this.#measurements(),
      samplingRatio: setting?.samplingRatio ?? undefined,
    };
  }

  /** One in so many operations is compared. */
  get #checkRatio(): number {
    return this.#evaluation.setting?.migration?.checkRatio ?? 1;
  }

  #compared(): MigrationOrigin[] {
    return this.#consistent === undefined ? [] : ['old', 'new'];
  }

  #describeEvaluation(): MigrationOperation['evaluation'] {
    const { key, defaultStage, detail, setting } = this.#evaluation;
    return {
      key,
      value: detail.value,
      default: defaultStage,
      ...(detail.variationIndex === null ? {} : { variation: detail.variationIndex }),
      ...(setting === undefined ? {} : { version: itemVersion(setting) }),
      reason: jsonOf(detail.reason),
    };
  }

  #measurements(): object[] {
    const measurements: object[] = [{ key: 'invoked', values: marks(this.#invoked) }];
    if (this.#latencies.size > 0) {
      measurements.push({ key: 'latency_ms', values: Object.fromEntries(this.#latencies) });
    }
    if (this.#failed.size > 0) measurements.push({ key: 'error', values: marks(this.#failed) });
    if (this.#consistent !== undefined) {
      const sampling = this.#checkRatio === 1 ? {} : { samplingRatio: this.#checkRatio };
      measurements.push({ key: 'consistent', value: this.#consistent, ...sampling });
    }
    return measurements;
  }
}

/** How two reads follow each other: the authoritative first, in random order, or both at once. */
export type MigrationExecution = 'serial' | 'random' | 'concurrent';

/** The old and the new way to do the same thing. They may be asynchronous; one that throws has failed. */
export interface MigrationOptions<Payload, Read, Written> {
  readOld(payload: Payload): Read | Promise<Read>;
  readNew(payload: Payload): Read | Promise<Read>;
  writeOld(payload: Payload): Written | Promise<Written>;
  writeNew(payload: Payload): Written | Promise<Written>;
  /** Compares the results of two successful reads. Default: they are not compared. */
  check?(old: Read, fresh: Read): boolean;
  /** Default `concurrent`. Writes are always one after the other. */
  execution?: MigrationExecution;
  /** False: durations are not measured. Default true. */
  latencyTracking?: boolean;
  /** False: failures are not reported. Default true. */
  errorTracking?: boolean;
}

export type MigrationResult<Value> =
  | { readonly origin: MigrationOrigin; readonly success: true; readonly result: Value }
  | { readonly origin: MigrationOrigin; readonly success: false; readonly error: unknown };

export interface MigrationWriteResult<Value> {
  readonly authoritative: MigrationResult<Value>;
  /** Absent when only one origin was written, or the authoritative one failed. */
  readonly nonAuthoritative?: MigrationResult<Value>;
}

/** Reads and writes as the stage of the setting says. Never rejects: what an origin throws is its result. */
export interface Migration<Payload, Read, Written> {
  read(key: string, user: Context, defaultStage: MigrationStage, payload: Payload): Promise<MigrationResult<Read>>;
  write(
    key: string,
    user: Context,
    defaultStage: MigrationStage,
    payload: Payload,
  ): Promise<MigrationWriteResult<Written>>;
}

/** The origins of each stage, the authoritative one first (docs/protocol.md, C.2). */
const READS: Readonly<Record<MigrationStage, readonly MigrationOrigin[]>> = {
  off: ['old'],
  dualwrite: ['old'],
  shadow: ['old', 'new'],
  live: ['new', 'old'],
  rampdown: ['new'],
  complete: ['new'],
};
const WRITES: Readonly<Record<MigrationStage, readonly MigrationOrigin[]>> = {
  off: ['old'],
  dualwrite: ['old', 'new'],
  shadow: ['old', 'new'],
  live: ['new', 'old'],
  rampdown: ['new', 'old'],
  complete: ['new'],
};

/** What a migration needs of a client. */
export interface MigrationClient {
  migrationVariation(key: string, user: Context, defaultStage: MigrationStage): MigrationDetail;
  trackMigration(tracker: MigrationTracker): void;
}

/** Ties the old and the new way to a client's settings. */
export function createMigration<Payload = undefined, Read = unknown, Written = unknown>(
  client: MigrationClient,
  options: MigrationOptions<Payload, Read, Written>,
): Migration<Payload, Read, Written> {
  const readFrom = { old: options.readOld, new: options.readNew };
  const writeTo = { old: options.writeOld, new: options.writeNew };
  const call = <Value>(
    tracker: MigrationTracker,
    origin: MigrationOrigin,
    ways: Record<MigrationOrigin, (payload: Payload) => Value | Promise<Value>>,
    payload: Payload,
  ) => measure(tracker, origin, () => ways[origin].call(options, payload), options);

  return {
    async read(key, user, defaultStage, payload) {
      const { value: stage, tracker } = client.migrationVariation(key, user, defaultStage);
      tracker.op('read');
      const results = await inOrder(READS[stage], options.execution ?? 'concurrent', (origin) =>
        call(tracker, origin, readFrom, payload),
      );
      compare(results, tracker, options);
      client.trackMigration(tracker);
      return results.find(({ origin }) => origin === READS[stage][0]) as MigrationResult<Read>;
    },
    async write(key, user, defaultStage, payload) {
      const { value: stage, tracker } = client.migrationVariation(key, user, defaultStage);
      tracker.op('write');
      const [first, second] = WRITES[stage] as readonly [MigrationOrigin, MigrationOrigin?];
      const authoritative = await call(tracker, first, writeTo, payload);
      const nonAuthoritative =
        second !== undefined && authoritative.success ? await call(tracker, second, writeTo, payload) : undefined;
      client.trackMigration(tracker);
      return nonAuthoritative === undefined ? { authoritative } : { authoritative, nonAuthoritative };
    },
  };
}

async function measure<Value>(
  tracker: MigrationTracker,
  origin: MigrationOrigin,
  call: () => Value | Promise<Value>,
  { latencyTracking = true, errorTracking = true }: { latencyTracking?: boolean; errorTracking?: boolean },
): Promise<MigrationResult<Value>> {
  tracker.invoked(origin);
  const startedAt = performance.now();
  try {
    return { origin, success: true, result: await call() };
  } catch (error) {
    if (errorTracking) tracker.error(origin);
    return { origin, success: false, error };
  } finally {
    if (latencyTracking) tracker.latency(origin, Math.round(performance.now() - startedAt));
  }
}

async function inOrder<Result>(
  origins: readonly MigrationOrigin[],
  execution: MigrationExecution,
  call: (origin: MigrationOrigin) => Promise<Result>,
): Promise<Result[]> {
  if (execution === 'concurrent') return Promise.all(origins.map(call));
  const results: Result[] = [];
  const order = execution === 'random' && Math.random() < 0.5 ? origins.toReversed() : origins;
  for (const origin of order) results.push(await call(origin));
  return results;
}

/** Where both reads succeeded and the application can compare them. */
function compare<Payload, Read, Written>(
  results: ReadonlyArray<MigrationResult<Read>>,
  tracker: MigrationTracker,
  options: MigrationOptions<Payload, Read, Written>,
): void {
  const old = results.find(({ origin }) => origin === 'old');
  const fresh = results.find(({ origin }) => origin === 'new');
  if (options.check === undefined || !old?.success || !fresh?.success) return;
  try {
    tracker.consistency(() => options.check?.(old.result, fresh.result) === true);
  } catch {
    // A comparison that fails says nothing about the data.
  }
}

function marks(origins: Iterable<MigrationOrigin>): Record<string, true> {
  return Object.fromEntries(Array.from(origins, (origin) => [origin, true as const]));
}

function jsonOf(reason: Reason): Json {
  return { ...reason } as Json;
}
