import type { Broadcast, Form, Source } from '../src/channel.js';
import { Hub, type HubOptions } from '../src/hub.js';
import { FakeSink } from './support/fake-sink.js';

/** So many that one turn does not reach them all. */
const STREAMS = 2000;

const OPTIONS: HubOptions = {
  heartbeatMs: 30_000,
  maxLifetimeMs: 0,
  maxWaitingBytes: 1000,
  maxSnapshots: 100,
  maxStreams: 10_000,
  maxStreamsPerKey: 10_000,
  reconnectsPerSecond: 500,
};

class FakeSource implements Source {
  readonly key: string;
  readonly epoch = '00000000000000aa';
  revision = 1;
  constructor(key = 'production') {
    this.key = key;
  }
  putFrame(): Buffer {
    return Buffer.from(`put@${this.revision};`);
  }
}

function broadcastOf(revision: number, made: Form[] = []): Broadcast {
  return {
    revision,
    frame: (form) => {
      made.push(form);
      return Buffer.from(`${form}@${revision};`);
    },
  };
}

function setUp(options: Partial<HubOptions> = {}, random = () => 0) {
  const hub = new Hub({ ...OPTIONS, ...options }, { now: Date.now, random });
  const source = new FakeSource();
  hub.setSource(source);
  return {
    hub,
    source,
    open({ form = 'patches' as Form, keyId = 'k', sink = new FakeSink(), environment = source.key } = {}) {
      const subscriber = hub.attach(sink, { environment, keyId, form });
      return { sink, subscriber };
    },
    commit() {
      source.revision++;
      hub.publish(source.key, broadcastOf(source.revision));
    },
  };
}

beforeEach(() => {
  jest.useFakeTimers({ now: 0 });
});

afterEach(() => {
  jest.useRealTimers();
});

describe('a new stream', () => {
  it('gets the snapshot first, then each change in the form it asked for', () => {
    const { hub, open, commit } = setUp();
    const plain = open();
    const capable = open({ form: 'changes' });
    hub.sendSnapshot(plain.subscriber);
    hub.sendSnapshot(capable.subscriber);
    commit();
    commit();
    expect(plain.sink.text).toBe('put@1;patches@2;patches@3;');
    expect(capable.sink.text).toBe('put@1;changes@2;changes@3;');
    hub.close();
  });

  it('gets no change before its snapshot, and none that the snapshot already holds', () => {
    const { hub, open, commit } = setUp();
    const { sink, subscriber } = open();
    commit();
    hub.sendSnapshot(subscriber);
    commit();
    expect(sink.text).toBe('put@2;patches@3;');
    hub.close();
  });

  it('sees nothing of another environment', () => {
    const { hub, open, commit } = setUp();
    hub.setSource(new FakeSource('staging'));
    const { sink, subscriber } = open({ environment: 'staging' });
    hub.sendSnapshot(subscriber);
    commit();
    expect(sink.text).toBe('put@1;');
    hub.close();
  });

  it('goes live after a resume with what it missed and nothing twice', () => {
    const { hub, open, commit } = setUp();
    const { sink, subscriber } = open({ form: 'changes' });
    commit();
    hub.join(subscriber, Buffer.from('missed@2;synced@2;'));
    commit();
    expect(sink.text).toBe('missed@2;synced@2;changes@3;');
    hub.close();
  });
});

describe('a broadcast', () => {
  it('is made once for each form however many streams there are', () => {
    const { hub, source, open } = setUp();
    for (let index = 0; index < 60; index++) {
      hub.sendSnapshot(open({ form: index % 2 === 0 ? 'patches' : 'changes' }).subscriber);
    }
    const made: Form[] = [];
    source.revision = 2;
    hub.publish('production', broadcastOf(2, made));
    expect(made.sort()).toEqual(['changes', 'patches']);
    hub.close();
  });

  it('gives other work its turn before all of 1,000 streams have it', () => {
    const { hub, open, commit } = setUp({ maxSnapshots: 1000 });
    const sinks = Array.from({ length: 1000 }, () => {
      const { sink, subscriber } = open();
      hub.sendSnapshot(subscriber);
      return sink;
    });
    commit();
    const reached = () => sinks.filter(({ text }) => text.endsWith('patches@2;')).length;
    expect(reached()).toBeGreaterThan(0);
    expect(reached()).toBeLessThan(1000);
    jest.runAllTicks();
    jest.advanceTimersByTime(20);
    expect(reached()).toBe(1000);
    hub.close();
  });

  it('keeps the order on every stream when changes arrive while one is going out, and joins what piled up', () => {
    const { hub, open, commit } = setUp({ maxSnapshots: STREAMS });
    const sinks = Array.from({ length: STREAMS }, () => {
      const { sink, subscriber } = open();
      hub.sendSnapshot(subscriber);
      return sink;
    });
    commit();
    commit();
    commit();
    jest.advanceTimersByTime(20);
    for (const sink of sinks) expect(sink.text).toBe('put@1;patches@2;patches@3;patches@4;');
    expect(sinks.at(-1)?.writes).toBe(2);
    hub.close();
  });

  it('reaches a stream that joins while it is going out exactly once', () => {
    const { hub, open, commit } = setUp({ maxSnapshots: STREAMS });
    for (let index = 0; index < STREAMS; index++) hub.sendSnapshot(open().subscriber);
    commit();
    const late = open();
    hub.sendSnapshot(late.subscriber);
    commit();
    jest.advanceTimersByTime(20);
    expect(late.sink.text).toBe('put@2;patches@3;');
    hub.close();
  });
});

describe('a slow reader', () => {
  it('is closed at the next change once more bytes wait than its bound, and the others go on', () => {
    const { hub, open, commit } = setUp({ maxWaitingBytes: 30 });
    const slow = open({ sink: new FakeSink({ takesAll: false }) });
    const good = open();
    hub.sendSnapshot(slow.subscriber);
    hub.sendSnapshot(good.subscriber);
    slow.sink.drain();
    for (let change = 0; change < 6; change++) commit();
    expect(slow.sink.destroyed).toBe(true);
    expect(good.sink.text).toContain('patches@7;');
    expect(hub.counts.dropped).toBe(1);
    expect(hub.size).toBe(1);
    hub.close();
  });

  it('may have a snapshot waiting that is larger than the bound', () => {
    const { hub, open, commit } = setUp({ maxWaitingBytes: 9 });
    const { sink, subscriber } = open({ sink: new FakeSink({ takesAll: false }) });
    hub.sendSnapshot(subscriber);
    commit();
    expect(sink.destroyed).toBe(false);
    commit();
    expect(sink.destroyed).toBe(true);
    hub.close();
  });
});

describe('snapshots', () => {
  it('go out to a bounded number of streams at a time; the others wait their turn with heartbeats', () => {
    const { hub, source, open } = setUp({ maxSnapshots: 2 });
    const streams = Array.from({ length: 4 }, () => open({ sink: new FakeSink({ takesAll: false }) }));
    for (const { subscriber } of streams) hub.sendSnapshot(subscriber);
    const texts = () => streams.map(({ sink }) => sink.text);
    expect(texts()).toEqual(['put@1;', 'put@1;', '', '']);
    expect(hub.waitingForSnapshot).toBe(2);
    jest.advanceTimersByTime(31_000);
    expect(texts()).toEqual(['put@1;', 'put@1;', ':\n', ':\n']);
    source.revision = 9;
    streams[0]?.sink.drain();
    expect(texts()).toEqual(['put@1;', 'put@1;', ':\nput@9;', ':\n']);
    streams[1]?.sink.destroy();
    expect(texts()).toEqual(['put@1;', 'put@1;', ':\nput@9;', ':\nput@9;']);
    hub.close();
  });

  it('do not wait for a stream that closed in the queue', () => {
    const { hub, open } = setUp({ maxSnapshots: 1 });
    const first = open({ sink: new FakeSink({ takesAll: false }) });
    const gone = open();
    const last = open();
    for (const { subscriber } of [first, gone, last]) hub.sendSnapshot(subscriber);
    gone.sink.destroy();
    first.sink.drain();
    expect(last.sink.text).toBe('put@1;');
    hub.close();
  });

  it('are not followed by changes of the history that was replaced while these were going out', () => {
    const { hub, open, commit } = setUp({ maxSnapshots: 1000 });
    const sinks = Array.from({ length: 300 }, () => {
      const { sink, subscriber } = open();
      hub.sendSnapshot(subscriber);
      return sink;
    });
    jest.runOnlyPendingTimers();
    commit();
    const restored = new FakeSource();
    hub.setSource(restored);
    jest.runOnlyPendingTimers();
    for (const sink of sinks) expect(sink.text).toMatch(/put@1;$/);
    hub.close();
  });

  it('go to every live stream when the history of the environment was replaced', () => {
    const { hub, open } = setUp();
    const { sink, subscriber } = open();
    hub.sendSnapshot(subscriber);
    const restored = new FakeSource();
    hub.setSource(restored);
    restored.revision++;
    hub.publish('production', broadcastOf(2));
    expect(sink.text).toBe('put@1;put@1;patches@2;');
    hub.close();
  });
});

describe('a heartbeat', () => {
  it('is written after its time without traffic and not before', () => {
    const { hub, open, commit } = setUp({ heartbeatMs: 10_000 });
    const { sink, subscriber } = open();
    hub.sendSnapshot(subscriber);
    jest.advanceTimersByTime(9_000);
    commit();
    jest.advanceTimersByTime(9_900);
    expect(sink.text).toBe('put@1;patches@2;');
    jest.advanceTimersByTime(300);
    expect(sink.text).toBe('put@1;patches@2;:\n');
    hub.close();
  });

  it('comes up to a fifth earlier by chance, so that streams opened together do not beat together', () => {
    const { hub, open } = setUp({ heartbeatMs: 10_000 }, () => 1);
    const { sink, subscriber } = open();
    hub.sendSnapshot(subscriber);
    jest.advanceTimersByTime(8_100);
    expect(sink.text).toBe('put@1;:\n');
    hub.close();
  });

  it('comes in its time after the clock was set back', () => {
    const { hub, open } = setUp({ heartbeatMs: 10_000 });
    const { sink, subscriber } = open();
    hub.sendSnapshot(subscriber);
    jest.advanceTimersByTime(5_000);
    jest.setSystemTime(-86_400_000);
    jest.advanceTimersByTime(11_000);
    expect(sink.text).toBe('put@1;:\n');
    hub.close();
  });

  it('is not added to bytes that are still waiting', () => {
    const { hub, open } = setUp({ heartbeatMs: 10_000 });
    const { sink, subscriber } = open({ sink: new FakeSink({ takesAll: false }) });
    hub.sendSnapshot(subscriber);
    jest.advanceTimersByTime(40_000);
    expect(sink.text).toBe('put@1;');
    hub.close();
  });
});

describe('the lifetime of a stream', () => {
  it('is 80 to 100 % of the maximum, by chance', () => {
    for (const [random, lifetimeMs] of [
      [0, 100_000],
      [1, 80_000],
    ] as const) {
      const { hub, open } = setUp({ maxLifetimeMs: 100_000 }, () => random);
      const { sink, subscriber } = open();
      hub.sendSnapshot(subscriber);
      jest.advanceTimersByTime(lifetimeMs - 1_000);
      expect(sink.ended).toBe(false);
      jest.advanceTimersByTime(1_500);
      expect(sink.ended).toBe(true);
      expect(hub.size).toBe(0);
      hub.close();
    }
  });
});

describe('limits', () => {
  it('refuse a stream too many, per key and over all, and admit again after one closes', () => {
    const { hub, open } = setUp({ maxStreams: 3, maxStreamsPerKey: 2 });
    const { sink } = open({ keyId: 'a' });
    open({ keyId: 'a' });
    expect(hub.refusal('a')).toBe('too_many_streams_for_key');
    expect(hub.refusal('b')).toBeUndefined();
    open({ keyId: 'b' });
    expect(hub.refusal('b')).toBe('too_many_streams');
    sink.destroy();
    expect(hub.refusal('a')).toBeUndefined();
    hub.close();
  });
});

describe('ending streams', () => {
  it('ends those of an expired key and leaves the others', () => {
    const { hub, open } = setUp();
    const old = open({ keyId: 'old' });
    const kept = open({ keyId: 'kept' });
    hub.endKey('old');
    expect([old.sink.destroyed, kept.sink.destroyed]).toEqual([true, false]);
    hub.close();
  });

  it('ends those of a deleted environment', () => {
    const { hub, open } = setUp();
    const { sink } = open();
    hub.setSource(new FakeSource('staging'));
    const other = open({ environment: 'staging' });
    hub.removeSource('production');
    expect([sink.destroyed, other.sink.destroyed]).toEqual([true, false]);
    hub.close();
  });

  it('drains with a spread of retry delays and refuses new streams', async () => {
    let draw = 0;
    const { hub, open } = setUp({ reconnectsPerSecond: 1 }, () => draw++ / 10);
    const sinks = [open(), open(), open()].map(({ subscriber, sink }) => {
      hub.sendSnapshot(subscriber);
      return sink;
    });
    await hub.drain(1000);
    const delays = sinks.map(({ text }) => Number(/retry: (\d+)\n\n$/.exec(text)?.[1]));
    expect(new Set(delays).size).toBe(3);
    for (const delay of delays) {
      expect(delay).toBeGreaterThanOrEqual(1000);
      expect(delay).toBeLessThanOrEqual(1000 + 3000);
    }
    expect(hub.refusal('k')).toBe('draining');
    expect(hub.size).toBe(0);
  });

  it('cuts streams that do not take their last bytes in time', async () => {
    const { hub, open } = setUp();
    const { sink, subscriber } = open({ sink: new FakeSink({ takesAll: false }) });
    hub.sendSnapshot(subscriber);
    const drained = hub.drain(1000);
    expect(sink.destroyed).toBe(false);
    jest.advanceTimersByTime(1000);
    await drained;
    expect(sink.destroyed).toBe(true);
  });

  it('closes twice without harm and leaves no timer', () => {
    const { hub, open } = setUp();
    open();
    hub.close();
    hub.close();
    expect(jest.getTimerCount()).toBe(0);
  });
});
