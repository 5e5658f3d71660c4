import { FULL_WEIGHT, type WeightedVariation } from './model.js';

/**
 * Sets one share of a split and gives or takes the difference from the others in proportion, so that the sum stays
 * exactly 100 %. With no weight among the others, the difference is shared evenly.
 *
 * @param weight - In units of 1/100000; cut to 0..100000.
 */
export function setWeight(split: readonly WeightedVariation[], index: number, weight: number): WeightedVariation[] {
  const wanted = split.length === 1 ? FULL_WEIGHT : Math.round(Math.min(FULL_WEIGHT, Math.max(0, weight)));
  const others = split.filter((_, at) => at !== index);
  const before = others.reduce((sum, { weight: share }) => sum + share, 0);
  let left = FULL_WEIGHT - wanted;
  let openBefore = before;
  let openCount = others.length;
  return split.map((entry, at) => {
    if (at === index) return { ...entry, weight: wanted };
    const share = openBefore > 0 ? Math.round((left * entry.weight) / openBefore) : Math.round(left / openCount);
    openBefore -= entry.weight;
    openCount -= 1;
    left -= share;
    return { ...entry, weight: share };
  });
}

/** An even split over some variations; the first ones take what does not divide. */
export function evenSplit(variations: readonly number[]): WeightedVariation[] {
  const share = Math.floor(FULL_WEIGHT / variations.length);
  const rest = FULL_WEIGHT - share * variations.length;
  return variations.map((variation, at) => ({ variation, weight: share + (at < rest ? 1 : 0) }));
}

/** `12.5 %`: a weight as people read it, with at most three decimals. */
export function percent(weight: number): string {
  return `${Number((weight / 1000).toFixed(3))} %`;
}
