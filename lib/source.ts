import type { StreamInit } from './diagnostics.js';
import type { FeatheryError } from './errors.js';
import type { IdentificationHeaders } from './headers.js';
import type { Fetch, ResponseHeaders } from './http.js';
import type { Log } from './log.js';
import type { ResolvedOptions } from './options.js';
import type { Message } from './protocol.js';

/** Known only with our own service: the data is as of `revision`; revisions of different epochs do not compare. */
export interface MessageMeta {
  readonly revision?: number;
  readonly epoch?: string;
}

/** What stream and polling tell their owner. */
export interface SourceHandlers {
  /** Throws to have the connection dropped and opened anew; the data stays. */
  onMessage(message: Message, meta: MessageMeta): void;
  /** A good answer to a poll that says the data has not changed (304). */
  onUnchanged(): void;
  /** Headers of each good answer: environment id, receipts, capability. */
  onOpen(headers: ResponseHeaders): void;
  /**
   * Each failed attempt and each connection that ended. The receiver logs it: as an error when `rejected` (401, 403,
   * 404 and other statuses that waiting will hardly change), else as a warning. The source goes on trying either way.
   */
  onProblem(error: FeatheryError, info: { readonly status?: number; readonly rejected: boolean }): void;
  /** Each attempt to open the stream, once it is answered or has failed. */
  onAttempt(init: StreamInit): void;
}

export interface SourceParts {
  readonly options: ResolvedOptions;
  readonly sdkKey: string;
  readonly headers: IdentificationHeaders;
  readonly fetch: Fetch;
  readonly now: () => number;
  readonly random: () => number;
  readonly log: Log;
  readonly handlers: SourceHandlers;
}
