import {
  type Backoff,
  backoffDelayMs,
  delay,
  isRefused,
  NO_BACKOFF,
  NORMAL_PACE,
  nextBackoff,
  nextPollPace,
  outcomeOf,
  type PollPace,
  pollIntervalMs,
  retry,
} from '../lib/retry.js';

const FAILED = { refused: false, healthyMs: 0 };
const REFUSED = { refused: true, healthyMs: 0 };
const none = () => 0;
const most = () => 0.999_999;

/** The delays after these failures, one by one. */
function delays(
  failures: readonly { refused: boolean; healthyMs: number }[],
  initialMs = 1000,
  random = none,
): number[] {
  let backoff: Backoff = NO_BACKOFF;
  return failures.map((failure) => {
    backoff = nextBackoff(backoff, failure);
    return Math.round(backoffDelayMs(backoff, initialMs, random));
  });
}

describe('outcome', () => {
  it.each([200, 201, 202, 204, 299])('of %d is good', (status) => {
    expect(outcomeOf(status)).toBe('good');
  });

  it.each([101, 301, 302, 304, 307, 400, 408, 429, 500, 502, 503, 504, 599])('of %d is recoverable', (status) => {
    expect(outcomeOf(status)).toBe('recoverable');
    expect(isRefused(status)).toBe(false);
  });

  it.each([401, 402, 403, 404, 405, 409, 410, 418, 422, 451, 499])('of %d is refused', (status) => {
    expect(outcomeOf(status)).toBe('refused');
    expect(isRefused(status)).toBe(true);
  });

  it('of 413 condemns a body, and refuses a request without one', () => {
    expect(outcomeOf(413)).toBe('too-large');
    expect(isRefused(413)).toBe(true);
  });
});

describe('backoff', () => {
  it('doubles from the initial delay up to 30 s', () => {
    expect(delays(Array(8).fill(FAILED))).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('never goes over the cap, not even from an initial delay above it', () => {
    expect(delays([FAILED, FAILED], 90_000)).toEqual([30_000, 30_000]);
  });

  it('takes off up to a half, also at the cap', () => {
    expect(delays(Array(6).fill(FAILED), 1000, most)).toEqual([500, 1000, 2000, 4000, 8000, 15_000]);
  });

  it('starts again after a connection that was good for 60 s', () => {
    expect(delays([FAILED, FAILED, { refused: false, healthyMs: 60_000 }, FAILED])).toEqual([1000, 2000, 1000, 2000]);
  });

  it('goes on after a connection that was good for less', () => {
    expect(delays([FAILED, FAILED, { refused: false, healthyMs: 59_999 }])).toEqual([1000, 2000, 4000]);
  });

  it('grows from an initial delay of 0', () => {
    expect(delays([FAILED, FAILED, FAILED], 0)).toEqual([1, 2, 4]);
  });

  it('stays finite after very many failures', () => {
    expect(backoffDelayMs({ attempt: 5000, extended: false }, 1000, none)).toBe(30_000);
  });

  it('is extended by a refusal, up to an hour', () => {
    const minutes = delays(Array(7).fill(REFUSED)).map((ms) => ms / 60_000);
    expect(minutes).toEqual([5, 10, 20, 40, 60, 60, 60]);
  });

  it('starts the extended delays with the refusal and stays with them whatever fails next', () => {
    expect(delays([FAILED, FAILED, REFUSED, FAILED, REFUSED])).toEqual([1000, 2000, 300_000, 600_000, 1_200_000]);
  });

  it('takes off up to a half of an extended delay', () => {
    expect(delays([REFUSED], 1000, most)).toEqual([150_000]);
  });

  it('is normal again after a connection that was good for 60 s', () => {
    expect(delays([REFUSED, REFUSED, { refused: false, healthyMs: 60_000 }, FAILED])).toEqual([
      300_000, 600_000, 1000, 2000,
    ]);
  });
});

describe('poll pace', () => {
  const GOOD = { good: true, refused: false };
  const BAD = { good: false, refused: false };
  const NO = { good: false, refused: true };

  function intervals(polls: readonly { good: boolean; refused: boolean }[], intervalMs = 30_000, random = none) {
    let pace: PollPace = NORMAL_PACE;
    return polls.map((poll) => {
      pace = nextPollPace(pace, poll);
      return Math.round(pollIntervalMs(pace, intervalMs, random) / 1000);
    });
  }

  it('is the interval, without jitter, after good polls and after failures', () => {
    expect(intervals([GOOD, BAD, BAD, GOOD, GOOD, BAD], 30_000, most)).toEqual([30, 30, 30, 30, 30, 30]);
  });

  it('is extended by a refusal and doubles with each further failure up to an hour', () => {
    expect(intervals([NO, BAD, NO, BAD, NO, NO])).toEqual([300, 600, 1200, 2400, 3600, 3600]);
  });

  it('is normal again after two good polls in a row', () => {
    expect(intervals([NO, GOOD, GOOD])).toEqual([300, 300, 30]);
    expect(intervals([NO, GOOD, BAD, GOOD, GOOD])).toEqual([300, 300, 600, 600, 30]);
  });

  it('takes off up to a half but never goes below the interval', () => {
    expect(intervals([NO], 30_000, most)).toEqual([150]);
    expect(intervals([NO], 200_000, most)).toEqual([200]);
    expect(intervals([NO, NO], 7_200_000, none)).toEqual([7200, 7200]);
  });
});

describe('retry', () => {
  const options = (delayMs: (error: Error, attemptNumber: number) => number | undefined) => ({
    signal: new AbortController().signal,
    keepAlive: false,
    delayMs,
  });

  it('runs the attempt until it succeeds, and asks for a delay after each failure', async () => {
    const asked: string[] = [];
    const value = await retry(
      async (attemptNumber) => {
        if (attemptNumber < 3) throw new Error(`no ${attemptNumber}`);
        return attemptNumber;
      },
      options((error, attemptNumber) => {
        asked.push(`${attemptNumber}: ${error.message}`);
        return 0;
      }),
    );
    expect(value).toBe(3);
    expect(asked).toEqual(['1: no 1', '2: no 2']);
  });

  it('gives up with the error when there is no delay', async () => {
    const error = new Error('last');
    await expect(
      retry(
        () => Promise.reject(error),
        options(() => undefined),
      ),
    ).rejects.toBe(error);
  });

  it('ends at once on a TypeError, without a delay', async () => {
    const delayMs = jest.fn(() => 0);
    const attempt = jest.fn(() => Promise.reject(new TypeError('x is undefined')));
    await expect(retry(attempt, options(delayMs))).rejects.toThrow('x is undefined');
    expect(attempt).toHaveBeenCalledTimes(1);
    expect(delayMs).not.toHaveBeenCalled();
  });

  it('ends during a delay when it is aborted', async () => {
    const abort = new AbortController();
    const attempt = jest.fn(() => Promise.reject(new Error('down')));
    const done = retry(attempt, { signal: abort.signal, keepAlive: false, delayMs: () => 60_000 });
    setImmediate(() => abort.abort(new Error('enough')));
    await expect(done).rejects.toThrow('enough');
    expect(attempt).toHaveBeenCalledTimes(1);
  });

  it('asks for no delay when it was aborted during the attempt', async () => {
    const abort = new AbortController();
    const delayMs = jest.fn(() => 0);
    const attempt = async () => {
      abort.abort(new Error('enough'));
      throw new Error('closed');
    };
    await expect(retry(attempt, { signal: abort.signal, keepAlive: false, delayMs })).rejects.toThrow('enough');
    expect(delayMs).not.toHaveBeenCalled();
  });
});

describe('delay', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('resolves after its time', async () => {
    const done = jest.fn();
    void delay(1000, { signal: new AbortController().signal, keepAlive: true }).then(done);
    await jest.advanceTimersByTimeAsync(999);
    expect(done).not.toHaveBeenCalled();
    await jest.advanceTimersByTimeAsync(1);
    expect(done).toHaveBeenCalled();
  });

  it('rejects with the reason of the signal and leaves no timer', async () => {
    const abort = new AbortController();
    const waiting = delay(1000, { signal: abort.signal, keepAlive: true });
    abort.abort(new Error('closed'));
    await expect(waiting).rejects.toThrow('closed');
    expect(jest.getTimerCount()).toBe(0);
    await expect(delay(1000, { signal: abort.signal, keepAlive: true })).rejects.toThrow('closed');
    expect(jest.getTimerCount()).toBe(0);
  });
});
