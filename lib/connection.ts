// What keeps the store filled and says how current it is: source → store → announcements.
import { Cache, type CachedData } from './cache.js';
import { DataSource } from './data-source.js';
import { affectedSettings } from './dependents.js';
import type { StreamInit } from './diagnostics.js';
import type { Emitter } from './emitter.js';
import { FeatheryError, type FeatheryErrorCode, messageOf } from './errors.js';
import type { ResponseHeaders } from './http.js';
import { Lifecycle, type State } from './lifecycle.js';
import type { Log, LogPart } from './log.js';
import type { LocalSource } from './options.js';
import type { CommonParts } from './parts.js';
import type { Message } from './protocol.js';
import { Readiness } from './readiness.js';
import { Receipts } from './receipts.js';
import type { MessageMeta } from './source.js';
import { type ChangedItem, Store } from './store.js';

/** What listeners are called with. */
export type ClientEvents = {
  ready: [];
  failed: [error: FeatheryError];
  error: [error: FeatheryError];
  update: [change: { readonly key: string }];
  interrupted: [error: FeatheryError];
  live: [];
} & { [name: `update:${string}`]: [change: { readonly key: string }] };

/** How current the data is, and where it comes from. */
export interface ConnectionStatus {
  readonly state: State;
  /** Where the data in use comes from; `test` is a local data source. */
  readonly source: 'stream' | 'poll' | 'cache' | 'test' | 'none';
  /** Revision of the environment; null when the service does not tell. */
  readonly revision: number | null;
  /** How long ago the data was last known to be current, in milliseconds; 0 while the stream is live, null without data. */
  readonly dataAgeMs: number | null;
  /** When the present state began, in milliseconds since the epoch. */
  readonly since: number;
  /** The last problem, also when it is over; `at` in milliseconds since the epoch. */
  readonly lastError: { readonly code: FeatheryErrorCode; readonly message: string; readonly at: number } | null;
}

export interface ConnectionParts extends Omit<CommonParts, 'log'> {
  readonly logs: Readonly<Record<LogPart, Log>>;
  readonly emitter: Emitter<ClientEvents>;
  /** Each attempt to reach the service, for the diagnostic events. */
  readonly onAttempt: (init: StreamInit) => void;
}

export class Connection {
  readonly store = new Store();
  readonly #parts: ConnectionParts;
  readonly #lifecycle: Lifecycle;
  readonly #readiness = new Readiness();
  readonly #source: DataSource | undefined;
  readonly #receipts: Receipts | undefined;
  readonly #cache: Cache | undefined;
  #endLocal: (() => void) | undefined;
  #origin: ConnectionStatus['source'] = 'none';
  /** Milliseconds since the epoch: when the data was last known to be current. */
  #confirmedAt = 0;
  #initialized = false;
  #environmentId: string | undefined;
  /** Why the client failed, while it has. */
  #refusal: FeatheryError | undefined;
  #lastError: ConnectionStatus['lastError'] = null;
  /** False while the application has had no chance yet to add listeners. */
  #announcing = false;

  constructor(parts: ConnectionParts) {
    const { options, sdkKey, logs, now } = parts;
    this.#parts = parts;
    this.#lifecycle = new Lifecycle(now);
    if (options.offline || options.dataSource !== undefined) return;
    this.#receipts = new Receipts({ ...parts, log: logs.stream });
    this.#source = new DataSource({
      ...parts,
      log: logs.stream,
      handlers: {
        onMessage: (message, meta) => this.#receive(message, meta),
        onUnchanged: () => this.#confirm('poll', false),
        onOpen: (headers) => this.#open(headers),
        onProblem: (error, { rejected }) => this.#problem(error, rejected),
        onAttempt: parts.onAttempt,
      },
    });
    if (options.cache === undefined) return;
    this.#cache = new Cache({
      path: options.cache.path,
      identity: this.#identity(sdkKey),
      keepAlive: options.keepAlive,
      now,
      read: () => ({ data: this.store.dataSet(), revision: this.store.revision }),
      onProblem: (error) => this.#report(error, 'warn'),
    });
  }

  get initialized(): boolean {
    return this.#initialized;
  }

  get environmentId(): string | undefined {
    return this.#environmentId;
  }

  start(): void {
    queueMicrotask(() => {
      this.#announcing = true;
    });
    const { options } = this.#parts;
    if (options.offline) {
      this.#confirm('none', false);
    } else if (options.dataSource !== undefined) {
      this.#startLocal(options.dataSource);
    } else {
      this.#serveCached(this.#cache?.load());
      this.#source?.start();
    }
  }

  /** Resolves when the service has answered. See `FeatheryClient.waitForInitialization`. */
  async wait(timeoutMs: number | undefined): Promise<void> {
    if (this.#initialized) return;
    if (this.#lifecycle.state === 'closed') throw closed();
    if (this.#refusal !== undefined) throw this.#refusal;
    await this.#readiness.wait(timeoutMs, () => {
      if (this.store.initialized) return undefined;
      const message = `No settings arrived within ${timeoutMs} ms; default values are served and the client goes on trying.`;
      return new FeatheryError('INITIALIZATION_TIMEOUT', message);
    });
  }

  status(): ConnectionStatus {
    const { state, since } = this.#lifecycle;
    return {
      state,
      source: this.#origin,
      revision: this.store.revision ?? null,
      dataAgeMs: this.store.initialized ? this.#dataAgeMs(state) : null,
      since,
      lastError: this.#lastError,
    };
  }

  /** Remembers and announces a problem that has been logged. */
  note(error: FeatheryError): void {
    this.#lastError = { code: error.code, message: error.message, at: this.#parts.now() };
    this.#announce('error', error);
  }

  /** The present settings stay in use until the service answers to the new key. */
  rotate(sdkKey: string): void {
    this.#refusal = undefined;
    this.#lifecycle.move('initializing');
    this.#cache?.rotate(this.#identity(sdkKey));
    this.#receipts?.rotate(sdkKey);
    this.#source?.rotate(sdkKey);
  }

  /** Resolves when the cache file is written. */
  async close(): Promise<void> {
    this.#lifecycle.move('closed');
    this.#readiness.reject(closed());
    this.#source?.close();
    this.#receipts?.close();
    this.#endLocal?.();
    await this.#cache?.close();
  }

  #identity(sdkKey: string): string[] {
    return [sdkKey, this.#parts.options.payloadFilterKey ?? ''];
  }

  /** The source may be the application's own: what it throws is a problem of the data, not of the client. */
  #startLocal(source: LocalSource): void {
    const fail = (cause: unknown) =>
      this.#report(new FeatheryError('DATA_SOURCE', messageOf(cause), { cause }), 'error');
    try {
      this.#endLocal = source.start({
        replaceAll: (data) => {
          const changed = this.store.replaceAll(data);
          this.#confirm('test', false);
          this.#announceChanges(changed);
        },
        apply: (changes) => this.#announceChanges(this.store.apply(changes)),
        fail,
      });
    } catch (error) {
      fail(error);
    }
  }

  #serveCached(cached: CachedData | undefined): void {
    if (cached === undefined) return;
    this.store.replaceAll(cached.data, cached.revision);
    this.#origin = 'cache';
    this.#confirmedAt = cached.savedAt;
    const age = Math.round(this.#dataAgeMs('initializing') / 1000);
    this.#parts.logs.client.warn(`Settings saved ${age} s ago are served until the service answers.`);
  }

  #open(headers: ResponseHeaders): void {
    this.#environmentId = headers.get('X-LD-EnvID') ?? this.#environmentId;
    this.#receipts?.onOpen(headers);
  }

  #receive(message: Message, meta: MessageMeta): void {
    const changed = this.#store(message, meta);
    const { revision } = this.store;
    this.#parts.logs.store.debug('%s, revision %s: %d items changed', message.type, revision, changed.length);
    if (revision !== undefined) this.#receipts?.applied(revision);
    // A change alone does not say that everything else is there.
    if (message.type !== 'changes') this.#confirm(this.#source?.current ?? 'none', changed.length > 0);
    else if (this.#lifecycle.state === 'ready') this.#cache?.save(changed.length > 0);
    this.#announceChanges(changed);
  }

  #store(message: Message, { revision }: MessageMeta): readonly ChangedItem[] {
    switch (message.type) {
      case 'put':
        return this.store.replaceAll(message.data, revision);
      case 'changes':
        return this.store.apply(message.changes, message.revision ?? revision);
      case 'synced':
        return this.store.apply([], message.revision);
    }
  }

  /** What is in the store is what the service has. */
  #confirm(origin: ConnectionStatus['source'], changed: boolean): void {
    this.#origin = origin;
    this.#confirmedAt = this.#parts.now();
    this.#cache?.save(changed);
    if (this.#lifecycle.move('ready') === undefined) return;
    const first = !this.#initialized;
    this.#initialized = true;
    this.#refusal = undefined;
    this.#readiness.resolve();
    this.#announce(first ? 'ready' : 'live');
  }

  #problem(error: FeatheryError, rejected: boolean): void {
    const before = this.#lifecycle.state;
    if (rejected && !this.#initialized) {
      if (this.#lifecycle.move('failed') !== undefined) {
        this.#refusal = error;
        this.#readiness.reject(error);
        this.#announce('failed', error);
      }
    } else if (this.#lifecycle.move('interrupted') !== undefined) {
      if (this.#origin === 'stream') this.#confirmedAt = this.#parts.now();
      this.#announce('interrupted', error);
    }
    if (before !== 'closed') this.#report(error, rejected ? 'error' : 'warn');
  }

  #report(error: FeatheryError, level: 'error' | 'warn'): void {
    this.#parts.logs.client[level](error.message);
    this.note(error);
  }

  #dataAgeMs(state: State): number {
    if (state === 'ready' && this.#origin !== 'poll') return 0;
    return Math.max(0, this.#parts.now() - this.#confirmedAt);
  }

  /** Which settings are affected is found out only when somebody listens. */
  #announceChanges(changed: readonly ChangedItem[]): void {
    if (changed.length === 0 || !this.#parts.emitter.hasAny(isUpdate)) return;
    for (const key of affectedSettings(this.store, changed)) {
      this.#announce('update', { key });
      this.#announce(`update:${key}`, { key });
    }
  }

  #announce<Name extends keyof ClientEvents & string>(name: Name, ...args: ClientEvents[Name]): void {
    if (this.#announcing) this.#parts.emitter.emit(name, ...args);
    else queueMicrotask(() => this.#parts.emitter.emit(name, ...args));
  }
}

function isUpdate(name: string): boolean {
  return name === 'update' || name.startsWith('update:');
}

function closed(): FeatheryError {
  return new FeatheryError('CLIENT_CLOSED', 'The client was closed. Make a new one with get() or createClient().');
}
