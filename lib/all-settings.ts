import type { PreparedSetting } from './compile.js';
import type { Context } from './context.js';
import { type Detail, evaluate, isExperimental, type Reason } from './evaluate.js';
import { toObject } from './lenient.js';
import { ALL_SETTINGS_METADATA, type Json, type Setting } from './protocol.js';
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
  /** Null when no variation is served; undefined for an unknown key. */
  getSettingValue(key: string): Json | undefined;
  /** Undefined for an unknown key. */
  getSettingReason(key: string): Reason | undefined;
  /** Values by key. */
  allValues(): Record<string, Json>;
  /** The form that client-side SDKs start with. */
  toJSON(): Record<string, Json>;
}

interface Evaluated {
  readonly setting: PreparedSetting;
  readonly detail: Detail;
  /** Keys of the direct prerequisites that were evaluated. */
  readonly prerequisites: readonly string[];
}

/**
 * Evaluates every setting for a valid context.
 *
 * @param now - Milliseconds since the epoch.
 */
export function allSettings(
  view: StoreView,
  context: Context,
  options: AllSettingsOptions,
  now: number,
): AllSettingsState {
  const evaluated = new Map<string, Evaluated>();
  for (const key of view.settingKeys()) {
    const setting = view.setting(key);
    if (setting === undefined || (options.clientSideOnly === true && !isClientSide(setting.source))) continue;
    evaluated.set(key, evaluateOne(view, setting, context));
  }
  return new State(true, evaluated, options, now);
}

/** The state when there is nothing to evaluate. */
export function noSettings(): AllSettingsState {
  return new State(false, new Map(), {}, 0);
}

/** Builds its forms on demand: an object of hundreds of keys costs more than their evaluation. */
class State implements AllSettingsState {
  readonly valid: boolean;
  readonly #evaluated: ReadonlyMap<string, Evaluated>;
  readonly #options: AllSettingsOptions;
  readonly #now: number;

  constructor(valid: boolean, evaluated: ReadonlyMap<string, Evaluated>, options: AllSettingsOptions, now: number) {
    this.valid = valid;
    this.#evaluated = evaluated;
    this.#options = options;
    this.#now = now;
  }

  getSettingValue(key: string): Json | undefined {
    return this.#evaluated.get(key)?.detail.value;
  }

  getSettingReason(key: string): Reason | undefined {
    return this.#evaluated.get(key)?.detail.reason;
  }

  allValues(): Record<string, Json> {
    const values: Record<string, Json> = {};
    for (const [key, { detail }] of this.#evaluated) setOwn(values, key, detail.value);
    return values;
  }

  toJSON(): Record<string, Json> {
    const metadata: Record<string, Json> = {};
    for (const [key, evaluated] of this.#evaluated)
      setOwn(metadata, key, describe(evaluated, this.#options, this.#now));
    return { ...this.allValues(), [ALL_SETTINGS_METADATA]: metadata, $valid: this.valid };
  }
}

function evaluateOne(view: StoreView, setting: PreparedSetting, context: Context): Evaluated {
  const prerequisites: string[] = [];
  const detail = evaluate(view, setting, context, ({ key }, _detail, requiredBy) => {
    if (requiredBy === setting.key) prerequisites.push(key);
  });
  return { setting, detail, prerequisites };
}

function describe({ setting, detail, prerequisites }: Evaluated, options: AllSettingsOptions, now: number): Json {
  const { debugEventsUntilDate: debugUntil } = setting.source;
  const trackReason = isExperimental(setting, detail);
  const trackEvents = trackReason || setting.source.trackEvents === true;
  const isTracked = trackEvents || (typeof debugUntil === 'number' && debugUntil > now);
  const withDetails = isTracked || options.detailsOnlyForTrackedSettings !== true;
  const withReason = trackReason || (options.withReasons === true && withDetails);
  return {
    ...(detail.variationIndex !== null && { variation: detail.variationIndex }),
    ...(withDetails && { version: setting.version }),
    ...(trackEvents && { trackEvents }),
    ...(trackReason && { trackReason }),
    ...(withReason && { reason: { ...detail.reason } }),
    ...(debugUntil && { debugEventsUntilDate: debugUntil }),
    ...(prerequisites.length > 0 && { prerequisites }),
  };
}

function isClientSide({ clientSide, clientSideAvailability }: Setting): boolean {
  if (clientSideAvailability == null) return clientSide === true;
  return toObject(clientSideAvailability).usingEnvironmentId === true;
}

/** Plain assignment to `__proto__` would set the prototype. */
function setOwn(object: Record<string, Json>, key: string, value: Json): void {
  if (key === '__proto__')
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  else object[key] = value;
}
