import {
  addCustomEvents,
  addEvaluations,
  claimPayloads,
  deleteOldestPeriod,
  deleteOldPayloads,
  listCountedEnvironments,
  readCustomEvents,
  readEvaluations,
} from '../../src/storage/analytics.js';
import { describeEachDatabase } from '../support/databases.js';

const DAY = 86_400_000;
const NOON = Date.UTC(2030, 0, 15, 12);
const count = (setting: string, fields = {}) => ({
  start: NOON,
  setting,
  variation: 0,
  version: 1,
  count: 1,
  ...fields,
});
async function read(...query: Parameters<typeof readEvaluations>) {
  const pages = [];
  for await (const page of readEvaluations(...query)) pages.push(page);
  return pages.flat();
}

const range = (resolution: 'minute' | 'hour' | 'day') => ({
  environment: 'production',
  resolution,
  from: NOON - DAY / 2,
  to: NOON + DAY,
});

describeEachDatabase('analytics', ({ open }) => {
  it('claims each payload once per environment', async () => {
    const database = await open();
    const payload = (id: string, environment = 'production') => ({ environment, id, at: NOON });
    expect([...(await claimPayloads(database, [payload('a'), payload('b')]))].sort()).toEqual([
      'production a',
      'production b',
    ]);
    expect([...(await claimPayloads(database, [payload('b'), payload('c'), payload('b', 'staging')]))].sort()).toEqual([
      'production c',
      'staging b',
    ]);
  });

  it('forgets old payload ids some at a time', async () => {
    const database = await open();
    await claimPayloads(
      database,
      Array.from({ length: 25 }, (_, index) => ({ environment: 'e', id: `${index}`, at: index })),
    );
    expect(await deleteOldPayloads(database, 20, 10)).toBe(true);
    expect(await deleteOldPayloads(database, 20, 10)).toBe(true);
    expect(await deleteOldPayloads(database, 20, 10)).toBe(false);
    expect(await database.selectFrom('payloads').select('at').orderBy('at').execute()).toEqual(
      [20, 21, 22, 23, 24].map((at) => ({ at })),
    );
  });

  it('adds to what was counted before, in every resolution, beyond 32 bits', async () => {
    const database = await open();
    const many = 3_000_000_000;
    await addEvaluations(database, 'production', [count('a', { count: many }), count('a', { start: NOON + 60_000 })]);
    await addEvaluations(database, 'production', [count('a', { count: many })]);
    const counts = async (resolution: 'minute' | 'hour' | 'day') =>
      (await read(database, range(resolution))).map((row) => row.count);
    expect(await counts('minute')).toEqual([2 * many, 1]);
    expect(await counts('hour')).toEqual([2 * many + 1]);
    expect(await counts('day')).toEqual([2 * many + 1]);
  });

  it('stores more rows than one statement takes', async () => {
    const database = await open();
    await addEvaluations(
      database,
      'production',
      Array.from({ length: 1200 }, (_, index) => count(`s-${index}`)),
    );
    expect(await read(database, range('day'))).toHaveLength(1200);
  });

  it('reads one setting or all, of one environment, within the time asked for', async () => {
    const database = await open();
    await addEvaluations(database, 'production', [count('a'), count('b'), count('a', { start: NOON - 3 * DAY })]);
    await addEvaluations(database, 'staging', [count('a')]);
    const settings = async (only?: string) =>
      (await read(database, range('hour'), only)).map(({ setting }) => setting).sort();
    expect(await settings()).toEqual(['a', 'b']);
    expect(await settings('b')).toEqual(['b']);
  });

  it('reads each count once, however many pages they take', async () => {
    const database = await open();
    const counts = ['a', 'b', 'c'].flatMap((setting) =>
      Array.from({ length: 1500 }, (_, version) => count(setting, { version, start: NOON + (version % 3) * 60_000 })),
    );
    await addEvaluations(database, 'production', counts);
    const ids = (rows: { start: number; setting: string; version: number }[]) =>
      new Set(rows.map(({ start, setting, version }) => `${start} ${setting} ${version}`));
    const all = await read(database, range('minute'));
    expect([all.length, ids(all)]).toEqual([4500, ids(counts)]);
    const one = await read(database, { ...range('minute'), from: NOON, to: NOON + 3 * 60_000 }, 'b');
    expect([one.length, ids(one).size]).toEqual([1500, 1500]);
  });

  it('adds up more custom events than are read in one go', async () => {
    const database = await open();
    const [keys, minutes] = [500, 90];
    for (let minute = 0; minute < minutes; minute++) {
      const start = NOON + minute * 60_000;
      const events = Array.from({ length: keys }, (_, key) => ({ start, key: `k-${key}`, count: 1 + key, sum: 2 }));
      await addCustomEvents(database, 'production', events);
    }
    const sums = await readCustomEvents(database, range('minute'), 1000);
    expect(sums).toHaveLength(keys);
    expect(sums[0]).toEqual({ key: 'k-499', count: 500 * minutes, sum: 2 * minutes });
    expect(sums.at(-1)).toEqual({ key: 'k-0', count: minutes, sum: 2 * minutes });
  });

  it('adds custom events up, the most frequent first', async () => {
    const database = await open();
    await addCustomEvents(database, 'production', [{ start: NOON, key: 'visit', count: 5, sum: 0 }]);
    await addCustomEvents(database, 'production', [
      { start: NOON, key: 'buy', count: 2, sum: 0.5 },
      { start: NOON + 3_600_000, key: 'buy', count: 1, sum: 99 },
    ]);
    expect(await readCustomEvents(database, range('hour'), 10)).toEqual([
      { key: 'visit', count: 5, sum: 0 },
      { key: 'buy', count: 3, sum: 99.5 },
    ]);
  });

  it('deletes one period at a time, the oldest first', async () => {
    const database = await open();
    await addEvaluations(database, 'production', [
      count('a', { start: NOON - DAY }),
      count('a', { start: NOON - DAY / 2 }),
      count('a'),
    ]);
    const next = { environment: 'production', resolution: 'hour', before: NOON } as const;
    expect(await deleteOldestPeriod(database, 'evaluation_counts', next)).toBe(true);
    expect(await deleteOldestPeriod(database, 'evaluation_counts', next)).toBe(true);
    expect(await deleteOldestPeriod(database, 'evaluation_counts', next)).toBe(false);
    expect(await read(database, range('hour'))).toHaveLength(1);
  });

  it('names every environment that has counts', async () => {
    const database = await open();
    for (const environment of ['b', 'a', 'c']) await addEvaluations(database, environment, [count('x'), count('y')]);
    expect(await listCountedEnvironments(database, 'evaluation_counts')).toEqual(['a', 'b', 'c']);
    expect(await listCountedEnvironments(database, 'custom_counts')).toEqual([]);
  });
});
