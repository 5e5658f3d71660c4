/** What the status of an answer means to the next request. */
export type Outcome = 'good' | 'recoverable' | 'too-large' | 'refused';

/**
 * The one table of outcomes, read by stream, polling and delivery of events. Every 2xx is good here, and 413
 * (`too-large`) condemns one body and not the next; the stream and polling, whose requests have no body and who take
 * only a 200, ask about everything else.
 *
 * @see docs/protocol.md, sections 4.6, 5.4 and 6.1
 */
export declare function outcomeOf(status: number): Outcome;

/** How many delays were given since the last healthy connection, and on which scale. */
export interface Backoff {
  /** n of the delay that is due now; -1 before the first failure. */
  readonly attempt: number;
  /** True after a refusal, until a connection has been healthy again. */
  readonly extended: boolean;
}

export declare const NO_BACKOFF: Backoff;

/** One more failure. `healthyMs`: how long the connection that ended had been good, from its first event; 0 when it never was. */
export declare function nextBackoff(backoff: Backoff, failure: { refused: boolean; healthyMs: number }): Backoff;

/** Normal: initialMs · 2^n up to 30 s. Extended: 300 s · 2^n up to 3600 s. Each less a random part of up to a half. */
export declare function backoffDelayMs(backoff: Backoff, initialMs: number, random: () => number): number;

export interface RetryOptions {
  /** Ends the loop at once, also in a delay; the promise rejects with its reason. */
  readonly signal: AbortSignal;
  /** True: a delay keeps the process alive. */
  readonly keepAlive: boolean;
  /** Asked after each failure; undefined gives up and rejects with the error. */
  delayMs(error: Error, attemptNumber: number): number | undefined;
}

/** Runs `attempt` until it succeeds. A `TypeError` is a bug and ends the loop. */
export declare function retry<Value>(
  attempt: (attemptNumber: number) => Promise<Value>,
  options: RetryOptions,
): Promise<Value>;

/** Resolves after the time; rejects with the signal's reason when that comes first. */
export declare function delay(ms: number, options: { signal: AbortSignal; keepAlive: boolean }): Promise<void>;
