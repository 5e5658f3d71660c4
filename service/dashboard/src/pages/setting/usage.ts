// Counts over time as a chart takes them: every period has a point, also those in which nothing happened. Pure.

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** One period in `tickEvery` is named on the axis: few enough for a phone. */
export const SPANS = {
  hour: {
    name: '1 hour',
    lead: 'in the last hour',
    lengthMs: HOUR_MS,
    resolution: 'minute',
    periodMs: MINUTE_MS,
    tickEvery: 15,
  },
  day: {
    name: '24 hours',
    lead: 'in the last 24 hours',
    lengthMs: DAY_MS,
    resolution: 'hour',
    periodMs: HOUR_MS,
    tickEvery: 6,
  },
  month: {
    name: '30 days',
    lead: 'in the last 30 days',
    lengthMs: 30 * DAY_MS,
    resolution: 'day',
    periodMs: DAY_MS,
    tickEvery: 7,
  },
} as const;
export type Span = keyof typeof SPANS;

export interface Counted {
  from: string;
  to: string;
  own: { series: { start: string; counts: Record<string, number> }[] } | undefined;
}

const clock = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hour12: false });
const date = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric' });

/** A period's counts by variation, named by its beginning in the reader's zone. */
export interface Point {
  label: string;
  /** The label where the axis has one: at round times, evenly apart. */
  tick: string;
  [variation: string]: string | number;
}

export function chartPoints({ from, to, own }: Counted, span: Span): Point[] {
  const { periodMs, tickEvery } = SPANS[span];
  const known = new Map(own?.series.map(({ start, counts }) => [Date.parse(start), counts]));
  const points: Point[] = [];
  for (let start = Date.parse(from); start < Date.parse(to); start += periodMs) {
    const label = (span === 'month' ? date : clock).format(start);
    const localMs = start - new Date(start).getTimezoneOffset() * MINUTE_MS;
    const hasTick = Math.floor(localMs / periodMs) % tickEvery === 0;
    points.push({ label, tick: hasTick ? label : '', ...known.get(start) });
  }
  return points;
}
