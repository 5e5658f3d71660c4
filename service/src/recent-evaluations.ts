// How often each setting was evaluated in each of the last hours, and when it was last. Read period by period, so that
// nothing else waits for long, and kept: what happened before this hour hardly changes any more.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Feed } from './feed.js';
import { KeptBody } from './kept-body.js';
import { PERIODS_MS, periodOf, type Resolution } from './storage/analytics.js';
import type { Database } from './storage/database.js';
import { countPeriod } from './storage/recent-evaluations.js';
import { isoTime } from './time.js';

export const RECENT_HOURS = 24;
export const RECENT_DAYS = 30;
/** How long what was read of the present period, and of those before it, is taken as true. */
const PRESENT_KEPT_MS = 10_000;
const PAST_KEPT_MS = 10 * 60_000;

interface KnownPeriod {
  readonly start: number;
  readonly readAt: number;
  readonly counts: ReadonlyMap<string, number>;
}

/** An answer, and the counts it was made of. */
interface Known {
  readonly periods: readonly KnownPeriod[];
  readonly body: KeptBody;
}

export class RecentEvaluations {
  readonly #database: Database;
  readonly #now: () => number;
  /** By environment, resolution and start; bounded by what is asked for. */
  readonly #periods = new Map<string, KnownPeriod>();
  readonly #known = new Map<string, Known>();

  constructor({ database, feed, now }: { database: Database; feed: Feed; now: () => number }) {
    this.#database = database;
    this.#now = now;
    feed.on('removed', (environment) => this.#known.delete(environment));
  }

  /**
   * `{"from", "settings"}`: the start of the first hour, and by key the `counts` of each hour, the present one last, and
   * the start of the `last` hour, or when that is more than a day ago the last day, in which there was one.
   */
  async read(environment: string): Promise<KeptBody> {
    const now = this.#now();
    const hours = await this.#read(environment, 'hour', RECENT_HOURS, now);
    const days = await this.#read(environment, 'day', RECENT_DAYS, now);
    this.#forget(now);
    const periods = [...hours, ...days];
    const known = this.#known.get(environment);
    if (known?.periods.every((period, index) => period === periods[index])) return known.body;
    const body = new KeptBody(JSON.stringify(together(hours, days)));
    this.#known.set(environment, { periods, body });
    return body;
  }

  /** The last periods, the present one last. */
  async #read(environment: string, resolution: Resolution, count: number, now: number): Promise<KnownPeriod[]> {
    const last = periodOf(now, resolution);
    const periods: KnownPeriod[] = [];
    for (let ago = count - 1; ago >= 0; ago--) {
      periods.push(await this.#period(environment, resolution, last - ago * PERIODS_MS[resolution], now));
    }
    return periods;
  }

  async #period(environment: string, resolution: Resolution, start: number, now: number): Promise<KnownPeriod> {
    const id = `${environment} ${resolution} ${start}`;
    const known = this.#periods.get(id);
    const keptMs = start + PERIODS_MS[resolution] > now ? PRESENT_KEPT_MS : PAST_KEPT_MS;
    if (known !== undefined && Math.abs(now - known.readAt) < keptMs) return known;
    await nextTurn();
    const counts = await countPeriod(this.#database, environment, resolution, start);
    const period = { start, readAt: now, counts };
    this.#periods.set(id, period);
    return period;
  }

  #forget(now: number): void {
    for (const [id, { readAt }] of this.#periods) if (Math.abs(now - readAt) > PAST_KEPT_MS) this.#periods.delete(id);
  }
}

/** Oldest first, so that the last time noted of a setting is the last one. */
function together(hours: readonly KnownPeriod[], days: readonly KnownPeriod[]) {
  const from = (hours[0] as KnownPeriod).start;
  const settings: Record<string, { counts: number[]; last: string }> = Object.create(null);
  const note = (key: string, last: string) => {
    settings[key] ??= { counts: Array<number>(RECENT_HOURS).fill(0), last };
    settings[key].last = last;
    return settings[key];
  };
  for (const { start, counts } of days) {
    const last = isoTime(Math.min(start, from));
    for (const key of counts.keys()) note(key, last);
  }
  for (const [index, { start, counts }] of hours.entries()) {
    const last = isoTime(start);
    for (const [key, count] of counts) note(key, last).counts[index] = count;
  }
  return { from: isoTime(from), settings };
}
