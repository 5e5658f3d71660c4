import type { PreparedSetting } from './compile.js';
import type { Context } from './context.js';
import { type Detail, evaluate, isExperimental, type Reason } from './evaluate.js';
import { toList, toObject } from './lenient.js';
import { ALL_SETTINGS_METADATA, type Json, type Setting } from './protocol.js';
import { toRecord } from './record.js';
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

const NONE: readonly string[] = [];

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
  const evaluated: Evaluated[] = [];
  for (const setting of view.settings()) {
    if (options.clientSideOnly === true && !isClientSide(setting.source)) continue;
    evaluated.push(evaluateOne(view, setting, context));
  }
  return new State(true, evaluated, options, now);
}

/** The state when there is nothing to evaluate. */
export function noSettings(): AllSettingsState {
  return new State(false, [], {}, 0);
}

/** Builds its forms on demand: an object of hundreds of keys costs more than their evaluation. */
class State implements AllSettingsState {
  readonly valid: boolean;
  readonly #evaluated: readonly Evaluated[];
  readonly #options: AllSettingsOptions;
  readonly #now: number;
  #byKey: ReadonlyMap<string, Evaluated> | undefined;

  constructor(valid: boolean, evaluated: readonly Evaluated[], options: AllSettingsOptions, now: number) {
    this.valid = valid;
    this.#evaluated = evaluated;
    this.#options = options;
    this.#now = now;
  }

  getSettingValue(key: string): Json | undefined {
    return this.#find(key)?.detail.value;
  }

  getSettingReason(key: string): Reason | undefined {
    return this.#find(key)?.detail.reason;
  }

  allValues(): Record<string, Json> {
    return toRecord(this.#evaluated, keyOf, ({ detail }) => detail.value);
  }

  toJSON(): Record<string, Json> {
    const metadata = toRecord(this.#evaluated, keyOf, (evaluated) => describe(evaluated, this.#options, this.#now));
    return Object.assign(this.allValues(), { [ALL_SETTINGS_METADATA]: metadata, $valid: this.valid });
  }

  #find(key: string): Evaluated | undefined {
    this.#byKey ??= new Map(this.#evaluated.map((evaluated) => [keyOf(evaluated), evaluated]));
    return this.#byKey.get(key);
  }
}

function keyOf({ setting }: Evaluated): string {
  return setting.key;
}

function evaluateOne(view: StoreView, setting: PreparedSetting, context: Context): Evaluated {
  if (toList(setting.source.prerequisites).length === 0) {
    return { setting, detail: evaluate(view, setting, context), prerequisites: NONE };
  }
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
  // Assigned one by one: spreading what may be absent takes more than twice as long.
  const described: Record<string, Json> = {};
  if (detail.variationIndex !== null) described.variation = detail.variationIndex;
  if (withDetails) described.version = setting.version;
  if (trackEvents) described.trackEvents = true;
  if (trackReason) described.trackReason = true;
  if (withReason) described.reason = { ...detail.reason };
  if (debugUntil) described.debugEventsUntilDate = debugUntil;
  if (prerequisites.length > 0) described.prerequisites = prerequisites;
  return described;
}

function isClientSide({ clientSide, clientSideAvailability }: Setting): boolean {
  if (clientSideAvailability == null) return clientSide === true;
  return toObject(clientSideAvailability).usingEnvironmentId === true;
}
