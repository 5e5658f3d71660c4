// One request to the service's address for events, and what its answer means.
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { discard } from './http.js';
import type { CommonParts } from './parts.js';
import { type Outcome, outcomeOf } from './retry.js';

export interface EndpointParts extends Pick<CommonParts, 'options' | 'sdkKey' | 'headers' | 'fetch'> {
  /** Ends all requests when aborted. */
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly outcome: Outcome;
  /** The status, or why there was none. */
  readonly reason: string;
}

const compress = promisify(gzip);

export class Endpoint {
  readonly #parts: EndpointParts;
  #sdkKey: string;
  #serverTime = Number.NEGATIVE_INFINITY;

  constructor(parts: EndpointParts) {
    this.#parts = parts;
    this.#sdkKey = parts.sdkKey;
  }

  /** As of the last answer with a date, in milliseconds since the epoch; before, minus infinity. */
  get serverTime(): number {
    return this.#serverTime;
  }

  rotate(sdkKey: string): void {
    this.#sdkKey = sdkKey;
  }

  /** Sends a JSON body. Never rejects: without an answer the outcome is `recoverable`. */
  async post(path: string, body: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const sdkKey = this.#sdkKey;
    const answer = await this.#post(path, sdkKey, body, headers);
    // The key was replaced while the old one was being refused: that says nothing about the new one.
    return answer.outcome === 'refused' && sdkKey !== this.#sdkKey ? this.post(path, body, headers) : answer;
  }

  async #post(path: string, sdkKey: string, body: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
    const { options, fetch, signal, headers: identification } = this.#parts;
    const gzipped = options.enableEventCompression;
    try {
      const response = await fetch(`${options.eventsUri}${path}`, {
        method: 'POST',
        headers: {
          Authorization: sdkKey,
          ...identification,
          'Content-Type': 'application/json',
          ...headers,
          ...(gzipped && { 'Content-Encoding': 'gzip' }),
        },
        body: gzipped ? await compress(body) : body,
        signal,
        timeoutMs: options.timeoutMs,
      });
      this.#noteServerTime(response.headers.get('Date'));
      void discard(response);
      return { outcome: outcomeOf(response.status), reason: `status ${response.status}` };
    } catch (error) {
      return { outcome: 'recoverable', reason: error instanceof Error ? error.message : 'no answer' };
    }
  }

  #noteServerTime(date: string | null): void {
    const time = date === null ? Number.NaN : Date.parse(date);
    if (!Number.isNaN(time)) this.#serverTime = time;
  }
}
