// Open streams: how many, how long, who gets what when. Keeps no settings: each environment's source gives the
// snapshot, `publish` the changes.
import { type Broadcast, Channel, type Source, Subscriber, type Subscription } from './channel.js';
import type { Sink } from './open-stream.js';
import { createSteadyClock } from './steady-clock.js';

/** How exactly heartbeats and lifetimes are kept: this many looks at every stream in a heartbeat's time. */
const SWEEPS_PER_HEARTBEAT = 100;
/** Part of an interval that chance may take away, so that streams opened together do not act together. */
const SPREAD = 0.2;
/** What clients wait at least when asked to come back while draining: the usual first delay (protocol.md 4.5). */
const LEAST_RETRY_MS = 1000;

export interface HubOptions {
  /** A comment is written after this long without traffic, or up to 20 % earlier. */
  readonly heartbeatMs: number;
  /** A stream is ended after 80 to 100 % of this; 0: never. */
  readonly maxLifetimeMs: number;
  /** A reader with more bytes waiting than this, its snapshot aside, is closed at the next change. */
  readonly maxWaitingBytes: number;
  /** Snapshots on their way at one time; further streams wait their turn. */
  readonly maxSnapshots: number;
  readonly maxStreams: number;
  readonly maxStreamsPerKey: number;
  /** While draining, clients are asked to come back at no more than this many a second. */
  readonly reconnectsPerSecond: number;
}

export interface HubEdges {
  readonly now: () => number;
  readonly random: () => number;
  /** Told how long it took to write a change to every stream. */
  onFanOut?(durationMs: number): void;
}

export type Refusal = 'draining' | 'too_many_streams' | 'too_many_streams_for_key';

export class Hub {
  readonly #options: HubOptions;
  readonly #edges: HubEdges;
  readonly #subscribers = new Set<Subscriber>();
  readonly #byKey = new Map<string, Set<Subscriber>>();
  readonly #channels = new Map<string, Channel>();
  /** Those who wait for their snapshot, in order. */
  readonly #queue = new Set<Subscriber>();
  readonly #sweep: NodeJS.Timeout;
  #snapshots = 0;
  #draining = false;
  #emptied: (() => void) | undefined;
  /** Totals since the start, for the metrics. */
  readonly counts = { opened: 0, refused: 0, dropped: 0, broadcasts: 0, snapshots: 0, frames: 0, bytes: 0 };

  constructor(options: HubOptions, edges: HubEdges) {
    this.#options = options;
    // A clock that is set back must not keep heartbeats from the streams until it is where it was.
    this.#edges = { ...edges, now: createSteadyClock(edges.now) };
    this.#sweep = setInterval(() => this.#sweepStreams(), Math.max(10, options.heartbeatMs / SWEEPS_PER_HEARTBEAT));
    this.#sweep.unref();
  }

  /** Streams that get changes as they happen, per environment. */
  liveSizes(): Map<string, number> {
    return new Map([...this.#channels].map(([environment, { live }]) => [environment, live.size]));
  }

  get size(): number {
    return this.#subscribers.size;
  }

  get waitingForSnapshot(): number {
    return this.#queue.size;
  }

  /** Snapshots that have not left yet; never more than `maxSnapshots`. */
  get snapshotsUnderWay(): number {
    return this.#snapshots;
  }

  /** The present data of an environment; undefined when there is none of that key. */
  source(environment: string): Source | undefined {
    return this.#channels.get(environment)?.source;
  }

  /**
   * Gives an environment its data. Where it had other data before, as after a restore, every live stream gets a new
   * snapshot.
   */
  setSource(source: Source): void {
    const before = this.#channels.get(source.key);
    // A channel of its own: what is still on its way to the streams of the old one belongs to the old data.
    this.#channels.set(source.key, this.#createChannel(source));
    if (before === undefined) return;
    const subscribers = [...before.live];
    before.live.clear();
    for (const subscriber of subscribers) this.sendSnapshot(subscriber);
  }

  /** Ends the streams of an environment that no longer exists. */
  removeSource(environment: string): void {
    this.#channels.delete(environment);
    for (const subscriber of this.#subscribers) {
      if (subscriber.subscription.environment === environment) subscriber.end();
    }
  }

  /** Why a further stream is refused. Ask in the tick that attaches it. */
  refusal(keyId: string): Refusal | undefined {
    const refusal = this.#refusal(keyId);
    if (refusal !== undefined) this.counts.refused++;
    return refusal;
  }

  #refusal(keyId: string): Refusal | undefined {
    if (this.#draining) return 'draining';
    if (this.#subscribers.size >= this.#options.maxStreams) return 'too_many_streams';
    if ((this.#byKey.get(keyId)?.size ?? 0) >= this.#options.maxStreamsPerKey) return 'too_many_streams_for_key';
    return undefined;
  }

  /** Takes a stream in: it counts and gets heartbeats, but no data until `sendSnapshot` or `join`. */
  attach(sink: Sink, subscription: Subscription): Subscriber {
    const now = this.#edges.now();
    const { heartbeatMs, maxLifetimeMs, maxWaitingBytes } = this.#options;
    const limits = {
      maxWaitingBytes,
      heartbeatMs: this.#spread(heartbeatMs),
      endsAt: maxLifetimeMs === 0 ? Infinity : now + this.#spread(maxLifetimeMs),
    };
    const subscriber = new Subscriber(sink, subscription, limits, now);
    this.#subscribers.add(subscriber);
    this.#ofKey(subscription.keyId).add(subscriber);
    subscriber.onClose(() => this.#remove(subscriber));
    this.counts.opened++;
    return subscriber;
  }

  /** Sends everything, at once or when its turn comes, and from then on every change. */
  sendSnapshot(subscriber: Subscriber): void {
    if (!subscriber.open) return;
    this.#queue.add(subscriber);
    this.#startSnapshots();
  }

  /**
   * Writes what a returning client missed and makes it live. Must be called in the tick in which `missed` was found to
   * reach up to the source's present revision.
   */
  join(subscriber: Subscriber, missed: Buffer): void {
    const channel = this.#channels.get(subscriber.subscription.environment);
    if (!subscriber.open || channel === undefined) return;
    channel.add(subscriber);
    this.#write(subscriber, missed, this.#edges.now());
  }

  /** Sends one change set to every live stream of an environment whose data already includes it. */
  publish(environment: string, broadcast: Broadcast): void {
    this.counts.broadcasts++;
    this.#channels.get(environment)?.publish(broadcast);
  }

  /** Ends the streams of an SDK key that is no longer valid. */
  endKey(keyId: string): void {
    for (const subscriber of this.#byKey.get(keyId) ?? []) subscriber.end();
  }

  /**
   * Refuses new streams, ends all and asks their clients to come back spread over time. Resolves when every
   * connection is closed; those still open after `timeoutMs` are cut.
   */
  async drain(timeoutMs: number): Promise<void> {
    this.#draining = true;
    if (this.size > 0) {
      const emptied = new Promise<void>((resolve) => {
        this.#emptied = resolve;
      });
      const cut = setTimeout(() => this.close(), timeoutMs);
      const spreadMs = (this.size / this.#options.reconnectsPerSecond) * 1000;
      for (const subscriber of this.#subscribers) {
        subscriber.end(Math.round(LEAST_RETRY_MS + this.#edges.random() * spreadMs));
      }
      await emptied;
      clearTimeout(cut);
    }
    this.close();
  }

  /** Closes every stream at once. */
  close(): void {
    this.#draining = true;
    clearInterval(this.#sweep);
    for (const subscriber of this.#subscribers) subscriber.destroy();
  }

  #startSnapshots(): void {
    for (const subscriber of this.#queue) {
      if (this.#snapshots >= this.#options.maxSnapshots) return;
      this.#queue.delete(subscriber);
      if (subscriber.open) this.#startSnapshot(subscriber);
    }
  }

  // Snapshot and registration in one tick: no change can fall between them, and none is sent twice.
  #startSnapshot(subscriber: Subscriber): void {
    const channel = this.#channels.get(subscriber.subscription.environment);
    if (channel === undefined) {
      subscriber.end();
      return;
    }
    const frame = channel.source.putFrame();
    channel.add(subscriber);
    this.#snapshots++;
    this.counts.snapshots++;
    this.counts.bytes += frame.length;
    subscriber.writeSnapshot(frame, this.#edges.now(), () => {
      this.#snapshots--;
      this.#startSnapshots();
    });
  }

  #write(subscriber: Subscriber, frame: Buffer, now: number): void {
    if (subscriber.write(frame, now)) {
      this.counts.frames++;
      this.counts.bytes += frame.length;
    } else {
      this.counts.dropped++;
    }
  }

  #sweepStreams(): void {
    const now = this.#edges.now();
    for (const subscriber of this.#subscribers) {
      if (now >= subscriber.endsAt) subscriber.end();
      else if (now >= subscriber.writtenAt + subscriber.heartbeatMs) subscriber.heartbeat(now);
    }
  }

  #remove(subscriber: Subscriber): void {
    const { keyId, environment } = subscriber.subscription;
    const ofKey = this.#ofKey(keyId);
    ofKey.delete(subscriber);
    if (ofKey.size === 0) this.#byKey.delete(keyId);
    this.#channels.get(environment)?.live.delete(subscriber);
    this.#queue.delete(subscriber);
    this.#subscribers.delete(subscriber);
    if (this.size === 0) this.#emptied?.();
  }

  #createChannel(source: Source): Channel {
    return new Channel(source, {
      now: this.#edges.now,
      write: (subscriber, frame, now) => this.#write(subscriber, frame, now),
      onReached: (durationMs) => this.#edges.onFanOut?.(durationMs),
    });
  }

  #ofKey(keyId: string): Set<Subscriber> {
    let subscribers = this.#byKey.get(keyId);
    if (subscribers === undefined) {
      subscribers = new Set();
      this.#byKey.set(keyId, subscribers);
    }
    return subscribers;
  }

  #spread(wholeMs: number): number {
    return wholeMs * (1 - SPREAD * this.#edges.random());
  }
}
