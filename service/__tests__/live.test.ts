import { Live } from '../src/live.js';
import { FakeSink } from './support/fake-sink.js';

const LANDED = { revision: 7, applied: 3, connected: 3, p50Ms: 4, slowestMs: 9, waiting: [], done: true };

describe('what watchers are told of landings', () => {
  let live: Live;
  let watcher: FakeSink;
  beforeEach(() => {
    jest.useFakeTimers();
    live = new Live({
      options: { heartbeatMs: 60_000, maxWatchers: 10 },
      connections: { counts: () => ({ connected: 3, reporting: 3 }) },
      receipts: { progress: () => [LANDED] },
      now: Date.now,
    });
    live.setSource({ key: 'production', revision: 6, settings: new Map(), segments: new Map() });
    watcher = new FakeSink();
    live.attach('production', watcher, async () => true);
  });
  afterEach(() => {
    live.close();
    jest.useRealTimers();
  });

  const landings = () => watcher.text.split('event: landing').length - 1;

  it('waits for what else may come, unless all have landed', () => {
    live.progressed('production');
    jest.advanceTimersByTime(74);
    expect(landings()).toBe(0);
    live.progressed('production', true);
    jest.advanceTimersByTime(0);
    expect(landings()).toBe(1);
  });

  it('comes at most every 75 ms, also when one landing follows the other', () => {
    live.progressed('production', true);
    jest.advanceTimersByTime(0);
    for (let time = 0; time < 74; time++) {
      live.progressed('production', true);
      jest.advanceTimersByTime(1);
    }
    expect(landings()).toBe(1);
    jest.advanceTimersByTime(1);
    expect(landings()).toBe(2);
  });
});
