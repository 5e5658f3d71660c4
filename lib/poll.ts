import { FeatheryError, messageOf } from './errors.js';
import { discard, type FetchResponse, follow, readText } from './http.js';
import { parseDataSet } from './protocol.js';
import { delay, isRefused, NORMAL_PACE, nextPollPace, pollIntervalMs } from './retry.js';
import { type SourceParts, sourceUrl, statusProblem } from './source.js';

/** What became of one poll. */
interface Polled {
  readonly good: boolean;
  readonly refused: boolean;
}

const GOOD: Polled = { good: true, refused: false };

/**
 * Asks for all data, at once and then at an interval from start to start. Never gives up, never has two requests open.
 *
 * @see docs/protocol.md, section 5
 */
export class Poll {
  readonly #parts: SourceParts;
  readonly #originalUrl: string;
  #sdkKey: string;
  #url: string;
  /** Version of the data last handed on, and the address that gave it. */
  #known: { readonly url: string; readonly etag: string } | undefined;
  /** Aborted to end the present request or wait. Undefined when not running. */
  #run: AbortController | undefined;
  #closed = false;

  constructor(parts: SourceParts) {
    this.#parts = parts;
    this.#sdkKey = parts.sdkKey;
    this.#originalUrl = sourceUrl(parts.options.pollUri, '/sdk/latest-all', parts.options.payloadFilterKey);
    this.#url = this.#originalUrl;
  }

  start(): void {
    if (this.#run === undefined && !this.#closed) void this.#pollForEver();
  }

  /** Polls at once with another key. */
  rotate(sdkKey: string): void {
    this.#sdkKey = sdkKey;
    this.#url = this.#originalUrl;
    this.#known = undefined;
    this.#run?.abort();
  }

  close(): void {
    this.#closed = true;
    this.#run?.abort();
  }

  /** Each turn of this loop is the life of one SDK key. */
  async #pollForEver(): Promise<void> {
    while (!this.#closed) {
      const run = new AbortController();
      this.#run = run;
      try {
        await this.#pollUntil(run.signal);
      } catch (error) {
        if (run.signal.aborted) continue;
        const problem = new FeatheryError('POLL', 'Polling stopped by a defect of the SDK', { cause: error });
        this.#parts.handlers.onProblem(problem, { rejected: true });
        return;
      }
    }
  }

  async #pollUntil(signal: AbortSignal): Promise<never> {
    const { options, now, random } = this.#parts;
    let pace = NORMAL_PACE;
    for (;;) {
      const startedAt = now();
      pace = nextPollPace(pace, await this.#poll(signal));
      // A clock that was set back must not make the wait longer.
      const elapsedMs = Math.max(now() - startedAt, 0);
      const waitMs = pollIntervalMs(pace, options.pollIntervalMs, random) - elapsedMs;
      await delay(Math.max(waitMs, 0), { signal, keepAlive: options.keepAlive });
    }
  }

  async #poll(signal: AbortSignal): Promise<Polled> {
    const { fetch, handlers, options } = this.#parts;
    try {
      const { response, url, lastingUrl } = await follow(fetch, this.#url, (address) => ({
        headers: this.#headers(address),
        signal,
        timeoutMs: options.timeoutMs,
      }));
      this.#url = lastingUrl;
      const polled = await this.#read(response, url, signal);
      signal.throwIfAborted();
      return polled;
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      handlers.onProblem(problemOf(error), { rejected: false });
      return { good: false, refused: false };
    }
  }

  async #read(response: FetchResponse, url: string, signal: AbortSignal): Promise<Polled> {
    const { handlers, log } = this.#parts;
    const { status, headers } = response;
    if (status === 200) {
      const body = await readText(response);
      signal.throwIfAborted();
      const data = parseDataSet(body);
      handlers.onOpen(headers);
      handlers.onMessage({ type: 'put', data }, {});
      const etag = headers.get('etag');
      this.#known = etag === null ? undefined : { url, etag };
      log.debug('Polled %s: %d characters', url, body.length);
      return GOOD;
    }
    await discard(response);
    signal.throwIfAborted();
    if (status === 304 && this.#known?.url === url) {
      handlers.onOpen(headers);
      handlers.onUnchanged();
      return GOOD;
    }
    const refused = isRefused(status);
    handlers.onProblem(statusProblem('POLL', status), { status, rejected: refused });
    return { good: false, refused };
  }

  #headers(url: string): Record<string, string> {
    const headers: Record<string, string> = {
      ...this.#parts.headers,
      Authorization: this.#sdkKey,
      'Accept-Encoding': 'gzip',
    };
    if (this.#known?.url === url) headers['If-None-Match'] = this.#known.etag;
    return headers;
  }
}

function problemOf(error: unknown): FeatheryError {
  if (error instanceof FeatheryError) return error;
  return new FeatheryError('POLL', `The settings cannot be polled: ${messageOf(error)}`, { cause: error });
}
