import pRetry from 'p-retry';

/** What the status of an answer means to the next request. */
export type Outcome = 'good' | 'recoverable' | 'too-large' | 'refused';

/** How many delays were given since the last healthy connection, and on which scale. */
export interface Backoff {
  /** The n of the delay that is due; -1 before the first failure. */
  readonly attempt: number;
  /** True after a refusal, until a connection has been healthy again. */
  readonly extended: boolean;
}

export interface Failure {
  /** The service gave an answer that waiting will hardly change. */
  readonly refused: boolean;
  /** How long the connection that ended had been good, from its first event; 0 when it never was. */
  readonly healthyMs: number;
}

/** How polling goes on after a refusal. */
export interface PollPace {
  /** Failures since the refusal, itself included; 0 at the normal pace. */
  readonly failures: number;
  readonly goodInARow: number;
}

export interface RetryOptions {
  /** Ends the loop at once, in a delay too; the promise rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** True: a delay keeps the process alive. */
  readonly keepAlive: boolean;
  /** Asked after each failure, counted from 1; undefined gives up, and the promise rejects with the error. */
  delayMs(error: Error, attemptNumber: number): number | undefined;
}

/** docs/protocol.md, 4.6 */
const RECOVERABLE_4XX: ReadonlySet<number> = new Set([400, 408, 429]);

/** docs/protocol.md, 4.5 */
const MAX_DELAY_MS = 30_000;
const HEALTHY_AFTER_MS = 60_000;
/** The service may set the delay to 0; doubling has to start from something. */
const MIN_INITIAL_DELAY_MS = 1;

/** docs/protocol.md, 4.6.1 */
const EXTENDED_DELAY_MS = 300_000;
const MAX_EXTENDED_DELAY_MS = 3_600_000;

/** docs/protocol.md, 5.5 */
const GOOD_POLLS_IN_A_ROW = 2;

export const NO_BACKOFF: Backoff = Object.freeze({ attempt: -1, extended: false });

export const NORMAL_PACE: PollPace = Object.freeze({ failures: 0, goodInARow: 0 });

/**
 * The one table of outcomes, read by the stream, by polling and by the delivery of events. Here every 2xx is good, and
 * `too-large` condemns one body but not the next. The stream and polling, which send no body and take only what the
 * protocol names, ask about the rest, by `isRefused`.
 *
 * @see docs/protocol.md, sections 4.6, 5.4 and 6.1
 */
export function outcomeOf(status: number): Outcome {
  if (status >= 200 && status < 300) return 'good';
  if (status === 413) return 'too-large';
  if (status >= 400 && status < 500 && !RECOVERABLE_4XX.has(status)) return 'refused';
  return 'recoverable';
}

/** True when a request without a body will hardly ever get another answer. */
export function isRefused(status: number): boolean {
  const outcome = outcomeOf(status);
  return outcome === 'refused' || outcome === 'too-large';
}

/** Counts one more failure. */
export function nextBackoff(backoff: Backoff, failure: Failure): Backoff {
  if (failure.healthyMs >= HEALTHY_AFTER_MS) return { attempt: 0, extended: false };
  if (failure.refused && !backoff.extended) return { attempt: 0, extended: true };
  return { attempt: backoff.attempt + 1, extended: backoff.extended };
}

/**
 * How long to wait before the next attempt. Normal: initialMs · 2^n up to 30 s; extended: 300 s · 2^n up to an hour;
 * of each a random part of up to a half is taken off. The jitter comes after the cap, so that clients stay apart.
 *
 * @param random - Gives numbers from 0 up to 1.
 */
export function backoffDelayMs(backoff: Backoff, initialMs: number, random: () => number): number {
  if (backoff.extended) return withJitter(doubled(EXTENDED_DELAY_MS, backoff.attempt, MAX_EXTENDED_DELAY_MS), random);
  return withJitter(doubled(Math.max(initialMs, MIN_INITIAL_DELAY_MS), backoff.attempt, MAX_DELAY_MS), random);
}

/** Counts one more poll. */
export function nextPollPace(pace: PollPace, poll: { good: boolean; refused: boolean }): PollPace {
  if (poll.good) {
    const goodInARow = pace.goodInARow + 1;
    return goodInARow >= GOOD_POLLS_IN_A_ROW ? NORMAL_PACE : { ...pace, goodInARow };
  }
  const isExtended = pace.failures > 0 || poll.refused;
  return isExtended ? { failures: pace.failures + 1, goodInARow: 0 } : NORMAL_PACE;
}

/**
 * Time from the start of one poll to the start of the next. After a refusal 300 s · 2^n up to an hour, less a random
 * part of up to a half, but never less than the interval.
 */
export function pollIntervalMs(pace: PollPace, intervalMs: number, random: () => number): number {
  if (pace.failures === 0) return intervalMs;
  const first = Math.max(EXTENDED_DELAY_MS, intervalMs);
  const longest = Math.max(MAX_EXTENDED_DELAY_MS, intervalMs);
  return Math.max(withJitter(doubled(first, pace.failures - 1, longest), random), intervalMs);
}

function doubled(firstMs: number, times: number, maxMs: number): number {
  return Math.min(firstMs * 2 ** times, maxMs);
}

function withJitter(delayMs: number, random: () => number): number {
  return delayMs - (random() * delayMs) / 2;
}

/**
 * Runs `attempt` until it succeeds or the delays end. A `TypeError` is a bug, not a failure of the other side: it ends
 * the loop, so a network error that comes as one must be wrapped by the attempt.
 */
export async function retry<Value>(
  attempt: (attemptNumber: number) => Promise<Value>,
  options: RetryOptions,
): Promise<Value> {
  const { signal, keepAlive } = options;
  return pRetry(attempt, {
    signal,
    unref: !keepAlive,
    retries: Number.POSITIVE_INFINITY,
    // p-retry puts its jitter before the cap and knows no healthy connection: it runs the loop, we wait.
    minTimeout: 0,
    factor: 1,
    onFailedAttempt: async ({ error, attemptNumber }) => {
      signal.throwIfAborted();
      if (error instanceof TypeError) throw error;
      const delayMs = options.delayMs(error, attemptNumber);
      if (delayMs === undefined) throw error;
      await delay(delayMs, options);
    },
  });
}

/** Resolves after the time; rejects with the signal's reason when that comes first. */
export function delay(ms: number, { signal, keepAlive }: Pick<RetryOptions, 'signal' | 'keepAlive'>): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (!keepAlive) timer.unref();
    signal.addEventListener('abort', stop, { once: true });
  });
}
