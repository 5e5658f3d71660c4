import { type Form, Subscriber } from '../src/channel.js';
import { Connections } from '../src/connections.js';
import { FakeSink } from './support/fake-sink.js';

function subscriberOf(environment: string, form: Form, sink = new FakeSink()): Subscriber {
  return new Subscriber(
    sink,
    { environment, keyId: 'k', form },
    { maxWaitingBytes: 1, heartbeatMs: 1, endsAt: Infinity },
    0,
  );
}

const caller = (headers: Record<string, string>) => ({ headers, ip: '127.0.0.1' });

describe('connections', () => {
  it('keep what a client says of itself until its stream closes', () => {
    const changed: string[] = [];
    const connections = new Connections((environment) => changed.push(environment));
    const sink = new FakeSink();
    connections.add(
      subscriberOf('production', 'changes', sink),
      caller({ 'x-launchdarkly-instance-id': 'i-1', 'user-agent': 'FeatheryNodeServer/0.1.0' }),
      5,
    );
    expect([...connections.of('production')]).toMatchObject([
      { instanceId: 'i-1', sdk: 'FeatheryNodeServer/0.1.0', address: '127.0.0.1', connectedAt: 5, reports: true },
    ]);
    sink.destroy();
    expect(connections.of('production').size).toBe(0);
    expect(connections.find('production', 'i-1')).toBeUndefined();
    expect(changed).toEqual(['production', 'production']);
  });

  it('count those that report apart', () => {
    const connections = new Connections(() => {});
    connections.add(subscriberOf('production', 'changes'), caller({}), 0);
    connections.add(subscriberOf('production', 'patches'), caller({}), 0);
    expect(connections.counts('production')).toEqual({ connected: 2, reporting: 1 });
    expect(connections.counts('staging')).toEqual({ connected: 0, reporting: 0 });
  });

  it('find the newest stream of an instance, also when its older one closes later', () => {
    const connections = new Connections(() => {});
    const headers = { 'x-launchdarkly-instance-id': 'i-1' };
    const oldSink = new FakeSink();
    connections.add(subscriberOf('production', 'changes', oldSink), caller(headers), 1);
    const newer = connections.add(subscriberOf('production', 'changes'), caller(headers), 2);
    oldSink.destroy();
    expect(connections.find('production', 'i-1')).toBe(newer);
    expect(connections.find('staging', 'i-1')).toBeUndefined();
  });

  it('give a client without an id one of their own, and cut what is too long', () => {
    const connections = new Connections(() => {});
    const first = connections.add(subscriberOf('production', 'patches'), caller({ 'user-agent': 'x'.repeat(5000) }), 0);
    const second = connections.add(subscriberOf('production', 'patches'), caller({}), 0);
    expect(first.instanceId).not.toBe(second.instanceId);
    expect(first.sdk).toHaveLength(200);
    expect(second.sdk).toBe('unknown');
  });
});
