/** How soon an expiry that was set on another node is noticed here. */
const CHECK_INTERVAL_MS = 10_000;
/**
 * An expired key is told of again for this long: a stream that was being opened with it in that very moment, or one on
 * a node that was not listening, ends with the next telling.
 */
const TELL_AGAIN_MS = 60_000;

export interface KeyExpiryParts {
  /** The keys that expire, or expired, after `since`, soonest first. */
  list(since: number): Promise<readonly { readonly id: string; readonly expiresAt: number }[]>;
  now(): number;
  onError(error: unknown): void;
}

/** Tells when SDK keys expire, at that time. */
export class KeyExpiry {
  readonly #parts: KeyExpiryParts;
  readonly #listeners = new Set<(keyId: string) => void>();
  #ends: readonly { readonly id: string; readonly expiresAt: number }[] = [];
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(parts: KeyExpiryParts) {
    this.#parts = parts;
  }

  /** Returns the function that unsubscribes. */
  onExpired(listener: (keyId: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reads the expiries anew, tells of those that have come, and waits for the next. Never throws. */
  async check(): Promise<void> {
    try {
      this.#ends = await this.#parts.list(this.#parts.now() - TELL_AGAIN_MS);
    } catch (error) {
      this.#parts.onError(error);
    }
    if (this.#closed) return;
    const now = this.#parts.now();
    for (const { id, expiresAt } of this.#ends) {
      if (expiresAt <= now) for (const listener of this.#listeners) listener(id);
    }
    const next = this.#ends.find(({ expiresAt }) => expiresAt > now)?.expiresAt ?? Infinity;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.check(), Math.min(CHECK_INTERVAL_MS, next - now)).unref();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }
}
