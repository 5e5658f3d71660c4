/** Last uses are shown to people; a minute's delay does not matter to them, a write per request would to us. */
const WRITE_INTERVAL_MS = 60_000;

export interface LastUseParts {
  /** Writes the last use of each id, all in one go. */
  write(uses: ReadonlyMap<string, number>): Promise<void>;
  onError(error: unknown): void;
}

/**
 * Remembers when each key, token or session was last used and writes that once a minute. What is waiting is bounded
 * by the number of keys in use. Uses that could not be written are tried again with the next ones.
 */
export class LastUse {
  readonly #parts: LastUseParts;
  #uses = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: LastUseParts) {
    this.#parts = parts;
  }

  /** Notes a use. Costs a map entry. */
  note(id: string, at: number): void {
    this.#uses.set(id, at);
    this.#timer ??= setTimeout(() => void this.flush(), WRITE_INTERVAL_MS).unref();
  }

  /** Writes what is waiting. Never throws. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#uses.size === 0) return;
    const uses = this.#uses;
    this.#uses = new Map();
    try {
      await this.#parts.write(uses);
    } catch (error) {
      this.#parts.onError(error);
      for (const [id, at] of uses) if (!this.#uses.has(id)) this.note(id, at);
    }
  }

  /** Writes what is waiting, once, and stops. */
  async close(): Promise<void> {
    await this.flush();
    clearTimeout(this.#timer);
  }
}
