import { sql } from 'kysely';
import { addEvaluations } from '../../src/storage/analytics.js';
import { openTestApp, type TestApp } from '../support/app.js';

const DAY = 86_400_000;
const NOW = Date.UTC(2030, 0, 15, 12, 30);

let service: TestApp;

beforeAll(async () => {
  service = await openTestApp({ now: () => NOW });
  const count = (setting: string, start: number, fields = {}) => ({
    setting,
    start,
    variation: 0,
    version: 1,
    count: 1,
    ...fields,
  });
  await addEvaluations(service.parts.database, 'production', [
    count('a', NOW),
    count('a', NOW - DAY / 2, { variation: -1, version: -1, count: 4 }),
    count('a', NOW - 30 * DAY),
    count('b', NOW, { count: 9 }),
  ]);
});

afterAll(() => service.close());

async function analytics(query: Record<string, string> = {}) {
  const url = `/api/v1/environments/production/analytics?${new URLSearchParams(query)}`;
  const answer = await service.app.inject({ url, headers: service.asAdmin });
  return answer.json();
}

describe('GET analytics', () => {
  it('is about the last day unless told otherwise, the most evaluated setting first', async () => {
    const answer = await analytics();
    expect(answer).toMatchObject({
      from: '2030-01-14T12:00:00.000Z',
      to: '2030-01-15T12:30:00.000Z',
      resolution: 'hour',
      settings: [
        { key: 'b', total: 9 },
        { key: 'a', total: 5 },
      ],
    });
  });

  it('tells what the caller served itself under null and "default"', async () => {
    const { settings } = await analytics({ setting: 'a' });
    expect(settings).toEqual([
      {
        key: 'a',
        total: 5,
        byVariation: [
          { variation: 0, count: 1 },
          { variation: null, count: 4 },
        ],
        byVersion: [
          { version: 1, count: 1 },
          { version: null, count: 4 },
        ],
        series: [
          { start: '2030-01-15T00:00:00.000Z', counts: { default: 4 } },
          { start: '2030-01-15T12:00:00.000Z', counts: { 0: 1 } },
        ],
      },
    ]);
  });

  it.each([
    [5 * 3_600_000, 'minute'],
    [7 * DAY, 'hour'],
    [60 * DAY, 'day'],
  ])('chooses the resolution by the length of the time: %d ms → %s', async (spanMs, resolution) => {
    const answer = await analytics({ from: new Date(NOW - spanMs).toISOString() });
    expect(answer.resolution).toBe(resolution);
  });

  it('reaches back as far as days are kept', async () => {
    const { settings } = await analytics({ setting: 'a', from: '2020-01-01T00:00:00Z', to: '2024-01-01T00:00:00Z' });
    expect(settings).toEqual([]);
    const [a] = (await analytics({ setting: 'a', from: '2029-12-01T00:00:00Z' })).settings;
    expect(a.total).toBe(6);
  });

  it.each([
    ['a time that is none', { from: 'yesterday' }],
    ['a time that ends before it begins', { from: '2030-01-02T00:00:00Z', to: '2030-01-01T00:00:00Z' }],
    ['more periods than one answer holds', { from: '2020-01-01T00:00:00Z', resolution: 'minute' }],
    ['a resolution there is not', { resolution: 'second' }],
  ])('answers 400 to %s', async (_what, query) => {
    expect(await analytics(query)).toMatchObject({ status: 400, code: 'invalid_request' });
  });

  it('lets others have their turn while it reads and writes very much', async () => {
    const [settings, hours] = [4_500, 20];
    const first = sql.lit(NOW - 60 * DAY - 30 * 60_000);
    const many = sql.lit(settings);
    await sql`
      insert into evaluation_counts (environment, resolution, start, setting, variation, version, count)
      with recursive n(i) as (select 0 union all select i + 1 from n where i < ${sql.lit(settings * hours - 1)})
      select 'production', 'hour', ${first} + i / ${many} * 3600000, 's-' || (i % ${many}), 0, 1, 1
      from n
    `.execute(service.parts.database);
    let turns = 0;
    let isDone = false;
    const takeTurns = () => {
      turns++;
      if (!isDone) setImmediate(takeTurns);
    };
    takeTurns();
    const answer = await analytics({
      from: new Date(NOW - 61 * DAY).toISOString(),
      to: new Date(NOW - 50 * DAY).toISOString(),
    });
    isDone = true;
    expect(answer.settings).toHaveLength(settings);
    expect(answer.settings[0]).toMatchObject({ total: hours, series: { length: hours } });
    // One after every 2,000 rows, and one after every 2,000 points.
    expect(turns).toBeGreaterThan((2 * settings * hours) / 2_000);
  });

  it('answers 404 for an environment there is not', async () => {
    const answer = await service.app.inject({ url: '/api/v1/environments/none/analytics', headers: service.asAdmin });
    expect(answer.json()).toMatchObject({ status: 404, code: 'environment_not_found' });
  });
});
