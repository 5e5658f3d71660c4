// How often each setting was evaluated in each of the last hours, and when it was last. Read period by period, so that
// nothing else waits for long, and kept: what happened before this hour hardly changes any more.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { PERIODS_MS, periodOf, type Resolution } from './storage/analytics.js';
import type { Database } from './storage/database.js';
import { countPeriod } from './storage/recent-evaluations.js';

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

export interface RecentEvaluation {
  /** Of each of the last hours, the present one last. */
  readonly counts: number[];
  /** Start of the last hour, or when that is more than a day ago the last day, in which there was one. */
  last: number;
}

export interface RecentEvaluationsAnswer {
  /** Start of the first hour. */
  readonly from: number;
  readonly settings: Map<string, RecentEvaluation>;
}

export class RecentEvaluations {
  readonly #database: Database;
  readonly #now: () => number;
  /** By environment, resolution and start; bounded by what is asked for. */
  readonly #periods = new Map<string, KnownPeriod>();

  constructor({ database, now }: { database: Database; now: () => number }) {
    this.#database = database;
    this.#now = now;
  }

  async read(environment: string): Promise<RecentEvaluationsAnswer> {
    const now = this.#now();
    const hours = periods(now, 'hour', RECENT_HOURS);
    const settings = new Map<string, RecentEvaluation>();
    const note = (key: string, at: number) => {
      const known = settings.get(key) ?? { counts: Array<number>(RECENT_HOURS).fill(0), last: 0 };
      known.last = Math.max(known.last, at);
      settings.set(key, known);
      return known;
    };
    for (const [index, start] of hours.entries()) {
      for (const [key, count] of await this.#period(environment, 'hour', start, now)) {
        note(key, start).counts[index] = count;
      }
    }
    const from = hours[0] as number;
    for (const start of periods(now, 'day', RECENT_DAYS)) {
      for (const key of (await this.#period(environment, 'day', start, now)).keys()) note(key, Math.min(start, from));
    }
    this.#forget(now);
    return { from, settings };
  }

  async #period(
    environment: string,
    resolution: Resolution,
    start: number,
    now: number,
  ): Promise<ReadonlyMap<string, number>> {
    const id = `${environment} ${resolution} ${start}`;
    const known = this.#periods.get(id);
    const keptMs = start + PERIODS_MS[resolution] > now ? PRESENT_KEPT_MS : PAST_KEPT_MS;
    if (known !== undefined && now - known.readAt < keptMs) return known.counts;
    await nextTurn();
    const counts = await countPeriod(this.#database, environment, resolution, start);
    this.#periods.set(id, { start, readAt: now, counts });
    return counts;
  }

  #forget(now: number): void {
    for (const [id, { readAt }] of this.#periods) if (now - readAt > PAST_KEPT_MS) this.#periods.delete(id);
  }
}

/** Starts of the last periods, the present one last. */
function periods(now: number, resolution: Resolution, count: number): number[] {
  const last = periodOf(now, resolution);
  return Array.from({ length: count }, (_, index) => last - (count - 1 - index) * PERIODS_MS[resolution]);
}
