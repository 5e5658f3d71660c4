import type { Connection, Connections } from '../src/connections.js';
import type { Peers } from '../src/peers.js';
import { RollCall } from '../src/roll-call.js';
import { type FakeLink, linkNodes } from './support/fake-link.js';

function connection(instanceId: string, appliedRevision: number | undefined): Connection {
  const subscriber = { revision: 1, subscription: { keyId: 'k' } };
  const fields = { instanceId, appliedRevision, subscriber, sdk: 'x', address: 'y', connectedAt: 0 };
  return fields as unknown as Connection;
}

/** A node with these servers, which knows of these other nodes. */
function nodeOf(
  link: FakeLink,
  servers: readonly (readonly [string, number | undefined])[],
  others: readonly string[],
) {
  const connections = { of: () => servers.map(([id, revision]) => connection(id, revision)) };
  return new RollCall({
    link,
    peers: { ids: [...others] } as unknown as Peers,
    connections: connections as unknown as Connections,
  });
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const idsOf = (connections: readonly { readonly instanceId: string }[]) =>
  connections.map(({ instanceId }) => instanceId);

describe('roll call', () => {
  it('asks nobody when there is no other node', async () => {
    const [link] = linkNodes('a') as [FakeLink];
    const roll = await nodeOf(link, [['i-1', 5]], []).take('production', 10);
    expect([idsOf(roll.connections), roll.nodes, link.sent]).toEqual([['i-1'], { total: 1, answered: 1 }, []]);
  });

  it('has the servers of all nodes, those behind first, as many as are asked for', async () => {
    const [a, b, c] = linkNodes('a', 'b', 'c') as [FakeLink, FakeLink, FakeLink];
    const asking = nodeOf(a, [['i-1', 5]], ['b', 'c']);
    nodeOf(b, [['i-2', 3]], []);
    nodeOf(c, [['i-4', undefined]], []);
    const roll = await asking.take('production', 3);
    expect([idsOf(roll.connections), roll.nodes]).toEqual([['i-4', 'i-2', 'i-1'], { total: 3, answered: 3 }]);
    expect(roll.connections[0]).toMatchObject({ revision: 1, confirmed: false });
  });

  it('says how many nodes have answered when one does not, after a second', async () => {
    const [a, b] = linkNodes('a', 'b', 'gone') as [FakeLink, FakeLink];
    const asking = nodeOf(a, [], ['b', 'gone']);
    nodeOf(b, [['i-2', 3]], []);
    const taking = asking.take('production', 10);
    jest.advanceTimersByTime(1_000);
    const roll = await taking;
    expect([idsOf(roll.connections), roll.nodes]).toEqual([['i-2'], { total: 3, answered: 2 }]);
  });

  it('takes no answer to a question that is over', async () => {
    const [a, b] = linkNodes('a', 'b') as [FakeLink, FakeLink];
    const asking = nodeOf(a, [], ['b']);
    const taking = asking.take('production', 10);
    asking.close();
    const roll = await taking;
    const [, { question }] = a.sent[0] as unknown as [string, { question: string }];
    b.send('answered', { question });
    expect(roll.nodes).toEqual({ total: 2, answered: 1 });
  });
});
