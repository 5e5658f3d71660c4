import type { Context } from './context.js';
import { messageOf } from './errors.js';
import type { Reason } from './evaluate.js';

/** A value, and why it is that one. */
export interface VariationDetail<Value = unknown> {
  readonly value: Value;
  /** Position among the setting's variations; null when the value is the caller's default. */
  readonly variationIndex: number | null;
  readonly reason: Reason;
}

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
  beforeEvaluation?(context: EvaluationSeriesContext, data: EvaluationSeriesData): EvaluationSeriesData | undefined;
  /** After an evaluation, in reverse order of registration. */
  afterEvaluation?(context: EvaluationSeriesContext, data: EvaluationSeriesData, detail: VariationDetail): unknown;
  /** After a custom event was recorded, in order of registration. */
  afterTrack?(context: TrackSeriesContext): void;
}

/** Told of a stage that threw. */
type Report = (message: string) => void;

/**
 * Runs an evaluation between the stages of the hooks. Never throws unless the evaluation does.
 *
 * @param hooks - Not changed by anyone meanwhile: `addHook` makes a new list.
 * @see docs/protocol.md, section 8.6
 */
export function evaluateWithHooks(
  hooks: readonly Hook[],
  context: EvaluationSeriesContext,
  evaluate: () => VariationDetail,
  report: Report,
): VariationDetail {
  const data = hooks.map(
    (hook) => run(hook, 'beforeEvaluation', () => hook.beforeEvaluation?.(context, {}), report) ?? {},
  );
  const detail = evaluate();
  for (let index = hooks.length - 1; index >= 0; index--) {
    const hook = hooks[index] as Hook;
    run(hook, 'afterEvaluation', () => hook.afterEvaluation?.(context, data[index] ?? {}, detail), report);
  }
  return detail;
}

/** Absent fields of the context may be given as undefined here. */
export function afterTrack(
  hooks: readonly Hook[],
  fields: { readonly [Name in keyof Required<TrackSeriesContext>]: TrackSeriesContext[Name] | undefined },
  report: Report,
): void {
  if (hooks.length === 0) return;
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  const context = Object.freeze(Object.fromEntries(given)) as unknown as TrackSeriesContext;
  for (const hook of hooks) run(hook, 'afterTrack', () => hook.afterTrack?.(context), report);
}

function run<Result>(hook: Hook, stage: string, call: () => Result, report: Report): Result | undefined {
  const fail = (error: unknown) => report(`Stage ${stage} of hook "${nameOf(hook)}" failed: ${messageOf(error)}`);
  try {
    const result = call();
    // An asynchronous stage is not waited for, but must not end the process when it fails.
    if (result instanceof Promise) result.catch(fail);
    return result;
  } catch (error) {
    fail(error);
    return undefined;
  }
}

function nameOf(hook: Hook): string {
  try {
    return String(hook.getMetadata().name);
  } catch {
    return 'unknown';
  }
}
