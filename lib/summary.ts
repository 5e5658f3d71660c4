import type { Json } from './protocol.js';

/** Counts of one setting at one version since the last flush. Hangs on the prepared setting; written here only. */
export interface SettingCounters {
  /** The period these counts belong to; another one means that a flush has come between. */
  readonly period: object;
}

/** A summary event as it is sent, and how many evaluations it stands for. */
export interface DrainedSummary {
  readonly event: Json;
  readonly count: number;
}
