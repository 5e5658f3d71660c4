// How fast changes land: the time of each broadcast here, and what the servers report as applied. One clock, ours.
import type { Connection, Connections } from './connections.js';

/** Change sets of one environment whose landing is followed at one time; an older one is given up. */
export const MAX_OPEN = 16;
/** A landing that takes longer is no longer followed; `connections` still shows who is behind. */
export const MAX_FOLLOWED_MS = 10_000;
/** Servers named as waiting. */
export const MAX_WAITING = 20;
/** Below this a report would measure its own delay. */
const MIN_INTERVAL_MS = 20;

export interface ReceiptsOptions {
  /** All servers together report at most this often. */
  readonly receiptsPerSecond: number;
}

export interface ReceiptsParts {
  readonly options: ReceiptsOptions;
  readonly connections: Connections;
  readonly now: () => number;
  /** Told that landings of an environment have something new, and whether the newest has reached every server. */
  onProgress(environment: string, hasLanded: boolean): void;
  /** Servers that report to other nodes, as all nodes keep to the limit together. */
  reportingElsewhere?(): number;
  /** Told of a report by a server whose stream is not here. */
  onStray?(environment: string, receipt: Receipt): void;
  /** Told how long a change took from its broadcast to a server's report. */
  onLag?(lagMs: number): void;
}

export interface Receipt {
  readonly instanceId: string;
  readonly revision: number;
  /** How long the server kept the report back to spread reports; not counted as lag. */
  readonly heldMs?: number;
}

/** How far one change set has come. */
export interface Landing {
  readonly revision: number;
  /** Servers that reported this revision or a newer one. */
  readonly applied: number;
  /** Servers that report at all. */
  readonly connected: number;
  /** From the broadcast to the report, of the servers connected at the broadcast; null before the first. */
  readonly p50Ms: number | null;
  readonly slowestMs: number | null;
  /** Instances that have not reported it, a few of them. */
  readonly waiting: readonly string[];
  /** True in the last report about this revision. */
  readonly done: boolean;
}

interface OpenLanding {
  readonly revision: number;
  readonly broadcastAt: number;
  /** Connections that had been made by then. */
  readonly opened: number;
  readonly lagsMs: number[];
}

export class Receipts {
  readonly #parts: ReceiptsParts;
  readonly #open = new Map<string, OpenLanding[]>();

  constructor(parts: ReceiptsParts) {
    this.#parts = parts;
  }

  /** How often one server may report, so that all together keep to the limit. */
  get intervalMs(): number {
    const { connections, options, reportingElsewhere } = this.#parts;
    const reporting = connections.reporting + (reportingElsewhere?.() ?? 0);
    return Math.max(MIN_INTERVAL_MS, Math.ceil((reporting * 1000) / options.receiptsPerSecond));
  }

  /** What a server is told about reporting. */
  get header(): string {
    return `interval-ms=${this.intervalMs}`;
  }

  /** A change set goes out now. */
  broadcast(environment: string, revision: number): void {
    const { connections, now, onProgress } = this.#parts;
    const open = this.#open.get(environment) ?? [];
    this.#open.set(environment, [
      ...open.slice(1 - MAX_OPEN),
      { revision, broadcastAt: now(), opened: connections.opened, lagsMs: [] },
    ]);
    onProgress(environment, false);
  }

  /** Takes a server's report, or hands it on if its stream is elsewhere. One of nothing new changes nothing. */
  take(environment: string, receipt: Receipt): void {
    const connection = this.#parts.connections.find(environment, receipt.instanceId);
    if (connection === undefined) this.#parts.onStray?.(environment, receipt);
    else this.#take(connection, receipt);
  }

  /** Takes a report that another node has handed on to all. */
  takeStray(environment: string, receipt: Receipt): void {
    const connection = this.#parts.connections.find(environment, receipt.instanceId);
    if (connection !== undefined) this.#take(connection, receipt);
  }

  /** Where the followed change sets stand, oldest first. Those reported as done are not followed any longer. */
  progress(environment: string): Landing[] {
    const open = this.#open.get(environment) ?? [];
    const landings = open.map((landing) => this.#stand(environment, landing));
    const going = open.filter((_landing, index) => landings[index]?.done === false);
    if (going.length > 0) this.#open.set(environment, going);
    else this.#open.delete(environment);
    return landings;
  }

  #take(connection: Connection, { revision, heldMs = 0 }: Receipt): void {
    const { environment } = connection;
    const before = connection.appliedRevision ?? -1;
    if (revision <= before) return;
    // Nobody can have applied what was not sent: a false report must not hide true ones to come.
    if (revision > (connection.subscriber.revision ?? -1)) return;
    connection.appliedRevision = revision;
    const now = this.#parts.now();
    for (const landing of this.#open.get(environment) ?? []) {
      if (landing.revision <= before || landing.revision > revision) continue;
      // Who connected later got it with the snapshot: the time since the broadcast says nothing about that.
      if (connection.ordinal > landing.opened) continue;
      const lagMs = Math.max(0, now - landing.broadcastAt - heldMs);
      landing.lagsMs.push(lagMs);
      this.#parts.onLag?.(lagMs);
      connection.lagMs = lagMs;
    }
    const reports = this.#open.get(environment)?.at(-1)?.lagsMs.length ?? 0;
    this.#parts.onProgress(
      environment,
      reports > 0 && reports >= this.#parts.connections.counts(environment).reporting,
    );
  }

  #stand(environment: string, { revision, broadcastAt, lagsMs }: OpenLanding): Landing {
    let applied = 0;
    const waiting: string[] = [];
    for (const { reports, appliedRevision, instanceId } of this.#parts.connections.of(environment)) {
      if (!reports) continue;
      if (appliedRevision !== undefined && appliedRevision >= revision) applied++;
      else if (waiting.length < MAX_WAITING) waiting.push(instanceId);
    }
    const connected = this.#parts.connections.counts(environment).reporting;
    const sorted = lagsMs.toSorted((a, b) => a - b);
    return {
      revision,
      applied,
      connected,
      p50Ms: sorted[Math.floor((sorted.length - 1) / 2)] ?? null,
      slowestMs: sorted.at(-1) ?? null,
      waiting,
      done: applied === connected || this.#parts.now() - broadcastAt > MAX_FOLLOWED_MS,
    };
  }
}
