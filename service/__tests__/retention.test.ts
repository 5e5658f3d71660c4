import { Retention, type RetentionOptions } from '../src/retention.js';
import { addCustomEvents, addEvaluations, claimPayloads } from '../src/storage/analytics.js';
import { seeContexts } from '../src/storage/contexts.js';
import { openTestApp, type TestApp } from './support/app.js';

const DAY = 86_400_000;
const NOW = Date.UTC(2030, 5, 15, 12, 30);
const OPTIONS: RetentionOptions = {
  minuteCountDays: 1,
  hourCountDays: 90,
  contextDays: 90,
  payloadIdDays: 1,
  maxContexts: 1000,
  maxChangeLog: 1000,
};

let service: TestApp;

beforeEach(async () => {
  service = await openTestApp();
});

afterEach(() => service.close());

async function run(options: Partial<RetentionOptions> = {}): Promise<void> {
  const { database, log } = service.parts;
  await new Retention({ options: { ...OPTIONS, ...options }, database, log, now: () => NOW }).run();
}

async function resolutionsLeft(table: 'evaluation_counts' | 'custom_counts', start: number): Promise<string[]> {
  const rows = await service.parts.database
    .selectFrom(table)
    .select('resolution')
    .where('start', '>=', start - DAY)
    .where('start', '<=', start)
    .orderBy('resolution')
    .execute();
  return rows.map(({ resolution }) => resolution);
}

describe('retention', () => {
  it('keeps minutes for a day, hours for 90 days and days for ever', async () => {
    const { database } = service.parts;
    const ages = [0, 2 * DAY, 91 * DAY, 5000 * DAY];
    for (const age of ages) {
      await addEvaluations(database, 'production', [
        { start: NOW - age, setting: 'a', variation: 0, version: 1, count: 1 },
      ]);
      await addCustomEvents(database, 'production', [{ start: NOW - age, key: 'buy', count: 1, sum: 1 }]);
    }
    await run();
    for (const table of ['evaluation_counts', 'custom_counts'] as const) {
      const left = await Promise.all(ages.map((age) => resolutionsLeft(table, NOW - age)));
      expect(left).toEqual([['day', 'hour', 'minute'], ['day', 'hour'], ['day'], ['day']]);
    }
  });

  it('forgets payload ids after a day, however many', async () => {
    const { database } = service.parts;
    const old = Array.from({ length: 1200 }, (_, index) => ({
      environment: 'production',
      id: `old-${index}`,
      at: NOW - 2 * DAY + index,
    }));
    await claimPayloads(database, [...old, { environment: 'production', id: 'new', at: NOW - 1000 }]);
    await run();
    expect(await database.selectFrom('payloads').select('id').execute()).toEqual([{ id: 'new' }]);
  });

  it('forgets contexts not seen for 90 days, and the oldest beyond the bound of each kind', async () => {
    const { database } = service.parts;
    const context = (kind: string, key: string, age: number) => ({
      kind,
      key,
      at: NOW - age,
      name: null,
      attributes: '{}',
      companions: {},
    });
    await seeContexts(database, 'production', [
      context('user', 'new', 0),
      context('user', 'newer', 10),
      context('user', 'too-many', 20),
      context('user', 'old', 91 * DAY),
      context('organization', 'acme', 30),
    ]);
    await run({ maxContexts: 2 });
    const left = await database.selectFrom('contexts').select('key').orderBy('key').execute();
    expect(left.map(({ key }) => key)).toEqual(['acme', 'new', 'newer']);
  });

  it('forgets everything of an environment that no longer exists', async () => {
    const { database } = service.parts;
    await addEvaluations(database, 'gone', [{ start: NOW, setting: 'a', variation: 0, version: 1, count: 1 }]);
    await addCustomEvents(database, 'gone', [{ start: NOW, key: 'buy', count: 1, sum: 0 }]);
    await seeContexts(database, 'gone', [
      { kind: 'user', key: 'u', at: NOW, name: null, attributes: null, companions: {} },
    ]);
    await run();
    for (const table of ['evaluation_counts', 'custom_counts', 'contexts'] as const) {
      expect(await database.selectFrom(table).selectAll().execute()).toEqual([]);
    }
  });

  it('trims the change log to its bound', async () => {
    for (const key of ['a', 'b', 'c', 'd']) {
      await service.app.inject({
        method: 'POST',
        url: '/api/v1/settings',
        headers: service.asAdmin,
        payload: { key, type: 'boolean' },
      });
    }
    const { revision } = service.parts.feed.environment('production');
    await run({ maxChangeLog: 2 });
    const left = await service.parts.database.selectFrom('change_log').select('revision').orderBy('revision').execute();
    expect(left.map((row) => row.revision)).toEqual([revision - 1, revision]);
  });
});
