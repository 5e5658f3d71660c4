import type { Context } from './context.js';
import type { Reason } from './evaluate.js';
import type { Json } from './protocol.js';
import type { StoreView } from './store.js';

/** What the state of all settings contains. All false by default. */
export interface AllSettingsOptions {
  /** True: only settings that client-side code may see. */
  readonly clientSideOnly?: boolean;
  /** True: with the reason of each evaluation. */
  readonly withReasons?: boolean;
  /** True: version and reason only for settings whose evaluations are tracked or debugged. */
  readonly detailsOnlyForTrackedSettings?: boolean;
}

/** The values of all settings for one context, for client-side code to start with. */
export interface AllSettingsState {
  /** False when there was nothing to evaluate: no data yet, offline, or no valid context. */
  readonly valid: boolean;
  /** Undefined for an unknown key. */
  getSettingValue(key: string): Json | undefined;
  /** Undefined for an unknown key, and where reasons were not asked for. */
  getSettingReason(key: string): Reason | undefined;
  /** Values by key. */
  allValues(): Record<string, Json>;
  /** The form client-side code takes. */
  toJSON(): Record<string, Json>;
}

/**
 * Evaluates every setting for a valid context.
 *
 * @param now - Milliseconds since the epoch.
 */
export function allSettings(
  _view: StoreView,
  _context: Context,
  _options: AllSettingsOptions,
  _now: number,
): AllSettingsState {
  throw new Error('not yet');
}

/** The state when there is nothing to evaluate. */
export function noSettings(): AllSettingsState {
  throw new Error('not yet');
}
