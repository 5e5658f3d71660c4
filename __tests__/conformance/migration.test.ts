// docs/protocol.md, Appendix C, as an application and a service see it.
import { createMigration, type MigrationStage } from 'feathery-server-sdk';
import { flushed, Outsider, ofKind, type Received, serving } from '../support/outsider.js';

const ALICE = { kind: 'user', key: 'alice' };
const STAGES: readonly MigrationStage[] = ['off', 'dualwrite', 'shadow', 'live', 'rampdown', 'complete'];

const stage = (value: unknown, fields = {}) => serving(value, { version: 9, ...fields });
const operations = (events: Received[]) => ofKind(events, 'migration_op');
const measured = (operation: Received) =>
  Object.fromEntries(operation.measurements.map(({ key, ...rest }: Received) => [key, rest]));

describe('a migration', () => {
  let outside: Outsider;

  beforeEach(() => {
    outside = new Outsider();
  });

  afterEach(async () => {
    await outside.close();
  });

  /** Both ways, recording the order in which they are called. */
  async function migrating(setting: object, options: object = {}) {
    const { client, server } = await outside.connected({ 'move-orders': setting });
    const calls: string[] = [];
    const way = (name: string) => (payload: unknown) => {
      calls.push(`${name} ${payload}`);
      return name;
    };
    const migration = createMigration<unknown, unknown, unknown>(client, {
      readOld: way('read old'),
      readNew: way('read new'),
      writeOld: way('write old'),
      writeNew: way('write new'),
      execution: 'serial',
      ...options,
    });
    return { client, server, calls, migration };
  }

  describe('stage (C.1)', () => {
    it.each(STAGES)('is %s as the setting says, with a tracker', async (value) => {
      const { client } = await outside.connected({ 'move-orders': stage(value) });
      const detail = client.migrationVariation('move-orders', ALICE, 'off');
      expect(detail).toMatchObject({ value, variationIndex: 0, reason: { kind: 'FALLTHROUGH' } });
      expect(detail.tracker).toBeDefined();
    });

    it.each(['done', '', 5, null, true])('is the default where the value is %j', async (value) => {
      const { client, server } = await outside.connected({ 'move-orders': stage(value, { trackEvents: true }) });
      const { tracker, ...detail } = client.migrationVariation('move-orders', ALICE, 'live');
      expect(detail).toEqual({
        value: 'live',
        variationIndex: null,
        reason: { kind: 'ERROR', errorKind: 'WRONG_TYPE' },
      });
      tracker.op('write');
      tracker.invoked('new');
      client.trackMigration(tracker);
      const events = await flushed(client, server);
      expect(events.map(({ kind }) => kind)).toEqual(['index', 'feature', 'migration_op', 'summary']);
      expect(operations(events)[0].evaluation).toEqual({
        key: 'move-orders',
        value: 'live',
        default: 'live',
        version: 9,
        reason: { kind: 'ERROR', errorKind: 'WRONG_TYPE' },
      });
    });

    it('is counted as the string it is, although it is no stage', async () => {
      const hook = { getMetadata: () => ({ name: 'h' }), afterEvaluation: jest.fn() };
      const { client, server } = await outside.connected({ 'move-orders': stage('done', { trackEvents: true }) });
      client.addHook(hook);
      client.migrationVariation('move-orders', ALICE, 'live');
      const wrongType = { value: 'live', variationIndex: null, reason: { kind: 'ERROR', errorKind: 'WRONG_TYPE' } };
      expect(hook.afterEvaluation).toHaveBeenCalledWith(expect.anything(), {}, wrongType);
      const [, feature, summary] = await flushed(client, server);
      expect(feature).toMatchObject({ value: 'done', variation: 0, reason: { kind: 'FALLTHROUGH' } });
      expect(summary.features['move-orders'].counters).toEqual([{ variation: 0, version: 9, value: 'done', count: 1 }]);
    });

    it('gives the ordinary events', async () => {
      const { client, server } = await outside.connected({ 'move-orders': stage('shadow', { trackEvents: true }) });
      client.migrationVariation('move-orders', ALICE, 'off');
      const events = await flushed(client, server);
      expect(events.map(({ kind }) => kind)).toEqual(['index', 'feature', 'summary']);
      expect(events[1]).toMatchObject({ value: 'shadow', default: 'off', reason: { kind: 'FALLTHROUGH' } });
    });
  });

  describe('calls (C.2)', () => {
    const reads: Record<MigrationStage, [string[], string]> = {
      off: [['old'], 'old'],
      dualwrite: [['old'], 'old'],
      shadow: [['old', 'new'], 'old'],
      live: [['new', 'old'], 'new'],
      rampdown: [['new'], 'new'],
      complete: [['new'], 'new'],
    };
    const writes: Record<MigrationStage, string[]> = {
      off: ['old'],
      dualwrite: ['old', 'new'],
      shadow: ['old', 'new'],
      live: ['new', 'old'],
      rampdown: ['new', 'old'],
      complete: ['new'],
    };

    it.each(STAGES)('the origins of %s, with the payload', async (value) => {
      const { client, server, calls, migration } = await migrating(stage(value));
      const [origins, authoritative] = reads[value];
      const read = await migration.read('move-orders', ALICE, 'off', 'payload');
      expect(calls).toEqual(origins.map((origin) => `read ${origin} payload`));
      expect(read).toEqual({ origin: authoritative, success: true, result: `read ${authoritative}` });
      calls.length = 0;
      const { authoritative: written, nonAuthoritative } = await migration.write(
        'move-orders',
        ALICE,
        'off',
        'payload',
      );
      expect(calls).toEqual(writes[value].map((origin) => `write ${origin} payload`));
      expect(written).toEqual({ origin: writes[value][0], success: true, result: `write ${writes[value][0]}` });
      expect(nonAuthoritative?.origin).toBe(writes[value][1]);
      const [readOperation, writeOperation] = operations(await flushed(client, server));
      const invoked = (names: string[]) => ({ values: Object.fromEntries(names.map((name) => [name, true])) });
      expect(measured(readOperation).invoked).toEqual(invoked(origins));
      expect(measured(writeOperation).invoked).toEqual(invoked(writes[value]));
      expect([readOperation.operation, writeOperation.operation]).toEqual(['read', 'write']);
      expect(measured(writeOperation)).not.toHaveProperty('consistent');
    });

    it.each(['serial', 'random', 'concurrent'] as const)('both readers, although one fails, %s', async (execution) => {
      const failing = () => {
        throw new Error('down');
      };
      const { calls, migration } = await migrating(stage('live'), { execution, readNew: failing });
      const result = await migration.read('move-orders', ALICE, 'off', 1);
      expect(result).toMatchObject({ origin: 'new', success: false, error: expect.any(Error) });
      expect(calls).toEqual(['read old 1']);
      const other = await migrating(stage('shadow'), { execution, readNew: () => Promise.reject(new Error('down')) });
      expect(await other.migration.read('move-orders', ALICE, 'off', 1)).toMatchObject({
        origin: 'old',
        success: true,
      });
    });

    it('both readers at once by default', async () => {
      let release = (_: unknown) => {};
      const held = new Promise((resolve) => {
        release = resolve;
      });
      const { migration } = await migrating(stage('shadow'), {
        execution: undefined,
        readOld: () => held,
        readNew: () => release('both'),
      });
      expect(await migration.read('move-orders', ALICE, 'off', 1)).toMatchObject({ result: 'both' });
    });

    it('no second writer after a failure of the first; a failure of the second changes nothing', async () => {
      const down = () => {
        throw new Error('down');
      };
      const first = await migrating(stage('shadow'), { writeOld: down });
      expect(await first.migration.write('move-orders', ALICE, 'off', 1)).toEqual({
        authoritative: { origin: 'old', success: false, error: expect.any(Error) },
      });
      expect(first.calls).toEqual([]);
      const second = await migrating(stage('shadow'), { writeNew: down });
      expect((await second.migration.write('move-orders', ALICE, 'off', 1)).authoritative).toMatchObject({
        origin: 'old',
        success: true,
      });
    });
  });

  describe('event (C.3)', () => {
    it('has exactly the fields of the protocol', async () => {
      const { client, server, migration } = await migrating(
        stage('shadow', { samplingRatio: 1, migration: { checkRatio: 1 } }),
        {
          check: (old: unknown, fresh: unknown) => old === fresh,
          readNew: () => 'other',
        },
      );
      await migration.read('move-orders', { ...ALICE, plan: 'gold' } as never, 'off', 1);
      const [operation] = operations(await flushed(client, server));
      expect(operation).toEqual({
        kind: 'migration_op',
        operation: 'read',
        creationDate: expect.any(Number),
        context: { kind: 'user', key: 'alice', plan: 'gold' },
        evaluation: {
          key: 'move-orders',
          value: 'shadow',
          default: 'off',
          variation: 0,
          version: 9,
          reason: { kind: 'FALLTHROUGH' },
        },
        measurements: [
          { key: 'invoked', values: { old: true, new: true } },
          { key: 'latency_ms', values: { old: expect.any(Number), new: expect.any(Number) } },
          { key: 'consistent', value: false },
        ],
      });
    });

    it('tells of failures and their durations, and compares only what succeeded', async () => {
      const { client, server, migration } = await migrating(stage('shadow'), {
        check: () => true,
        readNew: () => {
          throw new Error('down');
        },
      });
      await migration.read('move-orders', ALICE, 'off', 1);
      const [operation] = operations(await flushed(client, server));
      expect(measured(operation)).toEqual({
        invoked: { values: { old: true, new: true } },
        latency_ms: { values: { old: expect.any(Number), new: expect.any(Number) } },
        error: { values: { new: true } },
      });
    });

    it('measures neither durations nor failures unless asked to', async () => {
      const { client, server, migration } = await migrating(stage('shadow'), {
        latencyTracking: false,
        errorTracking: false,
        readNew: () => {
          throw new Error('down');
        },
      });
      await migration.read('move-orders', ALICE, 'off', 1);
      expect(Object.keys(measured(operations(await flushed(client, server))[0]))).toEqual(['invoked']);
    });

    it.each<[number | undefined, boolean]>([
      [0, false],
      [1, true],
      [undefined, true],
      [1_000_000_000, false],
    ])('with a check ratio of %p compares: %p', async (checkRatio, compares) => {
      const check = jest.fn(() => true);
      const { client, server, migration } = await migrating(stage('live', { migration: { checkRatio } }), { check });
      await migration.read('move-orders', ALICE, 'off', 1);
      const { consistent } = measured(operations(await flushed(client, server))[0]);
      expect(consistent).toEqual(compares ? { value: true } : undefined);
      expect(check).toHaveBeenCalledTimes(compares ? 1 : 0);
    });

    it('writes a ratio that is not 1, of the setting and of the comparison', async () => {
      const { client, server, migration } = await migrating(
        stage('live', { migration: { checkRatio: 2 }, samplingRatio: 2 }),
        { check: () => true },
      );
      for (let n = 0; n < 60; n++) await migration.read('move-orders', ALICE, 'off', 1);
      const sent = operations(await flushed(client, server));
      expect(sent.length).toBeGreaterThan(8);
      expect(sent.length).toBeLessThan(52);
      const compared = sent.map(measured).filter(({ consistent }) => consistent !== undefined);
      expect(compared.length).toBeGreaterThan(0);
      for (const { consistent } of compared) expect(consistent).toEqual({ value: true, samplingRatio: 2 });
      for (const { samplingRatio } of sent) expect(samplingRatio).toBe(2);
    });

    it('is not sent with a sampling ratio of 0', async () => {
      const { client, server, migration } = await migrating(stage('live', { samplingRatio: 0 }));
      await migration.read('move-orders', ALICE, 'off', 1);
      expect(operations(await flushed(client, server))).toEqual([]);
    });

    it('lacks variation and version for an unknown setting, and has a version of 0', async () => {
      const { client, server, migration } = await migrating(stage('live', { version: 0 }));
      await migration.read('no-such', ALICE, 'off', 1);
      await migration.read('move-orders', ALICE, 'off', 1);
      const [unknown, zero] = operations(await flushed(client, server));
      expect(unknown.evaluation).toEqual({
        key: 'no-such',
        value: 'off',
        default: 'off',
        reason: { kind: 'ERROR', errorKind: 'FLAG_NOT_FOUND' },
      });
      expect(zero.evaluation.version).toBe(0);
    });

    it('keeps nothing of an anonymous context but its key', async () => {
      const { client, server, migration } = await migrating(stage('off'));
      await migration.read('move-orders', { kind: 'user', key: 'a', anonymous: true, plan: 'gold' }, 'off', 1);
      const [{ context }] = operations(await flushed(client, server));
      expect(context).toEqual({ kind: 'user', key: 'a', anonymous: true, _meta: { redactedAttributes: ['plan'] } });
    });

    it('is dropped, with a message, when it is not complete', async () => {
      const { client, server } = await outside.connected({ 'move-orders': stage('shadow'), '': stage('shadow') });
      const track = (
        key: string,
        context: unknown,
        act: (tracker: ReturnType<typeof client.migrationVariation>['tracker']) => void,
      ) => {
        const { tracker } = client.migrationVariation(key, context as never, 'off');
        act(tracker);
        client.trackMigration(tracker);
      };
      track('move-orders', ALICE, (tracker) => tracker.op('read'));
      track('move-orders', ALICE, (tracker) => tracker.invoked('old'));
      track('', ALICE, (tracker) => [tracker.op('read'), tracker.invoked('old')]);
      track('move-orders', {}, (tracker) => [tracker.op('read'), tracker.invoked('old')]);
      track('move-orders', ALICE, (tracker) => [tracker.op('read'), tracker.invoked('old'), tracker.latency('new', 1)]);
      track('move-orders', ALICE, (tracker) => [tracker.op('read'), tracker.invoked('old'), tracker.error('new')]);
      track('move-orders', ALICE, (tracker) => [
        tracker.op('read'),
        tracker.invoked('old'),
        tracker.consistency(() => true),
      ]);
      expect(outside.lines).toHaveLength(7);
      expect(operations(await flushed(client, server))).toEqual([]);
    });
  });
});
