// Counts over time as a chart takes them: every period has a point, also those in which nothing happened. Pure.

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export const SPANS = {
  hour: { name: '1 hour', lead: 'in the last hour', lengthMs: HOUR_MS, resolution: 'minute', periodMs: MINUTE_MS },
  day: { name: '24 hours', lead: 'in the last 24 hours', lengthMs: DAY_MS, resolution: 'hour', periodMs: HOUR_MS },
  month: { name: '30 days', lead: 'in the last 30 days', lengthMs: 30 * DAY_MS, resolution: 'day', periodMs: DAY_MS },
} as const;
export type Span = keyof typeof SPANS;

export interface Counted {
  from: string;
  to: string;
  own: { series: { start: string; counts: Record<string, number> }[] } | undefined;
}

const clock = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hour12: false });
const date = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric' });

/** One point for each period, with a member per variation; named by its beginning in the reader's zone. */
export function chartPoints({ from, to, own }: Counted, span: Span): Record<string, string | number>[] {
  const { periodMs } = SPANS[span];
  const known = new Map(own?.series.map(({ start, counts }) => [Date.parse(start), counts]));
  const points: Record<string, string | number>[] = [];
  for (let start = Date.parse(from); start < Date.parse(to); start += periodMs) {
    const label = (span === 'month' ? date : clock).format(start);
    points.push({ label, ...known.get(start) });
  }
  return points;
}
