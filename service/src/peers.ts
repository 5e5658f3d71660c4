// The other nodes: who they are, how many streams they have, and what people watch there. Each tells the others every few
// seconds, and soon after something has changed. With the embedded database there are none.
import type { Connections, Counts } from './connections.js';
import type { NodeLink } from './node-link.js';

const REPORT_INTERVAL_MS = 5_000;
/** Changes within this time are told together. */
const REPORT_DELAY_MS = 500;
/** Who has not been heard for so many intervals is gone, or cannot be heard. Counted, as a clock may be set. */
const FORGET_AFTER = 3;

/** What a node tells of itself. */
export interface Report {
  /** Per environment: open streams, and those among them that report what they have applied. */
  readonly streams: Readonly<Record<string, readonly [connected: number, reporting: number]>>;
  /** Environments of which somebody watches the live view. */
  readonly watched: readonly string[];
}

interface Peer {
  readonly report: Report;
  /** Intervals since it was last heard. */
  silentFor: number;
}

export interface PeersParts {
  readonly link: NodeLink;
  readonly connections: Connections;
  /** Environments that are watched on this node. */
  watched(): readonly string[];
  /** Told that the counts of the environments have changed elsewhere. */
  onChange(environments: Iterable<string>): void;
}

export class Peers {
  readonly #parts: PeersParts;
  readonly #peers = new Map<string, Peer>();
  readonly #interval: NodeJS.Timeout | undefined;
  #soon: NodeJS.Timeout | undefined;

  constructor(parts: PeersParts) {
    this.#parts = parts;
    const { link } = parts;
    if (!link.isShared) return;
    link.on('report', (report, from) => this.#hear(from, report));
    link.on('hello', () => this.#report());
    link.on('bye', (_body, from) => this.#forget(from));
    link.on('listening', () => {
      link.send('hello', {});
      this.#report();
    });
    this.#interval = setInterval(() => this.#look(), REPORT_INTERVAL_MS).unref();
  }

  /** Ids of the other nodes. */
  get ids(): string[] {
    return [...this.#peers.keys()];
  }

  /** Streams of an environment on all nodes. */
  counts(environment: string): Counts {
    const own = this.#parts.connections.counts(environment);
    let { connected, reporting } = own;
    for (const { report } of this.#peers.values()) {
      connected += report.streams[environment]?.[0] ?? 0;
      reporting += report.streams[environment]?.[1] ?? 0;
    }
    return { connected, reporting };
  }

  /** Streams that report what they have applied, of all environments on the other nodes. */
  get reportingElsewhere(): number {
    let sum = 0;
    for (const { report } of this.#peers.values()) {
      for (const [, reporting] of Object.values(report.streams)) sum += reporting;
    }
    return sum;
  }

  reportingOn(id: string, environment: string): number {
    return this.#peers.get(id)?.report.streams[environment]?.[1] ?? 0;
  }

  /** Whether somebody watches an environment on another node. */
  watch(environment: string): boolean {
    for (const { report } of this.#peers.values()) if (report.watched.includes(environment)) return true;
    return false;
  }

  /** What this node tells of itself has changed. */
  changed(): void {
    if (this.#parts.link.isShared) this.#soon ??= setTimeout(() => this.#report(), REPORT_DELAY_MS).unref();
  }

  close(): void {
    clearInterval(this.#interval);
    clearTimeout(this.#soon);
    this.#parts.link.send('bye', {});
  }

  #report(): void {
    clearTimeout(this.#soon);
    this.#soon = undefined;
    const { link, connections, watched } = this.#parts;
    const streams: Record<string, [number, number]> = {};
    for (const environment of connections.environments()) {
      const { connected, reporting } = connections.counts(environment);
      streams[environment] = [connected, reporting];
    }
    link.send('report', { streams, watched: watched() });
  }

  #look(): void {
    for (const [id, peer] of this.#peers) {
      peer.silentFor += 1;
      if (peer.silentFor > FORGET_AFTER) this.#forget(id);
    }
    this.#report();
  }

  #hear(id: string, report: Report): void {
    const before = this.#peers.get(id)?.report.streams ?? {};
    this.#peers.set(id, { report, silentFor: 0 });
    const environments = new Set([...Object.keys(before), ...Object.keys(report.streams)]);
    for (const environment of environments) {
      if (`${before[environment]}` === `${report.streams[environment]}`) environments.delete(environment);
    }
    this.#parts.onChange(environments);
  }

  #forget(id: string): void {
    const gone = this.#peers.get(id);
    if (gone === undefined) return;
    this.#peers.delete(id);
    this.#parts.onChange(Object.keys(gone.report.streams));
  }
}
