import type { AllSettingsOptions, AllSettingsState } from './all-settings.js';
import { type ClientEvents, Connection, type ConnectionStatus } from './connection.js';
import { type Context, contextProblem } from './context.js';
import { Emitter } from './emitter.js';
import { FeatheryError, messageOf } from './errors.js';
import { type AnalyticsCounts, EventProcessor } from './events.js';
import { identificationHeaders } from './headers.js';
import { holdProcess } from './hold.js';
import { afterTrack, type Hook, type VariationDetail } from './hooks.js';
import { type ClosableFetch, createFetch } from './http.js';
import { createLogs, type Log } from './log.js';
import { isStage, type MigrationDetail, type MigrationStage, MigrationTracker } from './migration.js';
import { type ClientOptions, type ResolvedOptions, resolveOptions } from './options.js';
import { boundSnapshots } from './process-state.js';
import { secureModeHash } from './secure-mode.js';
import type { DefaultOf, SettingKey, SettingKeyOf, ValueOf } from './settings.js';
import { Snapshot } from './snapshot.js';
import type { StoreView } from './store.js';
import { timeoutOf, within } from './timeout.js';
import { type Caller, callersOf, isString, Variations } from './variations.js';
import { follow, Watches, type WatchOptions } from './watch.js';

const CALLERS = callersOf('FeatheryClient');
/** The stage is asked for as a string and counted as one, also when it is none (docs/protocol.md, C.1). */
const MIGRATION_CALLER: Caller = { method: 'FeatheryClient.migrationVariation', check: isString, accept: isStage };
const DEFAULT_CLOSE_TIMEOUT_MS = 5000;
/** Longer waits are most likely a mistake (docs/protocol.md, 8.2). */
const LONG_WAIT_MS = 60_000;

/** Anything else is refused by Node in a header, in each single request. */
const SENDABLE = /^[\x21-\x7e]+$/;

/** How the client is: connection, data and analytics. */
export interface Status extends ConnectionStatus {
  /** At all times accepted = delivered + queued + the three causes of dropped. */
  readonly analytics: AnalyticsCounts;
}

/** What tests put in the place of the outside world, and who wants to know of the end. */
export interface ClientParts {
  readonly fetch?: ClosableFetch;
  readonly now?: () => number;
  readonly random?: () => number;
  readonly onClose?: () => void;
}

/** The settings of one environment, and what is asked of them. Made by `get` or `createClient`. */
export class FeatheryClient {
  #sdkKey: string;
  readonly #log: Log;
  readonly #onClose: (() => void) | undefined;
  readonly #emitter: Emitter<ClientEvents>;
  readonly #fetch: ClosableFetch;
  readonly #events: EventProcessor;
  readonly #connection: Connection;
  readonly #variations: Variations;
  readonly #random: () => number;
  readonly #watches: Watches;
  #closing: Promise<AnalyticsCounts> | undefined;

  /**
   * @internal
   * @throws FeatheryError `SDK_KEY_NOT_SET`, when the key is missing although the client is not offline.
   */
  constructor(sdkKey: string | undefined, options: ClientOptions | undefined, parts: ClientParts = {}) {
    const logs = createLogs(options);
    this.#log = logs.client;
    const resolved = resolveOptions(options, this.#log);
    this.#sdkKey = usableKey(sdkKey, resolved, this.#log);
    this.#onClose = parts.onClose;
    this.#emitter = new Emitter((error, name) =>
      this.#log.error(`A listener of "${name}" failed: ${messageOf(error)}`),
    );
    this.#fetch = parts.fetch ?? createFetch(resolved);
    const common = {
      options: resolved,
      sdkKey: this.#sdkKey,
      headers: identificationHeaders(resolved),
      fetch: this.#fetch,
      now: parts.now ?? Date.now,
      random: parts.random ?? Math.random,
    };
    this.#random = common.random;
    this.#events = new EventProcessor({
      ...common,
      log: logs.events,
      onProblem: (error) => this.#connection.note(error),
    });
    this.#connection = new Connection({
      ...common,
      logs,
      emitter: this.#emitter,
      onAttempt: (init) => this.#events.recordStreamInit(init),
    });
    this.#variations = new Variations({
      events: this.#events,
      hooks: resolved.hooks,
      log: this.#log,
      now: common.now,
      environmentId: () => this.#connection.environmentId,
    });
    this.#watches = new Watches({
      peek: (key, user, defaultValue) => this.#variations.peek(this.#view(), key, user, defaultValue),
      take: (key, user, defaultValue) => this.#value(CALLERS.variation, key, user, defaultValue),
      subscribe: (key, wake) => this.#emitter.subscribe(`update:${String(key)}`, wake),
    });
    this.#connection.start();
    this.#events.start();
  }

  /**
   * True once the service has answered with the settings, or when the client is offline. Settings served from the cache
   * alone do not count.
   */
  initialized(): boolean {
    return this.#connection.initialized;
  }

  /**
   * Waits for the service to answer. May be called any number of times; a timeout is no failure, the client goes on
   * trying. With settings from the cache in use the promise resolves at the end of the time instead of rejecting.
   *
   * @param options.timeoutMs - Default: no limit, with a warning.
   * @returns The client.
   * @throws FeatheryError `SDK_KEY_REJECTED` at the first refusal; `INITIALIZATION_TIMEOUT`; `CLIENT_CLOSED`.
   */
  async waitForInitialization(options: { timeoutMs?: number } = {}): Promise<this> {
    const timeoutMs = timeoutOf(options);
    if (timeoutMs === undefined || timeoutMs > LONG_WAIT_MS) {
      this.#log.warn(
        `waitForInitialization should have a timeoutMs of at most ${LONG_WAIT_MS}, so that a start without the service goes on.`,
      );
    }
    await holdProcess(this.#connection.wait(timeoutMs));
    return this;
  }

  /**
   * The value of a setting for a user. Synchronous, never throws, never waits; where there is nothing to serve it is the
   * default value.
   *
   * @param user - `{ key, …attributes }`, or a context of any kind.
   * @param defaultValue - Returned as it is when the setting has no value for this user.
   */
  variation<K extends SettingKey, D extends DefaultOf<K>>(key: K, user: Context, defaultValue: D): ValueOf<K, D> {
    return this.#value(CALLERS.variation, key, user, defaultValue) as ValueOf<K, D>;
  }

  /** Like `variation`, with the index of the variation and the reason. */
  variationDetail<K extends SettingKey, D extends DefaultOf<K>>(
    key: K,
    user: Context,
    defaultValue: D,
  ): VariationDetail<ValueOf<K, D>> {
    return this.#detail(CALLERS.variationDetail, key, user, defaultValue) as VariationDetail<ValueOf<K, D>>;
  }

  /** Like `variation`; any value that is no boolean gives the default, with reason `WRONG_TYPE`. */
  booleanVariation(key: SettingKeyOf<boolean>, user: Context, defaultValue: boolean): boolean {
    return this.#value(CALLERS.booleanVariation, key, user, defaultValue) as boolean;
  }

  booleanVariationDetail(key: SettingKeyOf<boolean>, user: Context, defaultValue: boolean): VariationDetail<boolean> {
    return this.#detail(CALLERS.booleanVariationDetail, key, user, defaultValue) as VariationDetail<boolean>;
  }

  /** Like `variation`; any value that is no string gives the default, with reason `WRONG_TYPE`. */
  stringVariation(key: SettingKeyOf<string>, user: Context, defaultValue: string): string {
    return this.#value(CALLERS.stringVariation, key, user, defaultValue) as string;
  }

  stringVariationDetail(key: SettingKeyOf<string>, user: Context, defaultValue: string): VariationDetail<string> {
    return this.#detail(CALLERS.stringVariationDetail, key, user, defaultValue) as VariationDetail<string>;
  }

  /** Like `variation`; any value that is no number gives the default, with reason `WRONG_TYPE`. */
  numberVariation(key: SettingKeyOf<number>, user: Context, defaultValue: number): number {
    return this.#value(CALLERS.numberVariation, key, user, defaultValue) as number;
  }

  numberVariationDetail(key: SettingKeyOf<number>, user: Context, defaultValue: number): VariationDetail<number> {
    return this.#detail(CALLERS.numberVariationDetail, key, user, defaultValue) as VariationDetail<number>;
  }

  /** Like `variation`: any JSON value is taken. */
  jsonVariation<K extends SettingKey, D extends DefaultOf<K>>(key: K, user: Context, defaultValue: D): ValueOf<K, D> {
    return this.#value(CALLERS.jsonVariation, key, user, defaultValue) as ValueOf<K, D>;
  }

  jsonVariationDetail<K extends SettingKey, D extends DefaultOf<K>>(
    key: K,
    user: Context,
    defaultValue: D,
  ): VariationDetail<ValueOf<K, D>> {
    return this.#detail(CALLERS.jsonVariationDetail, key, user, defaultValue) as VariationDetail<ValueOf<K, D>>;
  }

  /** The stage of a migration for a user, and the tracker of the operation that follows. See `createMigration`. */
  migrationVariation(key: SettingKeyOf<string>, user: Context, defaultStage: MigrationStage): MigrationDetail {
    const detail = this.#detail(MIGRATION_CALLER, key, user, defaultStage) as VariationDetail<MigrationStage>;
    const setting = this.#view()?.setting(key)?.source;
    const random = this.#random;
    return { ...detail, tracker: new MigrationTracker({ key, context: user, defaultStage, detail, setting, random }) };
  }

  /** Reports a migration operation. One that is incomplete is logged and ignored. */
  trackMigration(tracker: MigrationTracker): void {
    try {
      const operation = tracker.operation();
      if (typeof operation !== 'string') this.#events.migration(operation);
      else this.#log.warn(`A migration operation was not recorded: ${operation}.`);
    } catch (error) {
      this.#log.error(`trackMigration failed and recorded nothing: ${messageOf(error)}`);
    }
  }

  /** The values of all settings for a user, for client-side code to start with. Counts nothing and runs no hooks. */
  allSettings(user: Context, options: AllSettingsOptions = {}): AllSettingsState {
    return this.#variations.all(this.#view(), user, options);
  }

  /** The settings as they are now, bound to a user: for the length of one request, whatever changes meanwhile. */
  snapshot(user: Context): Snapshot {
    const view = this.#connection.store.initialized ? this.#connection.store.freeze() : undefined;
    return new Snapshot(this.#variations, view, user);
  }

  /**
   * Runs a function with a snapshot bound to it and to everything it calls, also later and asynchronously: there
   * `feathery.variation(key, defaultValue)` needs neither client nor user.
   */
  runWith<Result>(user: Context, run: () => Result): Result {
    return boundSnapshots().run(this.snapshot(user), run);
  }

  /**
   * Follows the value of a setting for a user: calls the function with the present one first, then with each that differs
   * from the one before. The function is waited for; when it is slow, the latest comes next. Ends with the client, or
   * when `signal` is aborted.
   *
   * @returns How to stop. Without a function: an async iterable of the same values.
   */
  watch<K extends SettingKey, D extends DefaultOf<K>>(
    key: K,
    user: Context,
    defaultValue: D,
    listener: (value: ValueOf<K, D>) => unknown,
    options?: WatchOptions,
  ): () => void;
  watch<K extends SettingKey, D extends DefaultOf<K>>(
    key: K,
    user: Context,
    defaultValue: D,
    options?: WatchOptions,
  ): AsyncIterableIterator<ValueOf<K, D>>;
  watch(
    key: string,
    user: Context,
    defaultValue: unknown,
    third: WatchOptions | ((value: never) => unknown) = {},
    options: WatchOptions = {},
  ): AsyncIterableIterator<unknown> | (() => void) {
    if (typeof third !== 'function') return this.#watches.start(key, user, defaultValue, third);
    const listener = third as (value: unknown) => unknown;
    return follow(this.#watches.start(key, user, defaultValue, options), listener, (error) =>
      this.#log.error(`A function that watches a setting failed: ${messageOf(error)}`),
    );
  }

  /**
   * Records that something happened: a purchase, an error, a duration. An invalid user is logged and ignored.
   *
   * @param data - Any JSON; left out when undefined or null.
   * @param metricValue - A number that can be summed up.
   */
  track(key: string, user: Context, data?: unknown, metricValue?: number): void {
    this.#guard('track', user, () => {
      this.#events.track(key, user, data, metricValue);
      const { environmentId } = this.#connection;
      const fields = { key, context: user, data, metricValue, environmentId };
      afterTrack(this.#variations.hooks, fields, (message) => this.#log.error(message));
    });
  }

  /** Makes a user known to the service without asking for a setting. An invalid user is logged and ignored. */
  identify(user: Context): void {
    this.#guard('identify', user, () => this.#events.identify(user));
  }

  /** Sends the analytics collected so far. Resolves when that has ended, well or not. */
  flush(): Promise<void> {
    return holdProcess(this.#events.flush());
  }

  /** How the client is at this moment. */
  status(): Status {
    return { ...this.#connection.status(), analytics: this.#events.counts() };
  }

  /** Registers a hook for all later calls. */
  addHook(hook: Hook): void {
    if (typeof hook === 'object' && hook !== null) this.#variations.addHook(hook);
    else this.#log.warn('addHook was called with something that is no hook; it is ignored.');
  }

  /** Proves to client-side code that this server vouches for the user. @throws FeatheryError `INVALID_CONTEXT` */
  secureModeHash(user: Context): string {
    return secureModeHash(this.#sdkKey, user);
  }

  /**
   * Adds a listener: `ready` and `failed` (once), `error`, `update` and `update:<key>`, `interrupted` and `live`. A
   * listener that throws is logged and disturbs nobody.
   */
  on<Name extends keyof ClientEvents & string>(name: Name, listener: (...args: ClientEvents[Name]) => unknown): this {
    this.#emitter.add(name, listener);
    return this;
  }

  once<Name extends keyof ClientEvents & string>(name: Name, listener: (...args: ClientEvents[Name]) => unknown): this {
    this.#emitter.add(name, listener, true);
    return this;
  }

  off<Name extends keyof ClientEvents & string>(name: Name, listener: (...args: ClientEvents[Name]) => unknown): this {
    this.#emitter.remove(name, listener);
    return this;
  }

  /**
   * Ends the connection and delivers what analytics are left. Calling it again returns the same promise. Evaluation goes
   * on with the present settings.
   *
   * @param options.timeoutMs - After this what is not delivered is given up, or written to `spoolDir`. Default 5000.
   * @returns What became of all analytics. Never rejects.
   */
  close(options: { timeoutMs?: number } = {}): Promise<AnalyticsCounts> {
    this.#closing ??= holdProcess(this.#close(timeoutOf(options) ?? DEFAULT_CLOSE_TIMEOUT_MS));
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** @internal Goes on with another SDK key for the same or another environment. */
  rotate(sdkKey: string): void {
    if (sdkKey === this.#sdkKey || this.#closing !== undefined) return;
    this.#sdkKey = sdkKey;
    this.#connection.rotate(sdkKey);
    this.#events.rotate(sdkKey);
  }

  #value(caller: Caller, key: string, user: Context, defaultValue: unknown): unknown {
    return this.#variations.value(caller, this.#view(), key, user, defaultValue);
  }

  #detail(caller: Caller, key: string, user: Context, defaultValue: unknown): VariationDetail {
    return this.#variations.detail(caller, this.#view(), key, user, defaultValue);
  }

  #view(): StoreView | undefined {
    const { store } = this.#connection;
    return store.initialized ? store : undefined;
  }

  #guard(method: string, user: Context, record: () => void): void {
    try {
      const problem = contextProblem(user);
      if (problem === undefined) record();
      else this.#log.warn(`${method} was called with an invalid user and recorded nothing: ${problem}.`);
    } catch (error) {
      this.#log.error(`${method} failed and recorded nothing: ${messageOf(error)}`);
    }
  }

  async #close(timeoutMs: number): Promise<AnalyticsCounts> {
    this.#onClose?.();
    this.#watches.end();
    const [counts] = await Promise.all([this.#events.close(timeoutMs), within(timeoutMs, this.#connection.close())]);
    this.#fetch.close();
    return counts;
  }
}

function usableKey(sdkKey: unknown, options: ResolvedOptions, log: Log): string {
  if (typeof sdkKey === 'string' && sdkKey !== '') {
    if (!SENDABLE.test(sdkKey))
      log.error('The SDK key has characters that no key has: a blank or line break, perhaps.');
    return sdkKey;
  }
  if (options.offline || options.dataSource !== undefined) return '';
  throw new FeatheryError(
    'SDK_KEY_NOT_SET',
    'There is no SDK key. Call setSdkKey(key) before get(), or set the environment variable FEATHERY_SDK_KEY and call setSdkKey().',
  );
}
