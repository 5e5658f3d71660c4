// The one way by which analytics and diagnostics leave the process. Batches that cannot be delivered are kept and
// tried again, one at a time, for as long as they are not too old. See docs/protocol.md, section 6.1.
import { setMaxListeners } from 'node:events';
import { type Batch, MAX_BATCH_AGE_MS } from './batch.js';
import { type Answer, Endpoint } from './endpoint.js';
import { FeatheryError } from './errors.js';
import type { CommonParts } from './parts.js';
import { type Backoff, backoffDelayMs, delay, type Failure, NO_BACKOFF, nextBackoff, type Outcome } from './retry.js';
import { within } from './timeout.js';

/** Time from a failed attempt to the second one. docs/protocol.md, 6.1.1 */
const FIRST_RETRY_MS = 1000;
/** After the two attempts of a batch the delay has doubled once. */
const KEPT_BACKOFF: Backoff = { attempt: 1, extended: false };

/** With more than this many batches, or characters in them, no further one should be made. */
export const MAX_BATCHES = 300;
export const MAX_BATCHES_CHARACTERS = 32_000_000;

/** A batch that fails so often although others are delivered is itself at fault: it is dropped as refused. */
export const MAX_STRIKES = 10;

const EVENT_SCHEMA = '4';
const REFUSED: Failure = { refused: true, healthyMs: 0 };
const FAILED: Failure = { refused: false, healthyMs: 0 };

export interface DeliveryParts extends CommonParts {
  /** Told of each batch that is delivered or dropped. */
  readonly onSettled: (batch: Batch) => void;
  /** Told when trouble begins and when it gets worse, beside the log. */
  readonly onProblem?: ((error: FeatheryError) => void) | undefined;
}

/** What became of the sizes of all batches ever handed in. */
export interface DeliveryCounts {
  delivered: number;
  queued: number;
  refused: number;
  expired: number;
}

type End = Exclude<keyof DeliveryCounts, 'queued'>;

/** A batch whose two attempts have failed. */
interface Kept {
  readonly batch: Batch;
  /** How often it was not taken although others were. */
  strikes: number;
}

export class Delivery {
  readonly #parts: DeliveryParts;
  readonly #endpoint: Endpoint;
  readonly #counts: DeliveryCounts = { delivered: 0, queued: 0, refused: 0, expired: 0 };
  /** Every batch that is queued: in flight, between its two attempts, or kept. */
  readonly #batches = new Set<Batch>();
  #characters = 0;
  #kept: Kept[] = [];
  /** True from a refusal of the key until something is delivered or the key rotates. */
  #refused = false;
  /** How long the kept batches wait for their next attempt. */
  #backoff: Backoff = KEPT_BACKOFF;
  #pause = new AbortController();
  #sendingKept = false;
  #deliveredSincePause = false;
  /** What an operator was last told; undefined when all is well. */
  #trouble: Outcome | undefined;
  /** What is running and has to do with batches. */
  readonly #tasks = new Set<Promise<void>>();
  #finishing = false;
  /** Aborted at the end: requests and pauses stop. */
  readonly #end = new AbortController();

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
    // Every request and every pause listens; there may be many at once.
    setMaxListeners(0, this.#end.signal);
    this.#endpoint = new Endpoint({ ...parts, signal: this.#end.signal });
  }

  /** See {@link Endpoint}. */
  get serverTime(): number {
    return this.#endpoint.serverTime;
  }

  get counts(): Readonly<DeliveryCounts> {
    return this.#counts;
  }

  /** True while batches are kept: what is not urgent should wait in the buffer. */
  get behind(): boolean {
    return this.#kept.length > 0;
  }

  /** True when a further batch would not be tried now, or would be one too many. */
  get blocked(): boolean {
    return this.#refused || this.#batches.size >= MAX_BATCHES || this.#characters >= MAX_BATCHES_CHARACTERS;
  }

  /** Resolves when the batch is delivered or dropped, or kept for later after its two attempts. Never rejects. */
  send(batch: Batch): Promise<void> {
    this.#enqueue(batch);
    return this.#track(this.#trySend(batch));
  }

  /** Takes up batches of an earlier process. */
  adopt(batches: readonly Batch[]): void {
    for (const batch of batches) this.#enqueue(batch);
    this.#keep(...batches);
    this.#wake();
  }

  /** Sends one diagnostic event: two attempts, then it is forgotten. */
  async sendDiagnostic(event: object): Promise<void> {
    if (this.#refused || this.#finishing) return;
    await this.#tryTwice(async () => this.#report(await this.#endpoint.post('/diagnostic', JSON.stringify(event))));
  }

  /** What was refused under the old key, or waits, is sent at once. */
  rotate(sdkKey: string): void {
    this.#endpoint.rotate(sdkKey);
    this.#wake();
  }

  /**
   * Goes on until nothing is queued, the key is refused or the time is over; then everything stops for good.
   *
   * @returns what is still queued. Each of these is given to `expire` unless it is put away elsewhere.
   */
  async finish(timeoutMs: number): Promise<Batch[]> {
    this.#finishing = true;
    this.#wake();
    await within(timeoutMs, this.#idle());
    this.#end.abort();
    this.#pause.abort();
    return [...this.#batches];
  }

  expire(batch: Batch): void {
    this.#settle(batch, 'expired');
  }

  async #idle(): Promise<void> {
    while (this.#tasks.size > 0) await Promise.all(this.#tasks);
  }

  #track(work: Promise<void>): Promise<void> {
    const task = work.finally(() => this.#tasks.delete(task));
    this.#tasks.add(task);
    return task;
  }

  #enqueue(batch: Batch): void {
    this.#batches.add(batch);
    this.#characters += batch.body.length;
    this.#counts.queued += batch.size;
  }

  /** A batch ends once; an answer that comes too late changes nothing. */
  #settle(batch: Batch, end: End): void {
    if (!this.#batches.delete(batch)) return;
    this.#characters -= batch.body.length;
    this.#counts.queued -= batch.size;
    this.#counts[end] += batch.size;
    this.#parts.onSettled(batch);
  }

  async #trySend(batch: Batch): Promise<void> {
    if (!this.#refused) await this.#tryTwice(() => this.#attempt(batch));
    if (this.#batches.has(batch)) this.#keep(batch);
  }

  async #tryTwice(attempt: () => Promise<Outcome>): Promise<void> {
    if ((await attempt()) !== 'recoverable') return;
    await this.#wait(FIRST_RETRY_MS, this.#end.signal);
    if (!this.#end.signal.aborted && !this.#refused) await attempt();
  }

  #keep(...batches: readonly Batch[]): void {
    this.#kept.push(...batches.map((batch) => ({ batch, strikes: 0 })));
    if (this.#sendingKept) return;
    this.#backoff = this.#refused ? nextBackoff(NO_BACKOFF, REFUSED) : KEPT_BACKOFF;
    void this.#track(this.#sendKept());
  }

  async #sendKept(): Promise<void> {
    this.#sendingKept = true;
    while (this.#kept.length > 0 && !this.#end.signal.aborted && !(this.#finishing && this.#refused)) {
      this.#deliveredSincePause = false;
      this.#pause = new AbortController();
      await this.#wait(backoffDelayMs(this.#backoff, FIRST_RETRY_MS, this.#parts.random), this.#pause.signal);
      // Another batch may have been refused in the meantime: then it is too early for these.
      if (!this.#refused || this.#backoff.extended) await this.#tryKept();
      this.#backoff = nextBackoff(this.#backoff, this.#refused ? REFUSED : FAILED);
    }
    this.#sendingKept = false;
    // Without a kept batch nothing would ever find out that the key is good again.
    if (this.#kept.length === 0) this.#refused = false;
  }

  /** Tries kept batches until one fails; that one goes to the end, so that one bad batch does not hold up the others. */
  async #tryKept(): Promise<void> {
    let kept = this.#kept.shift();
    while (kept !== undefined) {
      const { batch } = kept;
      if (this.#parts.now() - batch.createdAt > MAX_BATCH_AGE_MS) this.#settle(batch, 'expired');
      else await this.#attempt(batch);
      if (this.#batches.has(batch)) break;
      kept = this.#kept.shift();
    }
    if (kept === undefined) return;
    if (this.#deliveredSincePause && !this.#refused) kept.strikes++;
    if (kept.strikes < MAX_STRIKES) this.#kept.push(kept);
    else this.#settle(kept.batch, 'refused');
  }

  async #attempt(batch: Batch): Promise<Outcome> {
    const answer = await this.#endpoint.post('/bulk', batch.body, {
      'X-LaunchDarkly-Event-Schema': EVENT_SCHEMA,
      'X-LaunchDarkly-Payload-ID': batch.id,
    });
    const outcome = this.#report(answer);
    if (outcome === 'good') {
      this.#settle(batch, 'delivered');
      this.#recover();
    } else if (outcome === 'too-large') {
      this.#settle(batch, 'refused');
      this.#parts.log.warn(`Events were dropped: the service finds ${batch.body.length} characters too many (413).`);
    } else if (outcome === 'refused') {
      this.#refused = true;
    }
    return outcome;
  }

  /** The service takes events: those that wait need not wait any longer. */
  #recover(): void {
    this.#deliveredSincePause = true;
    if (this.#trouble) this.#parts.log.info('Events are delivered again.');
    this.#trouble = undefined;
    if (this.#kept.length > 0) this.#wake();
  }

  #wake(): void {
    this.#refused = false;
    this.#backoff = NO_BACKOFF;
    this.#pause.abort();
  }

  /** An operator hears of trouble when it begins and when it gets worse, not of each attempt. */
  #report({ outcome, reason }: Answer): Outcome {
    const { log } = this.#parts;
    if (outcome === 'good' || this.#end.signal.aborted) return outcome;
    log.debug('events not delivered: %s', reason);
    if (outcome === 'refused' && this.#trouble !== 'refused') {
      const message = `The service refuses events (${reason}). Check the SDK key and eventsUri. Events are kept and sent later.`;
      log.error(message);
      this.#trouble = 'refused';
      this.#parts.onProblem?.(new FeatheryError('EVENTS', message));
    } else if (outcome === 'recoverable' && this.#trouble === undefined) {
      const message = `Events could not be delivered (${reason}). They are kept and sent again.`;
      log.warn(message);
      this.#trouble = 'recoverable';
      this.#parts.onProblem?.(new FeatheryError('EVENTS', message));
    }
    return outcome;
  }

  /** Ends early, without complaint, when the signal is aborted. */
  async #wait(ms: number, signal: AbortSignal): Promise<void> {
    await delay(ms, { signal, keepAlive: this.#parts.options.keepAlive }).catch(() => {});
  }
}
