// Counts as people look at them: for each setting its total, what was served, and how it went over time. Added up a page at
// a time, and told one setting at a time, as there may be a hundred thousand points.
import { NONE } from './analytics.js';
import type { PeriodCount } from './storage/analytics.js';
import { isoTime } from './time.js';

export interface SettingSeries {
  readonly key: string;
  readonly total: number;
  /** Rising; null, for the caller's default value, comes last. */
  readonly byVariation: { readonly variation: number | null; readonly count: number }[];
  /** Rising; null, for a setting that was not known, comes last. */
  readonly byVersion: { readonly version: number | null; readonly count: number }[];
  readonly series: { readonly start: string; readonly counts: Readonly<Record<string, number>> }[];
}

class SettingSums {
  readonly key: string;
  total = 0;
  readonly byVariation = new Map<number, number>();
  readonly byVersion = new Map<number, number>();
  readonly series = new Map<number, Record<string, number>>();

  constructor(key: string) {
    this.key = key;
  }

  add({ start, variation, version, count }: PeriodCount): void {
    this.total += count;
    this.byVariation.set(variation, (this.byVariation.get(variation) ?? 0) + count);
    this.byVersion.set(version, (this.byVersion.get(version) ?? 0) + count);
    const name = variation === NONE ? 'default' : String(variation);
    const point = this.series.get(start);
    if (point === undefined) this.series.set(start, { [name]: count });
    else point[name] = (point[name] ?? 0) + count;
  }

  told(): SettingSeries {
    return {
      key: this.key,
      total: this.total,
      byVariation: inOrder(this.byVariation).map(([variation, count]) => ({ variation, count })),
      byVersion: inOrder(this.byVersion).map(([version, count]) => ({ version, count })),
      series: [...this.series].map(([start, counts]) => ({ start: isoTime(start), counts })),
    };
  }
}

export class EvaluationSeries {
  readonly #settings = new Map<string, SettingSums>();

  add(counts: readonly PeriodCount[]): void {
    for (const count of counts) {
      let sums = this.#settings.get(count.setting);
      if (sums === undefined) {
        sums = new SettingSums(count.setting);
        this.#settings.set(count.setting, sums);
      }
      sums.add(count);
    }
  }

  /** The settings that were evaluated, the most evaluated first. */
  *told(): Generator<SettingSeries> {
    for (const sums of [...this.#settings.values()].sort((a, b) => b.total - a.total)) yield sums.told();
  }
}

/** By number, "none" as null and last. */
function inOrder(sums: ReadonlyMap<number, number>): [number | null, number][] {
  const known = [...sums].filter(([value]) => value !== NONE).sort(([a], [b]) => a - b);
  const none = sums.get(NONE);
  return none === undefined ? known : [...known, [null, none]];
}
