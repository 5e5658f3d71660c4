// Checking passwords without telling which members exist and without being kept busy by a flood.
import { Problem } from './problems.js';
import { hashPassword, isOutdated, isPassword, PASSWORD_COST, type PasswordCost } from './secrets.js';

/** Each check holds 32 MiB and one of libuv's four threads, which the file system needs too. */
const MAX_RUNNING = 2;
const MAX_WAITING = 32;

/** @throws Problem 503 `busy` from every method when more checks are waiting than is sensible. */
export class Passwords {
  readonly #cost: PasswordCost;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #decoy: Promise<string> | undefined;

  constructor(cost: PasswordCost = PASSWORD_COST) {
    this.#cost = cost;
  }

  hash(password: string): Promise<string> {
    return this.#inTurn(() => hashPassword(password, this.#cost));
  }

  /**
   * Whether a password is the stored one. Without a stored one, checks against one nobody has, so that the answer for
   * an unknown member takes as long as for a known one.
   */
  async matches(password: string, stored: string | null | undefined): Promise<boolean> {
    const against = stored ?? (await this.#decoyHash());
    return (await this.#inTurn(() => isPassword(password, against))) && stored != null;
  }

  /** Whether a stored password should be hashed anew at the next sign-in. */
  isOutdated(stored: string): boolean {
    return isOutdated(stored, this.#cost);
  }

  #decoyHash(): Promise<string> {
    this.#decoy ??= hashPassword('', this.#cost);
    return this.#decoy;
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= MAX_RUNNING) {
      if (this.#waiting.length >= MAX_WAITING) throw tooBusy();
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      return await work();
    } finally {
      // The turn passes on to the next in line, so the count stays; without one it ends.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}

function tooBusy(): Problem {
  return new Problem('busy', 'Too many people are signing in. Try again.', { headers: { 'retry-after': '1' } });
}
