import type { PreparedSetting } from './compile.js';
import type { Context } from './context.js';
import type { StreamInit } from './diagnostics.js';
import type { Detail } from './evaluate.js';
import type { IdentificationHeaders } from './headers.js';
import type { Fetch } from './http.js';
import type { Log } from './log.js';
import type { ResolvedOptions } from './options.js';
import type { Json } from './protocol.js';

/** What became of everything accepted: accepted = delivered + queued + dropped.full + .refused + .expired. */
export interface AnalyticsCounts {
  readonly accepted: number;
  readonly delivered: number;
  readonly queued: number;
  readonly dropped: { readonly full: number; readonly refused: number; readonly expired: number };
}

/** The result of a migration operation, ready but for its date and the redaction of its context. */
export interface MigrationOperation {
  readonly operation: string;
  readonly context: Context;
  readonly evaluation: { readonly [field: string]: Json };
  readonly measurements: readonly Json[];
  /** The setting's; default 1. */
  readonly samplingRatio?: number | undefined;
}

export interface EventProcessorParts {
  readonly options: ResolvedOptions;
  readonly sdkKey: string;
  readonly headers: IdentificationHeaders;
  readonly fetch: Fetch;
  readonly now: () => number;
  readonly random: () => number;
  readonly log: Log;
}

export declare class EventProcessor {
  constructor(parts: EventProcessorParts);

  /** Starts the timers, sends the first diagnostic event and takes up what an earlier process left in `spoolDir`. */
  start(): void;

  /**
   * Counts one evaluation, with an index, feature or debug event where one is due. Valid contexts only.
   *
   * @param setting - Undefined when the key is unknown.
   * @param detail - A `variationIndex` of null means that the caller received `defaultValue`.
   * @param withReason - True when the caller used a detail method; hand the same on for its prerequisites.
   * @param requiredBy - For a prerequisite: key of the setting that directly requires it. Its default is null.
   */
  recordEvaluation(
    setting: PreparedSetting | undefined,
    key: string,
    context: Context,
    detail: Detail,
    defaultValue: unknown,
    withReason: boolean,
    requiredBy?: string,
  ): void;

  /** Records a custom event. Valid contexts only. A metric value that is no finite number is left out, with a warning. */
  track(key: string, context: Context, data?: unknown, metricValue?: unknown): void;

  /** Valid contexts only. */
  identify(context: Context): void;

  migration(operation: MigrationOperation): void;

  /** One attempt to open the stream or to poll, for the diagnostic events. */
  recordStreamInit(init: StreamInit): void;

  /** Sends what is buffered. Resolves when it is delivered or dropped, or kept for later after two failed attempts. */
  flush(): Promise<void>;

  /** Kept batches are sent again at once, with the new key. */
  rotate(sdkKey: string): void;

  counts(): AnalyticsCounts;

  /** Delivers what was accepted within the time, spools or drops the rest, ends all timers. Always the same promise. */
  close(timeoutMs: number): Promise<AnalyticsCounts>;
}
