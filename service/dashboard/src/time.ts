// Times as people read them. Pure: the present is passed in.

const UNITS: readonly [Intl.RelativeTimeFormatUnit, ms: number][] = [
  ['year', 31_536_000_000],
  ['month', 2_592_000_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const exact = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'long' });

/** `3 minutes ago`, `in 2 days`, `just now` within a minute. */
export function relativeTime(at: Date, now: number): string {
  const difference = at.getTime() - now;
  for (const [unit, ms] of UNITS) {
    if (Math.abs(difference) >= ms) return relative.format(Math.trunc(difference / ms), unit);
  }
  return 'just now';
}

/** Date and time to the second, in the reader's zone. */
export function exactTime(at: Date): string {
  return exact.format(at);
}
