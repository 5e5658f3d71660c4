/** Longest delay a timer takes: beyond it, it would fire at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Undefined when there is no usable time. */
export function timeoutOf(options: { timeoutMs?: number } | undefined): number | undefined {
  const timeoutMs: unknown = options?.timeoutMs;
  if (typeof timeoutMs !== 'number' || !(timeoutMs >= 0)) return undefined;
  return Math.min(timeoutMs, LONGEST_TIMER_MS);
}

/** Waits for the promise, but no longer than the time; a negative one is none. Rejects as the promise does. */
export async function within(timeoutMs: number, promise: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.min(Math.max(timeoutMs, 0), LONGEST_TIMER_MS));
  });
  try {
    await Promise.race([promise, over]);
  } finally {
    clearTimeout(timer);
  }
}
