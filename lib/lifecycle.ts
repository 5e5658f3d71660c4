/**
 * Where a client is in its life.
 *
 * - `initializing`: no answer of the service yet
 * - `ready`: the service's data is in use and up to date
 * - `interrupted`: the connection is lost; the last data is in use
 * - `failed`: the service refused before it ever delivered; the client goes on trying
 * - `closed`: by the application, for good
 */
export type State = 'initializing' | 'ready' | 'interrupted' | 'failed' | 'closed';

const NEXT: Readonly<Record<State, readonly State[]>> = {
  initializing: ['ready', 'failed', 'closed'],
  ready: ['interrupted', 'closed'],
  interrupted: ['ready', 'closed'],
  // Back to the beginning with another SDK key.
  failed: ['initializing', 'ready', 'closed'],
  closed: [],
};

/** The one holder of a client's state. */
export class Lifecycle {
  #state: State = 'initializing';
  /** Milliseconds since the epoch: when the present state began. */
  #since: number;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
    this.#since = now();
  }

  get state(): State {
    return this.#state;
  }

  get since(): number {
    return this.#since;
  }

  /**
   * Takes the step if the table has it.
   *
   * @returns The state before, or undefined when the step is none: the caller then has nothing to announce.
   */
  move(to: State): State | undefined {
    const from = this.#state;
    if (!NEXT[from].includes(to)) return undefined;
    this.#state = to;
    this.#since = this.#now();
    return from;
  }
}
