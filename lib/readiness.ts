interface Waiter {
  resolve(): void;
  reject(error: Error): void;
}

/** Those who wait for a client to be ready. Without waiters there is no promise that could be rejected unheard. */
export class Readiness {
  readonly #waiters = new Set<Waiter>();

  /** @param onTimeout - Decides at the end of the time: an error rejects, undefined resolves. */
  wait(timeoutMs: number | undefined, onTimeout: () => Error | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const settle = (error?: Error) => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        if (error === undefined) resolve();
        else reject(error);
      };
      const waiter: Waiter = { resolve: () => settle(), reject: settle };
      this.#waiters.add(waiter);
      if (timeoutMs !== undefined) timer = setTimeout(() => settle(onTimeout()), timeoutMs);
    });
  }

  resolve(): void {
    for (const waiter of this.#waiters) waiter.resolve();
  }

  reject(error: Error): void {
    for (const waiter of this.#waiters) waiter.reject(error);
  }
}
