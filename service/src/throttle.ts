// How often somebody may try. Pure but for its own bounded memory: time comes in as an argument.
import { isIPv6 } from 'node:net';
import { BoundedMap } from './bounded-map.js';

/** So many at once, and then one more each interval. */
export interface ThrottleLimit {
  readonly burst: number;
  readonly intervalMs: number;
}

interface Bucket {
  /** Tries left at `at`; fractions count. */
  tries: number;
  at: number;
}

/**
 * Counts tries per key in a token bucket. Remembers at most `capacity` keys; beyond that the one unused for longest
 * is forgotten and starts anew, so memory is bounded and nobody is refused because of others.
 */
export class Throttle {
  readonly #limit: ThrottleLimit;
  readonly #buckets: BoundedMap<string, Bucket>;

  constructor(limit: ThrottleLimit, capacity: number) {
    this.#limit = limit;
    this.#buckets = new BoundedMap(capacity);
  }

  /** Takes one try. Returns 0 when there was one, else the milliseconds until there is. */
  take(key: string, now: number): number {
    const { burst, intervalMs } = this.#limit;
    const bucket = this.#buckets.get(key) ?? { tries: burst, at: now };
    // A clock set back gives nothing and takes nothing.
    bucket.tries = Math.min(burst, bucket.tries + Math.max(0, now - bucket.at) / intervalMs);
    bucket.at = now;
    this.#buckets.set(key, bucket);
    if (bucket.tries < 1) return Math.ceil((1 - bucket.tries) * intervalMs);
    bucket.tries -= 1;
    return 0;
  }

  /** Gives the tries of a key back: it has proved to be who it says. */
  forget(key: string): void {
    this.#buckets.delete(key);
  }
}

/**
 * The key under which an address is throttled. One IPv6 customer holds a whole /64, so its first four groups count.
 */
export function throttleKey(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped !== null) return mapped[1] as string;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.replace(/%.*$/, '').split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const after = tail === '' ? [] : tail.split(':');
    while (groups.length + after.length < 8) groups.push('0');
    groups.push(...after);
  }
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
