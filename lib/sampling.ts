/**
 * Decides by chance whether one of N is taken.
 *
 * @param ratio - N. Its integer part counts: 1 is always; 0, a negative number and what is no number are never.
 *   Absent counts as 1.
 * @param random - Gives numbers from 0 up to, not including, 1. Not called where chance decides nothing.
 * @see docs/protocol.md, section 6.9
 */
export function isSampled(ratio: number | null | undefined, random: () => number): boolean {
  const one = Math.trunc(ratio ?? 1);
  if (one === 1) return true;
  return one > 1 && random() * one < 1;
}
