import { chartPoints } from '../../dashboard/src/pages/setting/usage.js';

const MINUTE_MS = 60_000;
const FROM = Date.UTC(2026, 0, 2, 11, 57);
const found = (minutes: number, series: { start: string; counts: Record<string, number> }[]) => ({
  from: new Date(FROM).toISOString(),
  to: new Date(FROM + minutes * MINUTE_MS).toISOString(),
  own: { series },
});

describe('the points of a chart', () => {
  it('are one for each period, also where nothing happened', () => {
    const start = new Date(FROM + MINUTE_MS).toISOString();
    const points = chartPoints(found(3, [{ start, counts: { 0: 7 } }]), 'hour');
    expect(points.map((point) => point[0])).toEqual([undefined, 7, undefined]);
  });

  it('have their ticks at round times, evenly apart', () => {
    const points = chartPoints(found(60, []), 'hour');
    const ticks = points.flatMap(({ tick }, index) => (tick === '' ? [] : [index]));
    expect(ticks).toEqual([3, 18, 33, 48]);
    for (const index of ticks) expect(points[index]?.tick).toMatch(/:(00|15|30|45)$/);
  });
});
