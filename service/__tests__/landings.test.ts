import { Landings } from '../src/landings.js';
import type { Peers } from '../src/peers.js';
import { type Landing, MAX_FOLLOWED_MS } from '../src/receipts.js';
import { type FakeLink, linkNodes } from './support/fake-link.js';

const landing = (fields: Partial<Landing>): Landing => ({
  revision: 7,
  applied: 0,
  connected: 0,
  p50Ms: null,
  slowestMs: null,
  waiting: [],
  done: false,
  ...fields,
});

let link: FakeLink;
let other: FakeLink;
let now: number;
let own: Landing[];
let reporting: Record<string, number>;
let watchedElsewhere: boolean;
let progressed: string[];
let landings: Landings;
beforeEach(() => {
  jest.useFakeTimers();
  [link, other] = linkNodes('a', 'b') as [FakeLink, FakeLink];
  now = 0;
  own = [];
  reporting = {};
  watchedElsewhere = false;
  progressed = [];
  const peers = {
    get ids() {
      return Object.keys(reporting);
    },
    reportingOn: (id: string) => reporting[id] ?? 0,
    counts: () => ({ connected: 0, reporting: 10 }),
    watch: () => watchedElsewhere,
  };
  landings = new Landings({
    link,
    peers: peers as unknown as Peers,
    receipts: { progress: () => own },
    now: () => now,
    onProgress: (environment) => progressed.push(environment),
  });
});
afterEach(() => {
  landings.close();
  jest.useRealTimers();
});

const told = (...items: Landing[]) => other.sendList('landings', { environment: 'production' }, items);

describe('a landing', () => {
  it('is that of this node when there is no other', () => {
    own = [landing({ applied: 1, connected: 2, p50Ms: 5, slowestMs: 5, waiting: ['i-2'] })];
    expect(landings.progress('production')).toEqual(own);
  });

  it('is that of all nodes together, with the slowest and a median between theirs', () => {
    reporting = { b: 4 };
    own = [landing({ applied: 1, connected: 2, p50Ms: 5, slowestMs: 9, waiting: ['i-2'] })];
    told(landing({ applied: 3, connected: 4, p50Ms: 20, slowestMs: 40, waiting: ['i-6'] }));
    expect(landings.progress('production')).toEqual([
      landing({ applied: 4, connected: 6, p50Ms: 20, slowestMs: 40, waiting: ['i-2', 'i-6'] }),
    ]);
    expect(progressed).toEqual(['production']);
  });

  it('waits for the servers of a node that has told nothing yet', () => {
    reporting = { b: 3 };
    own = [landing({ applied: 2, connected: 2, done: true })];
    expect(landings.progress('production')).toMatchObject([{ applied: 2, connected: 5, done: false }]);
    told(landing({ applied: 3, connected: 3, done: true }));
    expect(landings.progress('production')).toMatchObject([{ applied: 5, connected: 5, done: true }]);
  });

  it('is told as done once', () => {
    own = [landing({ applied: 1, connected: 1, done: true })];
    expect(landings.progress('production')).toMatchObject([{ done: true }]);
    expect(landings.progress('production')).toEqual([]);
  });

  it('ends without a node that is never heard', () => {
    reporting = { b: 3 };
    own = [landing({ applied: 2, connected: 2, done: true })];
    landings.progress('production');
    now += MAX_FOLLOWED_MS + 1;
    expect(landings.progress('production')).toMatchObject([{ applied: 2, connected: 5, done: true }]);
  });

  it('goes to the other nodes while somebody watches there, at most ten times a second', () => {
    own = [landing({ applied: 1, connected: 2 })];
    landings.progressed('production', false);
    jest.advanceTimersByTime(100);
    expect(link.sent).toEqual([]);
    watchedElsewhere = true;
    for (let count = 0; count < 5; count++) landings.progressed('production', false);
    jest.advanceTimersByTime(100);
    expect(link.sent).toEqual([['landings', { environment: 'production', items: own }]]);
  });
});
