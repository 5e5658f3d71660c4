import type { Connections } from '../src/connections.js';
import { Peers } from '../src/peers.js';
import { type FakeLink, linkNodes } from './support/fake-link.js';

const INTERVAL_MS = 5_000;

interface TestNode {
  readonly link: FakeLink;
  readonly peers: Peers;
  readonly counts: Record<string, { connected: number; reporting: number }>;
  readonly changes: string[][];
  watched: string[];
}

let nodes: TestNode[];
beforeEach(() => {
  jest.useFakeTimers();
  nodes = linkNodes('a', 'b', 'c').map((link) => {
    const node: Omit<TestNode, 'peers'> = { link, counts: {}, changes: [], watched: [] };
    const connections = {
      counts: (environment: string) => node.counts[environment] ?? { connected: 0, reporting: 0 },
      environments: () => Object.keys(node.counts),
    } as unknown as Connections;
    const peers = new Peers({
      link,
      connections,
      watched: () => node.watched,
      onChange: (environments) => node.changes.push([...environments]),
    });
    return Object.assign(node, { peers });
  });
});
afterEach(() => {
  for (const { peers } of nodes) peers.close();
  jest.useRealTimers();
});

const [A, B, C] = [0, 1, 2] as const;
const node = (index: number) => nodes[index] as TestNode;

describe('peers', () => {
  it('know of each other as soon as one begins to listen', () => {
    node(C).link.emit('listening');
    expect(node(C).peers.ids.sort()).toEqual(['a', 'b']);
    expect(node(A).peers.ids.sort()).toEqual(['b', 'c']);
  });

  it('count the streams of all nodes', () => {
    node(A).counts.production = { connected: 2, reporting: 1 };
    node(B).counts.production = { connected: 5, reporting: 3 };
    node(B).counts.staging = { connected: 1, reporting: 1 };
    jest.advanceTimersByTime(INTERVAL_MS);
    const { peers } = node(A);
    expect(peers.counts('production')).toEqual({ connected: 7, reporting: 4 });
    expect([
      peers.reportingElsewhere,
      peers.reportingOn('b', 'production'),
      peers.reportingOn('x', 'production'),
    ]).toEqual([4, 3, 0]);
  });

  it('tell changes soon, and together', () => {
    node(A).counts.production = { connected: 1, reporting: 0 };
    node(A).peers.changed();
    node(A).peers.changed();
    jest.advanceTimersByTime(500);
    expect(node(A).link.sent).toHaveLength(1);
    expect(node(B).peers.counts('production').connected).toBe(1);
  });

  it('say of which environments the counts have changed', () => {
    node(A).counts.production = { connected: 1, reporting: 0 };
    jest.advanceTimersByTime(INTERVAL_MS);
    node(A).counts.staging = { connected: 1, reporting: 0 };
    node(B).changes.length = 0;
    node(A).peers.changed();
    jest.advanceTimersByTime(500);
    expect(node(B).changes).toEqual([['staging']]);
  });

  it('know what is watched elsewhere', () => {
    node(A).watched = ['production'];
    jest.advanceTimersByTime(INTERVAL_MS);
    expect([
      node(B).peers.watch('production'),
      node(B).peers.watch('staging'),
      node(A).peers.watch('production'),
    ]).toEqual([true, false, false]);
  });

  it('forget at once who says goodbye', () => {
    node(A).counts.production = { connected: 1, reporting: 0 };
    jest.advanceTimersByTime(INTERVAL_MS);
    node(A).peers.close();
    expect(node(B).peers.ids).toEqual(['c']);
    expect(node(B).peers.counts('production').connected).toBe(0);
    expect(node(B).changes.at(-1)).toEqual(['production']);
  });

  it('forget who has not been heard for three intervals, and take them back', () => {
    jest.advanceTimersByTime(INTERVAL_MS);
    node(A).link.cut = true;
    jest.advanceTimersByTime(2 * INTERVAL_MS);
    expect(node(B).peers.ids).toContain('a');
    jest.advanceTimersByTime(INTERVAL_MS);
    expect(node(B).peers.ids).toEqual(['c']);
    node(A).link.cut = false;
    jest.advanceTimersByTime(INTERVAL_MS);
    expect(node(B).peers.ids.sort()).toEqual(['a', 'c']);
  });

  it('are not forgotten because the clock is set', () => {
    jest.advanceTimersByTime(INTERVAL_MS);
    jest.setSystemTime(Date.now() + 86_400_000);
    jest.advanceTimersByTime(INTERVAL_MS);
    jest.setSystemTime(Date.now() - 2 * 86_400_000);
    jest.advanceTimersByTime(INTERVAL_MS);
    expect(node(B).peers.ids.sort()).toEqual(['a', 'c']);
  });
});
