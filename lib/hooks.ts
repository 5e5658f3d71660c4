import type { Context } from './context.js';
import type { Detail } from './evaluate.js';

/** The names are those of the protocol (8.6), so that hooks written for other SDKs fit. Read only. */
export interface EvaluationSeriesContext {
  /** Key of the setting that is asked for. */
  readonly flagKey: string;
  /** What the application passed, unchecked. */
  readonly context: Context;
  readonly defaultValue: unknown;
  /** The method called, such as `FeatheryClient.variation`. */
  readonly method: string;
  /** As told by the service; absent until it has. */
  readonly environmentId?: string;
}

/** What one hook hands from its before stage to its after stage. */
export type EvaluationSeriesData = Readonly<Record<string, unknown>>;

export interface TrackSeriesContext {
  /** Name of the event. */
  readonly key: string;
  readonly context: Context;
  readonly data?: unknown;
  readonly metricValue?: number;
  readonly environmentId?: string;
}

/** Called around each evaluation and after each `track`. A stage that throws is logged and changes nothing else. */
export interface Hook {
  getMetadata(): { readonly name: string };
  /** Before an evaluation, in order of registration. What it returns is handed to its own after stage. */
  beforeEvaluation?(context: EvaluationSeriesContext, data: EvaluationSeriesData): EvaluationSeriesData;
  /** After an evaluation, in reverse order of registration. */
  afterEvaluation?(
    context: EvaluationSeriesContext,
    data: EvaluationSeriesData,
    detail: Detail,
  ): EvaluationSeriesData | undefined;
  /** After a custom event was recorded, in order of registration. */
  afterTrack?(context: TrackSeriesContext): void;
}
