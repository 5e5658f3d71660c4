import { Subscriber } from '../src/channel.js';
import { Connections } from '../src/connections.js';
import { Receipts } from '../src/receipts.js';
import { FakeSink } from './support/fake-sink.js';

function setUp(receiptsPerSecond = 300) {
  let now = 0;
  let progress = 0;
  const connections = new Connections(() => {});
  const receipts = new Receipts({
    options: { receiptsPerSecond },
    connections,
    now: () => now,
    onProgress: () => progress++,
  });
  return {
    receipts,
    connections,
    progressed: () => progress,
    at(ms: number) {
      now = ms;
    },
    connect(instanceId: string, { reports = true, sink = new FakeSink() } = {}) {
      const subscription = { environment: 'production', keyId: 'k', form: reports ? 'changes' : 'patches' } as const;
      const limits = { maxWaitingBytes: 1, heartbeatMs: 1, endsAt: Infinity };
      const subscriber = new Subscriber(sink, subscription, limits, now);
      subscriber.revision = 100;
      return connections.add(subscriber, { headers: { 'x-launchdarkly-instance-id': instanceId }, ip: '' }, now);
    },
  };
}

describe('receipts', () => {
  it('are timed from the broadcast of the revision they report', () => {
    const { receipts, at, connect } = setUp();
    const connection = connect('i-1');
    at(1000);
    receipts.broadcast('production', 7);
    at(1012);
    receipts.take('production', { instanceId: 'i-1', revision: 7 });
    expect(connection).toMatchObject({ appliedRevision: 7, lagMs: 12 });
  });

  it('do not count the time a server kept its report back', () => {
    const { receipts, at, connect } = setUp();
    const connection = connect('i-1');
    receipts.broadcast('production', 7);
    at(150);
    receipts.take('production', { instanceId: 'i-1', revision: 7, heldMs: 140 });
    expect(connection.lagMs).toBe(10);
    receipts.broadcast('production', 8);
    receipts.take('production', { instanceId: 'i-1', revision: 8, heldMs: 99_999 });
    expect(connection.lagMs).toBe(0);
  });

  it('add up to how a change landed: applied, connected, middle and slowest, who is waited for', () => {
    const { receipts, at, connect } = setUp();
    for (const id of ['i-1', 'i-2', 'i-3', 'i-4']) connect(id);
    connect('not-reporting', { reports: false });
    receipts.broadcast('production', 7);
    for (const [ms, instanceId] of [
      [5, 'i-1'],
      [9, 'i-2'],
      [64, 'i-3'],
    ] as const) {
      at(ms);
      receipts.take('production', { instanceId, revision: 7 });
    }
    expect(receipts.progress('production')).toEqual([
      { revision: 7, applied: 3, connected: 4, p50Ms: 9, slowestMs: 64, waiting: ['i-4'], done: false },
    ]);
    receipts.take('production', { instanceId: 'i-4', revision: 7 });
    expect(receipts.progress('production')).toMatchObject([{ applied: 4, waiting: [], done: true }]);
    expect(receipts.progress('production')).toEqual([]);
  });

  it('of a newer revision count for the older ones as well', () => {
    const { receipts, at, connect } = setUp();
    connect('i-1');
    receipts.broadcast('production', 7);
    at(10);
    receipts.broadcast('production', 8);
    at(15);
    receipts.take('production', { instanceId: 'i-1', revision: 8 });
    expect(receipts.progress('production')).toMatchObject([
      { revision: 7, applied: 1, slowestMs: 15, done: true },
      { revision: 8, applied: 1, slowestMs: 5, done: true },
    ]);
  });

  it.each([
    ['runs on', 5000],
    ['was set back', -3_600_000],
  ])('of a server that connected after the broadcast count as applied but not as lag when the clock %s', (_how, ms) => {
    const { receipts, at, connect } = setUp();
    receipts.broadcast('production', 7);
    at(ms);
    const late = connect('late');
    receipts.take('production', { instanceId: 'late', revision: 7 });
    expect(late.lagMs).toBeUndefined();
    expect(receipts.progress('production')).toMatchObject([{ applied: 1, slowestMs: null, done: true }]);
  });

  it('that are old, of a stranger, or of a revision nobody was sent change nothing', () => {
    const { receipts, progressed, connect } = setUp();
    const connection = connect('i-1');
    receipts.take('production', { instanceId: 'i-1', revision: 7 });
    const before = progressed();
    receipts.take('production', { instanceId: 'i-1', revision: 6 });
    receipts.take('production', { instanceId: 'i-1', revision: 101 });
    receipts.take('production', { instanceId: 'stranger', revision: 8 });
    receipts.take('staging', { instanceId: 'i-1', revision: 8 });
    expect(connection.appliedRevision).toBe(7);
    expect(progressed()).toBe(before);
  });

  it('end a landing after ten seconds, or when those it waits for have gone', () => {
    const { receipts, at, connect } = setUp();
    const sink = new FakeSink();
    connect('i-1', { sink });
    receipts.broadcast('production', 7);
    at(10_001);
    expect(receipts.progress('production')).toMatchObject([{ applied: 0, done: true }]);
    receipts.broadcast('production', 8);
    sink.destroy();
    expect(receipts.progress('production')).toMatchObject([{ applied: 0, connected: 0, done: true }]);
  });

  it('follow a bounded number of changes, the newest', () => {
    const { receipts, connect } = setUp();
    connect('i-1');
    for (let revision = 1; revision <= 40; revision++) receipts.broadcast('production', revision);
    const followed = receipts.progress('production').map(({ revision }) => revision);
    expect(followed).toEqual(Array.from({ length: 16 }, (_, index) => 25 + index));
  });

  it('are asked for so seldom that all together keep to the limit', () => {
    const { receipts, connect } = setUp(100);
    connect('i-0');
    expect(receipts.header).toBe('interval-ms=20');
    for (let index = 1; index < 50; index++) connect(`i-${index}`);
    connect('not-reporting', { reports: false });
    expect(receipts.header).toBe('interval-ms=500');
  });
});
