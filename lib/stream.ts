import { setImmediate as nextTurn } from 'node:timers/promises';
import { EventSource, type FetchLikeResponse } from 'eventsource';
import { FeatheryError, messageOf, ProtocolError } from './errors.js';
import { type FetchResponse, follow } from './http.js';
import { type Message, parseMessage } from './protocol.js';
import { type Backoff, backoffDelayMs, isRefused, NO_BACKOFF, nextBackoff, retry } from './retry.js';
import { type MessageMeta, type ProblemInfo, type SourceParts, sourceUrl, statusProblem } from './source.js';
import { SseBytes } from './sse-bytes.js';

/** docs/protocol.md, 4.2 */
const EVENTS = ['put', 'patch', 'delete'];
/** Said only by our own service, and only after it has answered with the capability header. */
const EXTENSION_EVENTS = ['changes', 'synced'];
const CAPABILITY_HEADER = 'X-Feathery-Protocol';
const CAPABILITY = '1';
/** `<epoch>:<revision>` */
const POSITION = /^([^:]+):(\d{1,15})$/;
/** No byte for so long, comments included: the connection is dead (docs/protocol.md, 4.4). */
const WATCHDOG_MS = 300_000;
/** A connection that stood for so long without an event counts as silent. Proxies that wait for an end give up late. */
const SILENT_AFTER_MS = 30_000;
/** Longer ones are read in one turn of the event loop and applied in the next: each takes milliseconds. */
const LONG_MESSAGE_CHARACTERS = 200_000;

/**
 * Keeps one SSE connection open and hands on what it says. However a connection ends, the next one is opened after a
 * delay, for ever; there are never two at once.
 *
 * @see docs/protocol.md, section 4
 */
export class Stream {
  readonly #parts: SourceParts;
  readonly #originalUrl: string;
  #sdkKey: string;
  #url: string;
  #position: string | undefined;
  #initialDelayMs: number;
  #backoff: Backoff = NO_BACKOFF;
  /** Aborted to end the present connection or delay. Undefined when not running. */
  #run: AbortController | undefined;
  #closed = false;

  constructor(parts: SourceParts) {
    const { options } = parts;
    this.#parts = parts;
    this.#sdkKey = parts.sdkKey;
    this.#originalUrl = sourceUrl(options.streamUri, '/all', options.payloadFilterKey);
    this.#url = this.#originalUrl;
    this.#initialDelayMs = options.streamInitialReconnectDelayMs;
  }

  start(): void {
    if (this.#run === undefined && !this.#closed) void this.#connectForEver();
  }

  /** Reconnects at once with another key. */
  rotate(sdkKey: string): void {
    this.#sdkKey = sdkKey;
    this.#url = this.#originalUrl;
    this.forgetPosition();
    this.#run?.abort();
  }

  /** To be called when the data no longer is what this stream delivered: the next connection starts with a `put`. */
  forgetPosition(): void {
    this.#position = undefined;
  }

  /** Ends the connection, or the wait for the next one, at once. */
  close(): void {
    this.#closed = true;
    this.#run?.abort();
  }

  /** Each turn of this loop is the life of one SDK key. */
  async #connectForEver(): Promise<void> {
    while (!this.#closed) {
      const run = new AbortController();
      this.#run = run;
      this.#backoff = NO_BACKOFF;
      try {
        await retry(() => this.#connect(run.signal), {
          signal: run.signal,
          keepAlive: this.#parts.options.keepAlive,
          delayMs: (error) => this.#delayAfter(error),
        });
      } catch (error) {
        if (run.signal.aborted) continue;
        const problem = new FeatheryError('STREAM', 'The stream stopped by a defect of the SDK', { cause: error });
        this.#parts.handlers.onProblem(problem, { rejected: true });
        return;
      }
    }
  }

  async #connect(signal: AbortSignal): Promise<never> {
    const connection = new Connection(this.#parts, {
      url: this.#url,
      headers: this.#headers(),
      signal,
      onMoved: (url) => {
        this.#url = url;
      },
      onMessage: (message, id) => this.#apply(message, id),
      onRetry: (ms) => {
        this.#initialDelayMs = ms;
      },
    });
    throw await connection.ended;
  }

  #headers(): Record<string, string> {
    const headers: Record<string, string> = {
      ...this.#parts.headers,
      Authorization: this.#sdkKey,
      Accept: 'text/event-stream',
      'Cache-Control': 'no-cache',
      [CAPABILITY_HEADER]: CAPABILITY,
    };
    if (this.#position !== undefined) headers['Last-Event-ID'] = this.#position;
    return headers;
  }

  #apply(message: Message, id: string | undefined): void {
    const [, epoch, revision] = (id !== undefined && POSITION.exec(id)) || [];
    const meta: MessageMeta = epoch === undefined ? {} : { epoch, revision: Number(revision) };
    this.#parts.handlers.onMessage(message, meta);
    if (epoch !== undefined) this.#position = id;
    else if (message.type === 'put') this.#position = undefined;
  }

  #delayAfter(error: Error): number | undefined {
    if (!(error instanceof ConnectionEnd)) return undefined;
    const { handlers, random, log } = this.#parts;
    // Resuming would bring the same message again.
    if (error.problem.code === 'PROTOCOL') this.forgetPosition();
    handlers.onProblem(error.problem, error.info);
    this.#backoff = nextBackoff(this.#backoff, { refused: error.info.rejected, healthyMs: error.healthyMs });
    const delayMs = backoffDelayMs(this.#backoff, this.#initialDelayMs, random);
    log.debug('%s; next attempt in %d ms', error.problem.message, Math.round(delayMs));
    return delayMs;
  }
}

/** How one connection ended, and what the delay before the next depends on. */
class ConnectionEnd extends Error {
  constructor(
    readonly problem: FeatheryError,
    readonly info: ProblemInfo,
    readonly healthyMs: number,
  ) {
    super(problem.message);
  }
}

interface ConnectionInit {
  readonly url: string;
  readonly headers: Record<string, string>;
  /** Ends the connection from outside. */
  readonly signal: AbortSignal;
  /** The lasting address, after the redirects. */
  onMoved(url: string): void;
  /** `id` only where the service has the capability. */
  onMessage(message: Message, id: string | undefined): void;
  onRetry(ms: number): void;
}

/**
 * One connection, from the request to its end. `eventsource` parses and dispatches; whether and when to connect is
 * not left to it. So it never sees a refusal or an end: its fetch closes it first, and a closed EventSource neither
 * reconnects nor sets a timer.
 */
class Connection {
  /** Resolves once, when the connection is gone. */
  readonly ended: Promise<ConnectionEnd>;
  readonly #parts: SourceParts;
  readonly #init: ConnectionInit;
  readonly #exchange = new AbortController();
  readonly #source: EventSource;
  readonly #watchdog: NodeJS.Timeout;
  readonly #startedAt: number;
  #firstEventAt: number | undefined;
  #isAnswered = false;
  #isEnded = false;
  /** A long message under way, and those behind it. No more bytes are taken until they are applied. */
  #pending: Promise<void> | undefined;
  #resolveEnded!: (end: ConnectionEnd) => void;

  constructor(parts: SourceParts, init: ConnectionInit) {
    this.#parts = parts;
    this.#init = init;
    this.#startedAt = parts.now();
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    this.#watchdog = setTimeout(() => this.#fail(`No sign of life for ${WATCHDOG_MS / 1000} s`), WATCHDOG_MS);
    if (!parts.options.keepAlive) this.#watchdog.unref();
    init.signal.addEventListener('abort', this.#abort, { once: true });
    this.#source = new EventSource(init.url, { fetch: () => this.#open() });
  }

  readonly #abort = (): void => this.#fail('The connection was closed on purpose');

  async #open(): Promise<FetchLikeResponse> {
    try {
      const { headers, url } = this.#init;
      const signal = this.#exchange.signal;
      const { response, lastingUrl } = await follow(this.#parts.fetch, url, () => ({ headers, signal }));
      if (!this.#isEnded) this.#answer(response, lastingUrl);
      return this.#forEventSource(response);
    } catch (error) {
      this.#fail('The service cannot be reached', error);
      throw error;
    }
  }

  #answer(response: FetchResponse, lastingUrl: string): void {
    const { status, headers } = response;
    this.#init.onMoved(lastingUrl);
    if (status !== 200) {
      const rejected = isRefused(status);
      this.#end(statusProblem('STREAM', status), { status, rejected, silent: !rejected && this.#isSilent() });
      return;
    }
    this.#watchdog.refresh();
    this.#attempted(false);
    this.#parts.log.debug('Connected to %s', lastingUrl);
    this.#parts.handlers.onOpen(headers);
    const isCapable = headers.get(CAPABILITY_HEADER) === CAPABILITY;
    for (const name of isCapable ? [...EVENTS, ...EXTENSION_EVENTS] : EVENTS) {
      this.#source.addEventListener(name, ({ data, lastEventId }) =>
        this.#receive(name, data, isCapable ? lastEventId : undefined),
      );
    }
  }

  /** Status and type are judged here, and any 200 is read (docs/protocol.md, 4.6). */
  #forEventSource(response: FetchResponse): FetchLikeResponse {
    const chunks = (response.body ?? noBytes())[Symbol.asyncIterator]();
    const bytes = new SseBytes(this.#init.onRetry);
    const read = async () => {
      try {
        if (this.#pending !== undefined) await this.#pending;
        this.#pending = undefined;
        const { done, value } = await chunks.next();
        if (!done && !this.#isEnded) {
          this.#watchdog.refresh();
          return { done: false as const, value: bytes.pass(value) };
        }
        this.#fail('The service ended the stream');
      } catch (error) {
        this.#fail('The connection broke', error);
      }
      return { done: true as const };
    };
    return {
      status: 200,
      headers: { get: () => 'text/event-stream' },
      url: this.#init.url,
      redirected: false,
      body: { getReader: () => ({ read, cancel: async () => {} }) },
    };
  }

  #receive(name: string, data: string, id: string | undefined): void {
    // The parser still dispatches what stood in the same chunk behind a bad message.
    if (this.#isEnded) return;
    this.#firstEventAt ??= this.#parts.now();
    if (this.#pending !== undefined || data.length > LONG_MESSAGE_CHARACTERS) {
      this.#pending = (this.#pending ?? Promise.resolve()).then(() => this.#takeInTurns(name, data, id));
      return;
    }
    this.#guard(() => {
      const message = parseMessage(name, data);
      if (message !== undefined) this.#init.onMessage(message, id);
    });
  }

  /** So that the event loop is not held for longer than `JSON.parse` takes (bench/apply.ts). */
  async #takeInTurns(name: string, data: string, id: string | undefined): Promise<void> {
    await nextTurn();
    const message = this.#guard(() => parseMessage(name, data));
    await nextTurn();
    if (message !== undefined) this.#guard(() => this.#init.onMessage(message, id));
  }

  /** Runs a step of taking a message in, unless the connection has ended; it ends when the step fails. */
  #guard<Result>(step: () => Result): Result | undefined {
    if (this.#isEnded) return undefined;
    try {
      return step();
    } catch (error) {
      const problem =
        error instanceof ProtocolError ? error : new ProtocolError('A message cannot be applied', { cause: error });
      this.#end(problem, { rejected: false });
      return undefined;
    }
  }

  #fail(message: string, cause?: unknown): void {
    const detail = cause === undefined ? message : `${message}: ${messageOf(cause)}`;
    this.#end(new FeatheryError('STREAM', detail, { cause }), { rejected: false, silent: this.#isSilent() });
  }

  #isSilent(): boolean {
    return this.#firstEventAt === undefined && this.#parts.now() - this.#startedAt >= SILENT_AFTER_MS;
  }

  #end(problem: FeatheryError, info: ProblemInfo): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    clearTimeout(this.#watchdog);
    this.#init.signal.removeEventListener('abort', this.#abort);
    this.#source.close();
    this.#exchange.abort(problem);
    if (!this.#isAnswered && !this.#init.signal.aborted) this.#attempted(true);
    const { now } = this.#parts;
    const healthyMs = this.#firstEventAt === undefined ? 0 : now() - this.#firstEventAt;
    this.#resolveEnded(new ConnectionEnd(problem, info, healthyMs));
  }

  #attempted(failed: boolean): void {
    this.#isAnswered = true;
    const timestamp = this.#parts.now();
    this.#parts.handlers.onAttempt({ timestamp, failed, durationMillis: timestamp - this.#startedAt });
  }
}

async function* noBytes(): AsyncGenerator<Uint8Array> {}
