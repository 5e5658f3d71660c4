// How change sets land on all nodes together: what the receipts say here, and what the other nodes tell of theirs. Nodes
// tell each other only of environments that somebody watches there.
import type { NodeLink } from './node-link.js';
import type { Peers } from './peers.js';
import { type Landing, MAX_FOLLOWED_MS, MAX_OPEN, MAX_WAITING, type Receipts } from './receipts.js';

const TELL_INTERVAL_MS = 100;

/** A change set as it lands. */
interface Followed {
  readonly since: number;
  own: Landing | undefined;
  /** By node. */
  readonly others: Map<string, Landing>;
  /** Its end has been told; what comes later is of no interest. */
  isOver: boolean;
}

export interface LandingsParts {
  readonly receipts: Pick<Receipts, 'progress'>;
  readonly peers: Peers;
  readonly link: NodeLink;
  readonly now: () => number;
  /** Told that there is something new. */
  onProgress(environment: string, hasLanded: boolean): void;
}

export class Landings {
  readonly #parts: LandingsParts;
  readonly #environments = new Map<string, Map<number, Followed>>();
  readonly #untold = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: LandingsParts) {
    this.#parts = parts;
    parts.link.on('landings', ({ environment, items }, from) => {
      for (const landing of items) this.#followed(environment, landing.revision).others.set(from, landing);
      parts.onProgress(environment, items.at(-1)?.done === true);
    });
  }

  /** Something new is known of how changes land here. */
  progressed(environment: string, hasLanded: boolean): void {
    this.#parts.onProgress(environment, hasLanded);
    if (!this.#parts.peers.watch(environment)) return;
    this.#untold.add(environment);
    this.#timer ??= setTimeout(() => this.#tell(), TELL_INTERVAL_MS).unref();
  }

  /** Where the followed change sets stand, oldest first. Those reported as done are not followed any longer. */
  progress(environment: string): Landing[] {
    this.#takeOwn(environment);
    const landings: Landing[] = [];
    const followed = [...(this.#environments.get(environment) ?? [])].sort(([a], [b]) => a - b);
    for (const [revision, one] of followed) {
      if (one.isOver) continue;
      const landing = this.#together(environment, revision, one);
      one.isOver = landing.done;
      landings.push(landing);
    }
    return landings;
  }

  removeEnvironment(environment: string): void {
    this.#environments.delete(environment);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #tell(): void {
    this.#timer = undefined;
    for (const environment of this.#untold) {
      this.#parts.link.sendList('landings', { environment }, this.#takeOwn(environment));
    }
    this.#untold.clear();
  }

  /** Returns what is still open here, and what has just ended. */
  #takeOwn(environment: string): Landing[] {
    const landings = this.#parts.receipts.progress(environment);
    for (const landing of landings) this.#followed(environment, landing.revision).own = landing;
    return landings;
  }

  #together(environment: string, revision: number, { since, own, others }: Followed): Landing {
    const { peers, now } = this.#parts;
    const parts = peers.ids.map((id) => others.get(id) ?? unheard(revision, peers.reportingOn(id, environment)));
    const here = own ?? unheard(revision, peers.counts(environment).reporting - sum(parts, 'connected'));
    const all = [here, ...parts];
    const isLate = now() - since > MAX_FOLLOWED_MS;
    return {
      revision,
      applied: sum(all, 'applied'),
      connected: sum(all, 'connected'),
      p50Ms: medianOf(all),
      slowestMs: all.reduce<number | null>((slowest, { slowestMs }) => larger(slowest, slowestMs), null),
      waiting: all.flatMap(({ waiting }) => waiting).slice(0, MAX_WAITING),
      done: isLate || all.every(({ done }) => done),
    };
  }

  #followed(environment: string, revision: number): Followed {
    let revisions = this.#environments.get(environment);
    if (revisions === undefined) {
      revisions = new Map();
      this.#environments.set(environment, revisions);
    }
    let followed = revisions.get(revision);
    if (followed === undefined) {
      followed = { since: this.#parts.now(), own: undefined, others: new Map(), isOver: false };
      revisions.set(revision, followed);
      if (revisions.size > MAX_OPEN) revisions.delete(Math.min(...revisions.keys()));
    }
    return followed;
  }
}

/** What is known of a node that has not yet told of a revision. */
function unheard(revision: number, connected: number): Landing {
  return { revision, applied: 0, connected, p50Ms: null, slowestMs: null, waiting: [], done: connected === 0 };
}

function sum(landings: readonly Landing[], field: 'applied' | 'connected'): number {
  return landings.reduce((total, landing) => total + landing[field], 0);
}

function larger(a: number | null, b: number | null): number | null {
  return a === null || (b !== null && b > a) ? b : a;
}

/** The median of the nodes' medians, each as heavy as it has servers: near the true one, for the price of one number. */
function medianOf(landings: readonly Landing[]): number | null {
  const timed = landings.filter(({ p50Ms }) => p50Ms !== null).sort((a, b) => (a.p50Ms ?? 0) - (b.p50Ms ?? 0));
  let left = sum(timed, 'applied') / 2;
  for (const { applied, p50Ms } of timed) {
    left -= applied;
    if (left <= 0) return p50Ms;
  }
  return null;
}
