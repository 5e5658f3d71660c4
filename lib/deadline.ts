/** Longest delay a timer of Node takes. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Waits for the work, but no longer than the time; the timer keeps the process alive. Rejects as the work does. */
export async function waitAtMost(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.min(Math.max(ms, 0), LONGEST_TIMER_MS));
  });
  try {
    await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}
