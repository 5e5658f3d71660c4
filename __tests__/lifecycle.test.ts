import { Lifecycle, type State } from '../lib/lifecycle.js';

const PATHS: Partial<Record<State, State[]>> = {
  initializing: [],
  ready: ['ready'],
  interrupted: ['ready', 'interrupted'],
  failed: ['failed'],
  closed: ['closed'],
};
const STATES = Object.keys(PATHS) as State[];
const ALLOWED = new Set([
  'initializing ready',
  'initializing failed',
  'initializing closed',
  'ready interrupted',
  'ready closed',
  'interrupted ready',
  'interrupted closed',
  'failed initializing',
  'failed ready',
  'failed closed',
]);

describe('lifecycle', () => {
  for (const from of STATES) {
    for (const to of STATES) {
      const isAllowed = ALLOWED.has(`${from} ${to}`);
      it(`${isAllowed ? 'goes' : 'does not go'} from ${from} to ${to}`, () => {
        const lifecycle = new Lifecycle(() => 0);
        for (const step of PATHS[from] ?? []) lifecycle.move(step);
        expect(lifecycle.state).toBe(from);
        expect(lifecycle.move(to)).toBe(isAllowed ? from : undefined);
        expect(lifecycle.state).toBe(isAllowed ? to : from);
      });
    }
  }

  it('knows since when it is in its state', () => {
    let now = 100;
    const lifecycle = new Lifecycle(() => now);
    expect(lifecycle.since).toBe(100);
    now = 200;
    lifecycle.move('ready');
    now = 300;
    lifecycle.move('ready');
    expect(lifecycle.since).toBe(200);
  });
});
