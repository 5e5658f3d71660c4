import { isDeepStrictEqual } from 'node:util';
import type { Context } from './context.js';

export interface WatchOptions {
  /** Ends the watch when it is aborted. */
  readonly signal?: AbortSignal | undefined;
}

interface WatchParts<Value> {
  /** The value as it is now; asked after each change. */
  peek(): Value;
  /** The same, handed to the application and counted as an evaluation. */
  take(): Value;
  /** @returns How to end it. */
  subscribe(wake: () => void): () => void;
}

/**
 * The values of one setting for one user: the present one, then each that differs from the one before. Whoever is slow
 * gets the latest, and misses those between.
 */
export class Watch<Value> implements AsyncIterableIterator<Value> {
  readonly #parts: WatchParts<Value>;
  readonly #signal: AbortSignal | undefined;
  readonly #waiting: Array<(result: IteratorResult<Value>) => void> = [];
  readonly #end = () => this.end();
  #unsubscribe: (() => void) | undefined;
  /** What was handed out last; undefined at first. */
  #last: { readonly value: Value } | undefined;
  #ended = false;

  constructor(parts: WatchParts<Value>, { signal }: WatchOptions) {
    this.#parts = parts;
    this.#signal = signal;
    if (signal?.aborted) this.#ended = true;
    else signal?.addEventListener('abort', this.#end, { once: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Value>> {
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    // Nobody may ever ask: only who does is woken.
    this.#unsubscribe ??= this.#parts.subscribe(() => this.#wake());
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#wake();
    });
  }

  return(): Promise<IteratorResult<Value>> {
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Those who wait are told that there is nothing more. */
  end(): void {
    this.#ended = true;
    this.#signal?.removeEventListener('abort', this.#end);
    this.#unsubscribe?.();
    for (const resolve of this.#waiting.splice(0)) resolve({ done: true, value: undefined });
  }

  #wake(): void {
    if (this.#waiting.length === 0) return;
    if (this.#last !== undefined && isDeepStrictEqual(this.#parts.peek(), this.#last.value)) return;
    const value = this.#parts.take();
    this.#last = { value };
    this.#waiting.shift()?.({ done: false, value });
  }
}

/** Where the watches of one client take their values from. */
export interface WatchSource {
  /** The value as it is now, uncounted. */
  peek(key: string, user: Context, defaultValue: unknown): unknown;
  /** The same, handed to the application. */
  take(key: string, user: Context, defaultValue: unknown): unknown;
  /** Calls back after changes that may concern a setting. @returns How to end that. */
  subscribe(key: string, wake: () => void): () => void;
}

/** The watches of one client that somebody waits for. */
export class Watches {
  readonly #source: WatchSource;
  readonly #open = new Set<Watch<unknown>>();
  #ended = false;

  constructor(source: WatchSource) {
    this.#source = source;
  }

  start(key: string, user: Context, defaultValue: unknown, options: WatchOptions): Watch<unknown> {
    const source = this.#source;
    const watch: Watch<unknown> = new Watch(
      {
        peek: () => source.peek(key, user, defaultValue),
        take: () => source.take(key, user, defaultValue),
        subscribe: (wake) => {
          this.#open.add(watch);
          const unsubscribe = source.subscribe(key, wake);
          return () => {
            unsubscribe();
            this.#open.delete(watch);
          };
        },
      },
      options,
    );
    if (this.#ended) watch.end();
    return watch;
  }

  /** Ends all, those to come included. */
  end(): void {
    this.#ended = true;
    for (const watch of this.#open) watch.end();
  }
}

/** Calls back with each value, one at a time. @returns How to end it. */
export function follow<Value>(
  watch: Watch<Value>,
  listener: (value: Value) => unknown,
  onError: (error: unknown) => void,
): () => void {
  const run = async () => {
    for await (const value of watch) {
      try {
        await listener(value);
      } catch (error) {
        onError(error);
      }
    }
  };
  void run();
  return () => watch.end();
}
