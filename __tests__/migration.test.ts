import {
  createClient,
  createMigration,
  type FeatheryClient,
  type MigrationOptions,
  type MigrationStage,
  type MigrationTracker,
} from '../lib/index.js';
import type { FaultServer } from '../lib/testing.js';
import { faultServer, setting, settings } from '../lib/testing.js';

const ada = { key: 'ada' };
const quiet = { error() {}, warn() {}, info() {}, debug() {} };

interface Event {
  kind: string;
  [field: string]: unknown;
}

describe('migration', () => {
  let calls: string[];
  let client: FeatheryClient;
  let reported: ReturnType<MigrationTracker['operation']>[];
  const data = settings();
  const failing = new Set<string>();

  function origin(name: string) {
    return async (payload: string) => {
      calls.push(`${name} ${payload}`);
      if (failing.has(name)) throw new Error(`${name} failed`);
      return name.toLowerCase().includes('new') ? 'N' : 'O';
    };
  }

  function migrate(stage: string, options: Partial<MigrationOptions<string, string, string>> = {}) {
    data.set('m', stage);
    const spy = {
      migrationVariation: client.migrationVariation.bind(client),
      trackMigration: (tracker: MigrationTracker) => {
        reported.push(tracker.operation());
        client.trackMigration(tracker);
      },
    };
    return createMigration<string, string, string>(spy, {
      readOld: origin('readOld'),
      readNew: origin('readNew'),
      writeOld: origin('writeOld'),
      writeNew: origin('writeNew'),
      execution: 'serial',
      latencyTracking: false,
      ...options,
    });
  }

  beforeEach(() => {
    calls = [];
    reported = [];
    failing.clear();
    client = data.client({ logger: quiet });
  });
  afterEach(() => client.close());

  // docs/protocol.md, C.2
  it.each([
    ['off', ['readOld p'], 'O', ['writeOld p'], 'O'],
    ['dualwrite', ['readOld p'], 'O', ['writeOld p', 'writeNew p'], 'O'],
    ['shadow', ['readOld p', 'readNew p'], 'O', ['writeOld p', 'writeNew p'], 'O'],
    ['live', ['readNew p', 'readOld p'], 'N', ['writeNew p', 'writeOld p'], 'N'],
    ['rampdown', ['readNew p'], 'N', ['writeNew p', 'writeOld p'], 'N'],
    ['complete', ['readNew p'], 'N', ['writeNew p'], 'N'],
  ])('in stage %s reads %j for %s and writes %j for %s', async (stage, reads, read, writes, written) => {
    const migration = migrate(stage);
    expect(await migration.read('m', ada, 'off', 'p')).toMatchObject({ success: true, result: read });
    expect(calls.splice(0)).toEqual(reads);
    const result = await migration.write('m', ada, 'off', 'p');
    expect(result.authoritative).toMatchObject({ success: true, result: written });
    expect(result.nonAuthoritative !== undefined).toBe(writes.length === 2);
    expect(calls).toEqual(writes);
  });

  it('takes the default stage for a value that is none', () => {
    data.set('m', 'nonsense');
    expect(client.migrationVariation('m', ada, 'live')).toMatchObject({
      value: 'live',
      variationIndex: null,
      reason: { kind: 'ERROR', errorKind: 'WRONG_TYPE' },
    });
    expect(client.migrationVariation('unknown', ada, 'off').reason.errorKind).toBe('FLAG_NOT_FOUND');
  });

  it('attempts both reads and returns what the authoritative one did, even its failure', async () => {
    failing.add('readNew');
    expect(await migrate('live').read('m', ada, 'off', 'p')).toMatchObject({
      success: false,
      origin: 'new',
      error: expect.objectContaining({ message: 'readNew failed' }),
    });
    expect(calls).toEqual(['readNew p', 'readOld p']);
    expect(reported).toEqual([
      expect.objectContaining({
        measurements: [
          { key: 'invoked', values: { old: true, new: true } },
          { key: 'error', values: { new: true } },
        ],
      }),
    ]);
  });

  it('does not write the second origin when the first has failed', async () => {
    failing.add('writeOld');
    const result = await migrate('dualwrite').write('m', ada, 'off', 'p');
    expect(result).toEqual({ authoritative: { origin: 'old', success: false, error: expect.any(Error) } });
    expect(calls).toEqual(['writeOld p']);
  });

  it('returns the authoritative write whatever the second does', async () => {
    failing.add('writeNew');
    const result = await migrate('dualwrite').write('m', ada, 'off', 'p');
    expect(result.authoritative.success).toBe(true);
    expect(result.nonAuthoritative).toMatchObject({ origin: 'new', success: false });
  });

  it('reads concurrently unless told otherwise', async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const migration = migrate('shadow', {
      execution: 'concurrent',
      readOld: async () => {
        await gate;
        return 'O';
      },
      readNew: async () => {
        release();
        return 'N';
      },
    });
    expect(await migration.read('m', ada, 'off', 'p')).toMatchObject({ result: 'O' });
    const random = migrate('shadow', { execution: 'random' });
    for (let n = 0; n < 50; n++) await random.read('m', ada, 'off', 'p');
    expect(new Set(calls.filter((_, n) => n % 2 === 0))).toEqual(new Set(['readOld p', 'readNew p']));
  });

  it('compares two good reads, and says the ratio of comparison', async () => {
    const check = (a: string, b: string) => a === b;
    await migrate('shadow', { check }).read('m', ada, 'off', 'p');
    expect(measurement('consistent')).toEqual({ key: 'consistent', value: false });
    failing.add('readNew');
    await migrate('shadow', { check }).read('m', ada, 'off', 'p');
    expect(measurement('consistent')).toBeUndefined();
    failing.clear();
    await migrate('off', { check }).read('m', ada, 'off', 'p');
    expect(measurement('consistent')).toBeUndefined();
    const broken = () => {
      throw new Error('no');
    };
    await migrate('shadow', { check: broken }).read('m', ada, 'off', 'p');
    expect(measurement('consistent')).toBeUndefined();
  });

  function measurement(key: string) {
    const operation = reported.at(-1);
    if (typeof operation !== 'object') throw new Error(`no operation: ${operation}`);
    return operation.measurements.find((one) => (one as { key: string }).key === key);
  }

  it('measures durations of all origins invoked', async () => {
    failing.add('readNew');
    await migrate('shadow', { latencyTracking: true }).read('m', ada, 'off', 'p');
    expect(measurement('latency_ms')).toEqual({
      key: 'latency_ms',
      values: { old: expect.any(Number), new: expect.any(Number) },
    });
  });

  it('can leave failures out', async () => {
    failing.add('readOld');
    await migrate('off', { errorTracking: false }).read('m', ada, 'off', 'p');
    expect(measurement('error')).toBeUndefined();
  });

  describe('tracker', () => {
    const track = (change: (tracker: MigrationTracker) => void, user: unknown = ada, key = 'm') => {
      const { tracker } = client.migrationVariation(key, user as typeof ada, 'off');
      change(tracker);
      return tracker.operation();
    };

    const complete = (tracker: MigrationTracker): void => {
      tracker.op('read');
      tracker.invoked('old');
    };
    const completeAnd =
      (change: (tracker: MigrationTracker) => void) =>
      (tracker: MigrationTracker): void => {
        complete(tracker);
        change(tracker);
      };

    it.each([
      ['without its kind', (tracker: MigrationTracker) => tracker.invoked('old'), ada, 'm'],
      ['without an origin', (tracker: MigrationTracker) => tracker.op('read'), ada, 'm'],
      ['with an empty key', complete, ada, ''],
      ['with an invalid user', complete, null, 'm'],
      ['that measured an origin not invoked', completeAnd((tracker) => tracker.error('new')), ada, 'm'],
      ['that timed an origin not invoked', completeAnd((tracker) => tracker.latency('new', 1)), ada, 'm'],
      ['that compared an origin not invoked', completeAnd((tracker) => tracker.consistency(() => true)), ada, 'm'],
    ])('has no event for an operation %s', (_name, change, user, key) => {
      data.set('m', 'off');
      expect(typeof track(change, user, key)).toBe('string');
      expect(typeof track(complete)).toBe('object');
    });
  });

  describe('over the wire', () => {
    let server: FaultServer;
    let wired: FeatheryClient;
    afterEach(async () => {
      await wired.close();
      await server.close();
    });

    it('is one event with the fields of the protocol and no others', async () => {
      const stages: MigrationStage[] = ['off', 'shadow'];
      server = await faultServer({ settings: settings({ m: setting(...stages).serve('shadow') }) });
      wired = createClient(server.sdkKey, { serviceUri: server.uri, diagnosticOptOut: true, logger: quiet });
      await wired.waitForInitialization({ timeoutMs: 5000 });
      const migration = createMigration(wired, {
        readOld: () => 1,
        readNew: () => 1,
        writeOld() {},
        writeNew() {},
        check: (a, b) => a === b,
        latencyTracking: false,
      });
      await migration.read('m', ada, 'off', undefined);
      await wired.flush();
      const events = server.events as Event[];
      expect(events.find(({ kind }) => kind === 'migration_op')).toEqual({
        kind: 'migration_op',
        operation: 'read',
        creationDate: expect.any(Number),
        context: { kind: 'user', key: 'ada' },
        evaluation: {
          key: 'm',
          value: 'shadow',
          default: 'off',
          variation: 1,
          version: expect.any(Number),
          reason: { kind: 'FALLTHROUGH' },
        },
        measurements: [
          { key: 'invoked', values: { old: true, new: true } },
          { key: 'consistent', value: true },
        ],
      });
      expect(events.map(({ kind }) => kind).sort()).toEqual(['index', 'migration_op', 'summary']);
    });
  });
});
