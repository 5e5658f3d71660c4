import { messageOf } from './errors.js';
import { INSTANCE_ID_HEADER } from './headers.js';
import { discard, type ResponseHeaders } from './http.js';
import type { CommonParts } from './parts.js';
import { outcomeOf } from './retry.js';

const RECEIPTS_HEADER = 'X-Feathery-Receipts';
const INTERVAL = /(?:^|[\s;,])interval-ms=(\d{1,9})(?:$|[\s;,])/;
/** Up to this interval the clients are so few that all of them may report a change at once. */
const PROMPT_INTERVAL_MS = 100;

/**
 * Tells the service which revision is in use here, where it asked for that: at most once in an interval, always the
 * newest. A receipt says how long it was held back, so that spreading them does not look like lag. They are for show:
 * a failure is only logged.
 */
export class Receipts {
  readonly #parts: CommonParts;
  readonly #abort = new AbortController();
  #sdkKey: string;
  /** Undefined: no receipts are wanted. */
  #intervalMs: number | undefined;
  #applied: number | undefined;
  #appliedAt = 0;
  #reported: number | undefined;
  #sentAt = Number.NEGATIVE_INFINITY;
  #isSending = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: CommonParts) {
    this.#parts = parts;
    this.#sdkKey = parts.sdkKey;
  }

  /** @param headers - Of the stream's answer: whether and how often receipts are wanted on this connection. */
  onOpen(headers: ResponseHeaders): void {
    this.#intervalMs = intervalOf(headers);
    // The service at the other end may be another one, or a new one.
    this.#reported = undefined;
    this.#stopTimer();
  }

  /** The store has applied this revision, or has been told that it is still the newest. */
  applied(revision: number): void {
    if (revision !== this.#applied) this.#appliedAt = this.#parts.now();
    this.#applied = revision;
    this.#schedule();
  }

  rotate(sdkKey: string): void {
    this.#sdkKey = sdkKey;
    this.#intervalMs = undefined;
    this.#applied = undefined;
    this.#stopTimer();
  }

  close(): void {
    this.#stopTimer();
    this.#abort.abort();
  }

  #schedule(): void {
    if (this.#intervalMs === undefined || this.#abort.signal.aborted) return;
    if (this.#applied === undefined || this.#applied === this.#reported) return;
    if (this.#isSending || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.#send(), this.#delayMs(this.#intervalMs));
    if (!this.#parts.options.keepAlive) this.#timer.unref();
  }

  #delayMs(intervalMs: number): number {
    const { now, random } = this.#parts;
    // A clock that was set back must not make the wait longer.
    const sinceLastMs = Math.max(now() - this.#sentAt, 0);
    const spreadMs = intervalMs > PROMPT_INTERVAL_MS ? random() * intervalMs : 0;
    return Math.max(intervalMs - sinceLastMs, 0) + spreadMs;
  }

  async #send(): Promise<void> {
    const { options, headers, fetch, now, log } = this.#parts;
    const revision = this.#applied;
    this.#timer = undefined;
    this.#sentAt = now();
    const heldMs = this.#sentAt - this.#appliedAt;
    this.#reported = revision;
    this.#isSending = true;
    try {
      const response = await fetch(`${options.streamUri}/sdk/receipts`, {
        method: 'POST',
        headers: { ...headers, Authorization: this.#sdkKey, 'Content-Type': 'application/json' },
        body: JSON.stringify({ instanceId: headers[INSTANCE_ID_HEADER], revision, ...(heldMs > 0 && { heldMs }) }),
        signal: this.#abort.signal,
        timeoutMs: options.timeoutMs,
      });
      await discard(response);
      // The number of clients, and the interval with it, may have changed since the stream was opened.
      if (this.#intervalMs !== undefined) this.#intervalMs = intervalOf(response.headers) ?? this.#intervalMs;
      if (outcomeOf(response.status) !== 'good') log.debug('A receipt was answered with status %d', response.status);
    } catch (error) {
      log.debug('A receipt could not be sent: %s', messageOf(error));
    }
    this.#isSending = false;
    this.#schedule();
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

function intervalOf(headers: ResponseHeaders): number | undefined {
  const interval = INTERVAL.exec(headers.get(RECEIPTS_HEADER) ?? '');
  return interval === null ? undefined : Number(interval[1]);
}
