/** @param share - From 0 to 1. The values need not be in order. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** Counts durations in steps of 1 %, so that millions of them need no memory and several processes can be added up. */
export class Durations {
  static readonly #STEP = Math.log(1.01);
  readonly #counts: number[];

  constructor(counts: readonly number[] = []) {
    this.#counts = [...counts];
  }

  get size(): number {
    return this.#counts.reduce((sum, count) => sum + (count ?? 0), 0);
  }

  /** @param value - In any unit; below 1 counts as 1. */
  add(value: number): void {
    const slot = Math.floor(Math.log(Math.max(1, value)) / Durations.#STEP);
    while (this.#counts.length <= slot) this.#counts.push(0);
    this.#counts[slot] = (this.#counts[slot] as number) + 1;
  }

  merge(counts: readonly number[]): void {
    counts.forEach((count, slot) => {
      while (this.#counts.length <= slot) this.#counts.push(0);
      this.#counts[slot] = (this.#counts[slot] as number) + count;
    });
  }

  percentile(share: number): number {
    let left = share * this.size;
    for (const [slot, count] of this.#counts.entries()) {
      left -= count;
      if (left <= 0 && count > 0) return Math.exp((slot + 0.5) * Durations.#STEP);
    }
    return this.#counts.length === 0 ? Number.NaN : Math.exp(this.#counts.length * Durations.#STEP);
  }

  toJSON(): number[] {
    return this.#counts;
  }
}
