/** Longest delay a timer takes; what the timer does does not matter, only that it is there. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Keeps the process alive until the promise settles. With `keepAlive: false` sockets and timers of the SDK are
 * unref'd, and a pending promise alone does not keep Node running: without this, `await client.flush()` as the last
 * statement of a program would end the process in the middle of the delivery. So: while an application awaits
 * `waitForInitialization`, `flush` or `close`, and only then, a reference is held.
 */
export async function holdProcess<Value>(promise: Promise<Value>): Promise<Value> {
  const hold = setInterval(() => {}, LONGEST_TIMER_MS);
  try {
    return await promise;
  } finally {
    clearInterval(hold);
  }
}
