/** Timers overflow above this and would fire at once. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** Undefined when there is no usable time. */
export function timeoutOf(options: { timeoutMs?: number } | undefined): number | undefined {
  const timeoutMs: unknown = options?.timeoutMs;
  if (typeof timeoutMs !== 'number' || !(timeoutMs >= 0)) return undefined;
  return Math.min(timeoutMs, MAX_TIMEOUT_MS);
}

/** Resolves with the promise or after the time, whichever comes first. */
export async function within(timeoutMs: number, promise: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([promise, timeout]);
  clearTimeout(timer);
}
