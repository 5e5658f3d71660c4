import type { StreamInit } from './diagnostics.js';
import { FeatheryError } from './errors.js';
import type { ResponseHeaders } from './http.js';
import type { CommonParts } from './parts.js';
import type { Message } from './protocol.js';
import { isRefused } from './retry.js';

/** Known only with our own service: the data is as of `revision`. Revisions of different epochs do not compare. */
export interface MessageMeta {
  readonly revision?: number;
  readonly epoch?: string;
}

export interface ProblemInfo {
  /** Of the answer, if there was one. */
  readonly status?: number;
  /** The service gave an answer that waiting will hardly change: 401, 403, 404 and such. */
  readonly rejected: boolean;
  /** The connection stood for a while and brought nothing, as behind a proxy that holds a stream back. */
  readonly silent?: boolean;
}

/** What the stream and polling tell their owner. Only `onMessage` may throw. */
export interface SourceHandlers {
  /** Throws to have the connection dropped and opened anew; the data stays. */
  onMessage(message: Message, meta: MessageMeta): void;
  /** A good answer to a poll: the data is still what it was (304). */
  onUnchanged(): void;
  /** The headers of each good answer: environment id, receipts, capability. */
  onOpen(headers: ResponseHeaders): void;
  /**
   * Each failed attempt, and each connection that ended. The receiver logs it, as an error when `rejected`, else as a
   * warning. The source goes on trying either way.
   */
  onProblem(error: FeatheryError, info: ProblemInfo): void;
  /** Each attempt to open the stream, once it is answered or has failed. */
  onAttempt(init: StreamInit): void;
}

export interface SourceParts extends CommonParts {
  readonly handlers: SourceHandlers;
}

/** Statuses that speak of the key, or of the environment and filter it asks for. */
const KEY_STATUSES: ReadonlySet<number> = new Set([401, 403, 404]);

/** Without a filter there is no query string at all (docs/protocol.md, 4.1). */
export function sourceUrl(base: string, path: string, payloadFilterKey: string | undefined): string {
  const query = payloadFilterKey === undefined ? '' : `?filter=${encodeURIComponent(payloadFilterKey)}`;
  return `${base}${path}${query}`;
}

/** An answer that is no good, in words for an operator. */
export function statusProblem(code: 'STREAM' | 'POLL', status: number): FeatheryError {
  if (KEY_STATUSES.has(status)) {
    return new FeatheryError(
      'SDK_KEY_REJECTED',
      `The service refused the SDK key (status ${status}). Check the SDK key, that the address configured is that of ` +
        'the service it belongs to, and the payload filter if there is one',
    );
  }
  const hint = isRefused(status) ? '. Check that the address configured is that of the service' : '';
  return new FeatheryError(code, `The service answered with status ${status}${hint}`);
}
