// Sign-ins that were refused, in the audit. Whoever guesses passwords must not be able to fill the disk with them, so
// most of many are only counted: in the next entry.
import type { Logger } from 'pino';
import { recordAudit } from './storage/audit.js';
import type { Database } from './storage/database.js';
import { Throttle, throttleKey } from './throttle.js';

/** Entries that one address may cause. */
const PER_ADDRESS = { burst: 5, intervalMs: 3_600_000 };
/** Entries that all may cause together: fewer than 300 a day. */
const OF_ALL = { burst: 100, intervalMs: 300_000 };
const REMEMBERED_ADDRESSES = 10_000;
/** Stricter than for members: many passwords have an "@", few end like a domain. */
const E_MAIL_ADDRESS = /^[^\s@]+@[^\s@]+\.[a-z]{2,}$/;

export interface SignInFailure {
  readonly account: string;
  readonly address: string;
  readonly reason: 'wrong password' | 'too many tries';
}

export interface SignInFailuresParts {
  readonly database: Database;
  readonly log: Logger;
  readonly now: () => number;
}

export class SignInFailures {
  readonly #parts: SignInFailuresParts;
  readonly #addresses = new Throttle(PER_ADDRESS, REMEMBERED_ADDRESSES);
  readonly #all = new Throttle(OF_ALL, 1);
  #unrecorded = 0;

  constructor(parts: SignInFailuresParts) {
    this.#parts = parts;
  }

  /** Never throws: the answer to a failed sign-in does not depend on what becomes of its record. */
  async record({ account, address, reason }: SignInFailure): Promise<void> {
    const { database, log, now } = this.#parts;
    const at = now();
    if (this.#addresses.take(throttleKey(address), at) > 0 || this.#all.take('all', at) > 0) {
      this.#unrecorded += 1;
      return;
    }
    const unrecorded = this.#unrecorded;
    this.#unrecorded = 0;
    try {
      await recordAudit(database, {
        at,
        actor: { kind: 'system', id: 'sign-in', name: 'somebody', address },
        action: 'session.refuse',
        environment: null,
        revision: null,
        comment: '',
        reverts: null,
        items: [
          {
            environment: null,
            kind: 'session',
            key: accountOf(account),
            before: null,
            after: { reason, ...(unrecorded > 0 && { unrecorded }) },
          },
        ],
      });
    } catch (error) {
      this.#unrecorded += unrecorded + 1;
      log.warn({ err: error, address }, 'a refused sign-in could not be recorded');
    }
  }
}

/** What is no address may be a password, typed into the wrong field. */
function accountOf(account: string): string {
  return E_MAIL_ADDRESS.test(account) ? account : '(no e-mail address)';
}
