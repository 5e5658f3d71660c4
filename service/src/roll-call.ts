// Which servers are connected to any node: each node knows its own and is asked when somebody wants to see them.
import { randomUUID } from 'node:crypto';
import type { Connection, Connections } from './connections.js';
import type { NodeLink } from './node-link.js';
import type { Peers } from './peers.js';
import { isoTime } from './time.js';

/** A node that has not answered by then is left out, and the answer says so. */
const PATIENCE_MS = 1_000;

export interface ListedConnection {
  readonly instanceId: string;
  readonly sdk: string;
  readonly wrapper: string | null;
  readonly tags: string | null;
  readonly address: string;
  readonly sdkKeyId: string;
  readonly connectedAt: string;
  readonly revision: number | null;
  readonly confirmed: boolean;
  readonly lagMs: number | null;
}

export interface Roll {
  readonly connections: readonly ListedConnection[];
  /** All nodes, and those that have answered; this one counts. */
  readonly nodes: { readonly total: number; readonly answered: number };
}

interface Open {
  readonly connections: ListedConnection[];
  readonly waitingFor: Set<string>;
  readonly end: () => void;
}

export interface RollCallParts {
  readonly link: NodeLink;
  readonly peers: Peers;
  readonly connections: Connections;
}

export class RollCall {
  readonly #parts: RollCallParts;
  readonly #open = new Map<string, Open>();

  constructor(parts: RollCallParts) {
    this.#parts = parts;
    const { link } = parts;
    link.on('ask', ({ question, environment, limit }) => {
      link.sendList('answer', { question }, this.#own(environment, limit));
      link.send('answered', { question });
    });
    link.on('answer', ({ question, items }) => this.#open.get(question)?.connections.push(...items));
    link.on('answered', ({ question }, from) => {
      const open = this.#open.get(question);
      open?.waitingFor.delete(from);
      if (open?.waitingFor.size === 0) open.end();
    });
  }

  /** The servers connected to an environment, those behind first, at most `limit`. */
  async take(environment: string, limit: number): Promise<Roll> {
    const { peers } = this.#parts;
    const own = this.#own(environment, limit);
    const total = peers.ids.length + 1;
    if (total === 1) return { connections: own, nodes: { total, answered: 1 } };
    const { connections, waitingFor } = await this.#ask(environment, limit);
    const all = [...own, ...connections].sort(behindFirst).slice(0, limit);
    return { connections: all, nodes: { total, answered: total - waitingFor.size } };
  }

  /** Ends what is being waited for. */
  close(): void {
    for (const { end } of this.#open.values()) end();
  }

  #ask(environment: string, limit: number): Promise<Open> {
    const { link, peers } = this.#parts;
    const question = randomUUID();
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#open.delete(question);
        resolve(open);
      };
      const open: Open = { connections: [], waitingFor: new Set(peers.ids), end };
      const timer = setTimeout(end, PATIENCE_MS);
      this.#open.set(question, open);
      link.send('ask', { question, environment, limit });
    });
  }

  #own(environment: string, limit: number): ListedConnection[] {
    return [...this.#parts.connections.of(environment)].map(listed).sort(behindFirst).slice(0, limit);
  }
}

function listed(connection: Connection): ListedConnection {
  const { instanceId, sdk, wrapper, tags, address, connectedAt, appliedRevision, lagMs, subscriber } = connection;
  return {
    instanceId,
    sdk,
    wrapper: wrapper ?? null,
    tags: tags ?? null,
    address,
    sdkKeyId: subscriber.subscription.keyId,
    connectedAt: isoTime(connectedAt),
    revision: appliedRevision ?? subscriber.revision ?? null,
    confirmed: appliedRevision !== undefined,
    lagMs: lagMs ?? null,
  };
}

function behindFirst(a: ListedConnection, b: ListedConnection): number {
  return (a.revision ?? -1) - (b.revision ?? -1) || (b.lagMs ?? -1) - (a.lagMs ?? -1);
}
