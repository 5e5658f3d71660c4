import { Tally } from '../src/analytics.js';
import { Ingest, type IngestOptions } from '../src/ingest.js';
import { openTestApp, type TestApp } from './support/app.js';

const NOW = Date.UTC(2030, 0, 15, 12, 30, 20);
const OPTIONS: IngestOptions = { ingestWindowMs: 5, maxIngestBytes: 10_000, maxUnknownKeys: 100 };

let service: TestApp;
let now: number;
let stored: Tally[];
let storedIn: string[];

beforeEach(async () => {
  service = await openTestApp();
  now = NOW;
  stored = [];
  storedIn = [];
});

afterEach(() => service.close());

function ingestOn(database = service.parts.database, options: Partial<IngestOptions> = {}): Ingest {
  return new Ingest({
    options: { ...OPTIONS, ...options },
    database,
    now: () => now,
    log: service.parts.log,
    isSetting: () => true,
    onStored: (environment, tally) => {
      storedIn.push(environment);
      stored.push(tally);
    },
  });
}

function payload(id: string | undefined, ...events: object[]) {
  const tally = new Tally();
  for (const event of events) tally.add(event, { receivedAt: now, maxAgeMs: 86_400_000 });
  return { environment: 'production', id, bytes: 100, tally };
}

const evaluations = (setting: string, count = 1) => ({
  kind: 'summary',
  endDate: now,
  features: { [setting]: { counters: [{ variation: 0, version: 1, count }] } },
});
const index = (key: string, attributes = {}) => ({
  kind: 'index',
  creationDate: now,
  context: { kind: 'user', key, ...attributes },
});

describe('ingest', () => {
  it('stores payloads that come together in one transaction', async () => {
    const ingest = ingestOn();
    await Promise.all(
      Array.from({ length: 50 }, (_, number) => ingest.store(payload(`p-${number}`, evaluations('a')))),
    );
    expect(ingest.counts).toMatchObject({ commits: 1, payloads: 50, duplicates: 0, events: 50 });
  });

  it('splits what would make a transaction too long', async () => {
    const ingest = ingestOn();
    const large = (id: string) =>
      payload(id, ...Array.from({ length: 900 }, (_, number) => evaluations(`${id}-${number}`)));
    await Promise.all(['a', 'b', 'c'].map((id) => ingest.store(large(id))));
    expect(ingest.counts.commits).toBe(3);
  });

  it('tells what was stored, without what was counted before', async () => {
    const ingest = ingestOn();
    await ingest.store(payload('p', evaluations('a', 2)));
    await ingest.store(payload('p', evaluations('a', 2)));
    expect(stored.flatMap(({ evaluations }) => [...evaluations.values()])).toMatchObject([{ setting: 'a', count: 2 }]);
    expect(ingest.counts.duplicates).toBe(1);
  });

  it('counts each payload once that comes beside others, twice at the same time or after it was stored', async () => {
    const ingest = ingestOn();
    await ingest.store(payload('before', evaluations('a', 1)));
    await Promise.all(
      ['before', 'twice', 'twice', 'new', undefined, undefined].map((id) =>
        ingest.store(payload(id, evaluations('a', 10))),
      ),
    );
    expect(ingest.counts).toMatchObject({ commits: 2, payloads: 5, duplicates: 2 });
    const rows = await service.parts.database.selectFrom('evaluation_counts').select('count').execute();
    expect(rows.map(({ count }) => count)).toEqual([41, 41, 41]);
  });

  it('stores environments in the same order, whichever comes first', async () => {
    const ingest = ingestOn();
    const environments = ['staging', 'production', 'test'];
    await Promise.all(
      environments.map((environment) => ingest.store({ ...payload(undefined, evaluations('a')), environment })),
    );
    expect(storedIn).toEqual(['production', 'staging', 'test']);
    expect(ingest.counts.commits).toBe(1);
  });

  it('writes a context anew when it changed or after a minute, and not for every event', async () => {
    const ingest = ingestOn();
    const lastSeen = async () =>
      (await service.parts.database.selectFrom('contexts').selectAll().executeTakeFirstOrThrow()).last_seen;
    await ingest.store(payload('1', index('u', { plan: 'gold' })));
    now += 1000;
    await ingest.store(payload('2', index('u', { plan: 'gold' })));
    expect(await lastSeen()).toBe(NOW);
    await ingest.store(payload('3', index('u', { plan: 'silver' })));
    expect(await lastSeen()).toBe(NOW + 1000);
    now += 61_000;
    await ingest.store(payload('4', index('u', { plan: 'silver' })));
    expect(await lastSeen()).toBe(NOW + 62_000);
  });

  it('refuses what is beyond the bound of what may wait, and forgets what was stored', async () => {
    const ingest = ingestOn(undefined, { maxIngestBytes: 150 });
    const first = ingest.store(payload('1', evaluations('a')));
    expect(() => ingest.store(payload('2', evaluations('a')))).toThrow(expect.objectContaining({ code: 'busy' }));
    await first;
    await ingest.store(payload('2', evaluations('a')));
    expect(ingest.counts.refused).toBe(1);
  });

  it('stores what is waiting when it closes', async () => {
    const ingest = ingestOn();
    const waiting = ingest.store(payload('1', evaluations('a')));
    await ingest.close();
    await waiting;
    expect(ingest.counts.payloads).toBe(1);
  });

  it('does not let a payload the database cannot take cost the others theirs', async () => {
    const ingest = ingestOn();
    const broken = payload('broken', evaluations('a'));
    // A value no column takes; `Tally` lets none through.
    broken.tally.evaluations.set('x', { start: 0, setting: null as never, variation: 0, version: 1, count: 1 });
    const results = await Promise.allSettled([ingest.store(payload('good', evaluations('b'))), ingest.store(broken)]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(ingest.waitingBytes).toBe(0);
  });
});

describe('what is counted here', () => {
  const totals = async () =>
    (
      await service.parts.database.selectFrom('evaluation_counts').selectAll().where('resolution', '=', 'day').execute()
    ).map(({ setting, count }) => [setting, count]);

  it('is stored together when its time has come', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'Date', 'performance'] });
    const ingest = ingestOn();
    for (let evaluation = 0; evaluation < 3; evaluation++) ingest.note('production', evaluations('a'));
    expect(await totals()).toEqual([]);
    await jest.advanceTimersByTimeAsync(5_100);
    jest.useRealTimers();
    await ingest.close();
    expect(await totals()).toEqual([['a', 3]]);
    expect(ingest.counts.commits).toBe(1);
  });

  it('is stored when the service closes', async () => {
    const ingest = ingestOn();
    ingest.note('production', evaluations('a'));
    await ingest.close();
    expect(await totals()).toEqual([['a', 1]]);
  });
});
