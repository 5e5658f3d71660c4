import { Problem } from './problems.js';

/** Runs tasks one after another. Bounded: what finds it full is refused rather than kept waiting for ever. */
export class WriteQueue {
  readonly #maxWaiting: number;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(maxWaiting: number) {
    this.#maxWaiting = maxWaiting;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** @throws Problem 503 `busy` when too many tasks wait; otherwise what the task throws. */
  run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#waiting >= this.#maxWaiting) {
      const headers = { 'retry-after': '1' };
      return Promise.reject(new Problem('busy', 'Too many changes are waiting to be stored. Try again.', { headers }));
    }
    this.#waiting++;
    const result = this.#last.then(task).finally(() => {
      this.#waiting--;
    });
    this.#last = result.catch(() => {});
    return result;
  }

  /** Resolves when everything that was asked for has ended. */
  async drain(): Promise<void> {
    while (this.#waiting > 0) await this.#last;
  }
}
