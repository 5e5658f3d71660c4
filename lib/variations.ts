// One variation call (docs/protocol.md, 3.2): is there data, is the context one, what does the setting serve, count it.
import { type AllSettingsOptions, type AllSettingsState, allSettings, noSettings } from './all-settings.js';
import { type Context, contextProblem } from './context.js';
import { messageOf } from './errors.js';
import { type Detail, errorDetail, evaluate, type OnPrerequisite, type View } from './evaluate.js';
import type { EventProcessor } from './events.js';
import { evaluateWithHooks, type Hook, type VariationDetail } from './hooks.js';
import type { Log } from './log.js';
import type { Json } from './protocol.js';
import type { StoreView } from './store.js';

/** Accepts the values of one type. */
export type Check = (value: Json) => boolean;

const isBoolean: Check = (value) => typeof value === 'boolean';
export const isString: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number';

/** Who asks: the method as hooks see it, and what it takes for a value (undefined: anything). */
export interface Caller {
  readonly method: string;
  readonly check: Check | undefined;
  /** What of that it hands on; asked when the evaluation is counted already. Undefined: everything. */
  readonly accept?: Check;
}

/** The callers of one class with variation methods. */
export function callersOf(owner: string) {
  const caller = (name: string, check?: Check): Caller => Object.freeze({ method: `${owner}.${name}`, check });
  return Object.freeze({
    variation: caller('variation'),
    variationDetail: caller('variationDetail'),
    booleanVariation: caller('booleanVariation', isBoolean),
    booleanVariationDetail: caller('booleanVariationDetail', isBoolean),
    stringVariation: caller('stringVariation', isString),
    stringVariationDetail: caller('stringVariationDetail', isString),
    numberVariation: caller('numberVariation', isNumber),
    numberVariationDetail: caller('numberVariationDetail', isNumber),
    jsonVariation: caller('jsonVariation'),
    jsonVariationDetail: caller('jsonVariationDetail'),
  });
}

export interface VariationsParts {
  readonly events: Pick<EventProcessor, 'recordEvaluation'>;
  readonly hooks: readonly Hook[];
  readonly log: Log;
  readonly now: () => number;
  readonly environmentId: () => string | undefined;
}

export class Variations {
  readonly #events: VariationsParts['events'];
  readonly #log: Log;
  readonly #now: () => number;
  readonly #environmentId: VariationsParts['environmentId'];
  /** Replaced, never changed: a call in progress keeps the list it began with. */
  #hooks: readonly Hook[];

  constructor({ events, hooks, log, now, environmentId }: VariationsParts) {
    this.#events = events;
    this.#log = log;
    this.#now = now;
    this.#environmentId = environmentId;
    this.#hooks = hooks;
  }

  get hooks(): readonly Hook[] {
    return this.#hooks;
  }

  addHook(hook: Hook): void {
    this.#hooks = [...this.#hooks, hook];
  }

  /**
   * The value alone. On the path of every request of somebody else's server: makes no object of its own.
   *
   * @param view - Undefined as long as there is no data.
   */
  value(caller: Caller, view: View | undefined, key: string, context: Context, defaultValue: unknown): unknown {
    const detail =
      this.#hooks.length === 0
        ? this.#evaluate(caller, view, key, context, defaultValue, false)
        : this.#evaluateWithHooks(caller, view, key, context, defaultValue, false);
    return detail.variationIndex === null ? defaultValue : detail.value;
  }

  detail(
    caller: Caller,
    view: View | undefined,
    key: string,
    context: Context,
    defaultValue: unknown,
  ): VariationDetail {
    return this.#hooks.length === 0
      ? withDefault(caller, this.#evaluate(caller, view, key, context, defaultValue, true), defaultValue)
      : this.#evaluateWithHooks(caller, view, key, context, defaultValue, true);
  }

  /** The value as `value` would give it now, without hooks and uncounted: nobody has received it yet. */
  peek(view: View | undefined, key: string, context: Context, defaultValue: unknown): unknown {
    try {
      if (view === undefined || contextProblem(context) !== undefined) return defaultValue;
      const setting = view.setting(key);
      if (setting === undefined) return defaultValue;
      const detail = evaluate(view, setting, context);
      return detail.variationIndex === null ? defaultValue : detail.value;
    } catch {
      return defaultValue;
    }
  }

  /** The state of all settings; counts nothing and runs no hooks. */
  all(view: StoreView | undefined, context: Context, options: AllSettingsOptions): AllSettingsState {
    try {
      if (view === undefined || contextProblem(context) !== undefined) return noSettings();
      return allSettings(view, context, options, this.#now());
    } catch (error) {
      this.#log.error(`The state of all settings could not be made: ${messageOf(error)}`);
      return noSettings();
    }
  }

  #evaluateWithHooks(
    caller: Caller,
    view: View | undefined,
    key: string,
    context: Context,
    defaultValue: unknown,
    withReason: boolean,
  ): VariationDetail {
    const environmentId = this.#environmentId();
    const seriesContext = Object.freeze({
      flagKey: key,
      context,
      defaultValue,
      method: caller.method,
      ...(environmentId === undefined ? {} : { environmentId }),
    });
    return evaluateWithHooks(
      this.#hooks,
      seriesContext,
      () => withDefault(caller, this.#evaluate(caller, view, key, context, defaultValue, withReason), defaultValue),
      (message) => this.#log.error(message),
    );
  }

  /** The detail as evaluated: a `variationIndex` of null says that the default is due, whatever its value. */
  #evaluate(
    caller: Caller,
    view: View | undefined,
    key: string,
    context: Context,
    defaultValue: unknown,
    withReason: boolean,
  ): Detail {
    try {
      if (view === undefined) return errorDetail('CLIENT_NOT_READY');
      const problem = contextProblem(context);
      if (problem !== undefined) {
        this.#log.debug('setting %s was asked for with an invalid context: %s', key, problem);
        return errorDetail('USER_NOT_SPECIFIED');
      }
      const setting = view.setting(key);
      if (setting === undefined) return this.#unknown(key, context, defaultValue, withReason);
      const onPrerequisite = setting.plan().prerequisites.length > 0 ? this.#recorder(context, withReason) : undefined;
      let detail = evaluate(view, setting, context, onPrerequisite);
      if (caller.check !== undefined && detail.variationIndex !== null && !caller.check(detail.value)) {
        detail = errorDetail('WRONG_TYPE');
      }
      this.#events.recordEvaluation(setting, key, context, detail, defaultValue, withReason);
      return detail;
    } catch (error) {
      this.#log.error(`An evaluation failed, its default value was returned: ${messageOf(error)}`);
      return errorDetail('EXCEPTION');
    }
  }

  #unknown(key: string, context: Context, defaultValue: unknown, withReason: boolean): Detail {
    const detail = errorDetail('FLAG_NOT_FOUND');
    if (typeof key === 'string') {
      this.#events.recordEvaluation(undefined, key, context, detail, defaultValue, withReason);
    }
    return detail;
  }

  /** In a method of its own, so that a call without prerequisites allocates nothing for the closure's variables. */
  #recorder(context: Context, withReason: boolean): OnPrerequisite {
    return (prerequisite, detail, requiredBy) =>
      this.#events.recordEvaluation(prerequisite, prerequisite.key, context, detail, null, withReason, requiredBy);
  }
}

function withDefault({ accept }: Caller, detail: Detail, defaultValue: unknown): VariationDetail {
  const isServed = detail.variationIndex !== null;
  if (isServed && (accept === undefined || accept(detail.value))) return detail;
  const { reason } = isServed ? errorDetail('WRONG_TYPE') : detail;
  return { value: defaultValue, variationIndex: null, reason };
}
