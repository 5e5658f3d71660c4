// What happens in an environment as it happens (docs/live.md): one stream per page, shared by everything on it.
import { useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { type RecordedAction, touchedBy } from './touched.js';

export interface LiveChange {
  revision: number;
  at: string;
  author: string;
  comment: string | null;
  items: { kind: 'setting' | 'segment'; key: string; summary: string }[];
}

export interface Landing {
  revision: number;
  connected: number;
  applied: number;
  p50Ms: number | null;
  slowestMs: number | null;
  waiting: string[];
  /** Nothing more will be told about it. */
  done: boolean;
}

export interface LiveState {
  /** `connecting` at first, `live` while the stream is open, `lost` after it broke and until it heals. */
  connection: 'connecting' | 'live' | 'lost';
  revision: number;
  connected: number;
  /** The latest first, bounded. */
  changes: LiveChange[];
  custom: { at: number; key: string; count: number; sum: number }[];
  landings: Map<number, Landing>;
}

const MOST_KEPT = 200;
const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 10_000;

const NOTHING: LiveState = {
  connection: 'connecting',
  revision: 0,
  connected: 0,
  changes: [],
  custom: [],
  landings: new Map(),
};

/** Holds the stream of one environment and what it has told so far. */
class LiveStore {
  state: LiveState = NOTHING;
  readonly #listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly read = () => this.state;

  set(parts: Partial<LiveState>): void {
    this.state = { ...this.state, ...parts };
    for (const listener of this.#listeners) listener();
  }
}

const LiveContext = createContext<LiveStore>(new LiveStore());
export const LiveProvider = LiveContext.Provider;

export function useLive(): LiveState {
  const store = useContext(LiveContext);
  return useSyncExternalStore(store.subscribe, store.read);
}

/** Opens the stream of an environment for as long as the caller is on the page, and refreshes what a change touches. */
export function useLiveStream(environment: string): LiveStore {
  const [store] = useState(() => new LiveStore());
  const queries = useQueryClient();
  const attempt = useRef(0);

  useEffect(() => {
    let source: EventSource | undefined;
    let timer: number | undefined;
    store.set(NOTHING);

    const on = <Data>(name: string, handle: (data: Data) => void) =>
      source?.addEventListener(name, (event) => handle(JSON.parse((event as MessageEvent<string>).data)));

    const refresh = () => queries.invalidateQueries({ queryKey: [environment] });

    const open = () => {
      source = new EventSource(`/api/v1/environments/${encodeURIComponent(environment)}/live`);
      on<{ revision: number; connected: number }>('hello', ({ revision, connected }) => {
        const missed = attempt.current > 0 || (store.state.revision > 0 && store.state.revision !== revision);
        attempt.current = 0;
        store.set({ connection: 'live', revision, connected });
        // Nobody tells again what was done meanwhile, wherever it was.
        if (missed) void queries.invalidateQueries();
      });
      on<LiveChange>('change', (change) => {
        store.set({ revision: change.revision, changes: [change, ...store.state.changes].slice(0, MOST_KEPT) });
        void refresh();
      });
      on<{ revision: number }>('replaced', ({ revision }) => {
        store.set({ revision });
        void refresh();
      });
      on<{ actions: RecordedAction[] }>('audit', ({ actions }) => {
        for (const queryKey of touchedBy(actions, environment)) void queries.invalidateQueries({ queryKey });
      });
      on<Landing>('landing', (landing) => {
        const landings = new Map(store.state.landings).set(landing.revision, landing);
        for (const old of landings.keys()) if (landings.size > MOST_KEPT) landings.delete(old);
        store.set({ landings });
      });
      on<{ connected: number }>('connections', ({ connected }) => store.set({ connected }));
      on<{ events: Record<string, { count: number; sum: number }> }>('custom', ({ events }) => {
        const at = Date.now();
        const latest = Object.entries(events).map(([key, { count, sum }]) => ({ at, key, count, sum }));
        store.set({ custom: [...latest, ...store.state.custom].slice(0, MOST_KEPT) });
      });
      // The browser gives up on some answers for good, so each loss is followed by an attempt of our own.
      source.onerror = () => {
        source?.close();
        store.set({ connection: 'lost' });
        timer = window.setTimeout(open, Math.min(FIRST_RETRY_MS * 2 ** attempt.current++, MAX_RETRY_MS));
      };
    };

    open();
    return () => {
      window.clearTimeout(timer);
      source?.close();
    };
  }, [environment, store, queries]);

  return store;
}
