// The subscribers of one environment, and the change sets on their way to them.
import { OpenStream, type Sink } from './open-stream.js';

/** Subscribers written to before other work of the process gets its turn, the answer to the change too: some 5 ms. */
const CHUNK = 512;

/** `patches`: one event for each item, as every SDK reads it. `changes`: one event for the whole change set. */
export type Form = 'patches' | 'changes';

/** One change set, ready to be written. */
export interface Broadcast {
  readonly revision: number;
  /** Made once for each form, then shared by all streams. */
  frame(form: Form): Buffer;
}

/** The data of one environment. */
export interface Source {
  readonly key: string;
  readonly epoch: string;
  readonly revision: number;
  /** The `put` for the present revision, made once for each revision. */
  putFrame(): Buffer;
}

export interface Subscription {
  /** Key of the environment. */
  readonly environment: string;
  readonly keyId: string;
  readonly form: Form;
}

export interface StreamLimits {
  readonly maxWaitingBytes: number;
  readonly heartbeatMs: number;
  /** When the stream is ended; `Infinity`: never. */
  readonly endsAt: number;
}

/** One open stream of settings. */
export class Subscriber extends OpenStream {
  readonly subscription: Subscription;
  readonly heartbeatMs: number;
  readonly endsAt: number;
  /** The newest revision written; undefined until it is live. */
  revision: number | undefined;

  constructor(sink: Sink, subscription: Subscription, limits: StreamLimits, now: number) {
    super(sink, limits.maxWaitingBytes, now);
    this.subscription = subscription;
    this.heartbeatMs = limits.heartbeatMs;
    this.endsAt = limits.endsAt;
  }
}

export interface ChannelParts {
  readonly now: () => number;
  write(subscriber: Subscriber, frame: Buffer, now: number): void;
  /** Every subscriber has been given what was published this long ago. */
  onReached(durationMs: number): void;
}

export class Channel {
  readonly source: Source;
  /** Those that have everything up to a revision and get each change from there on. */
  readonly live = new Set<Subscriber>();
  readonly #parts: ChannelParts;
  /** Change sets that may not have reached everyone, oldest first. */
  #pending: Broadcast[] = [];
  #writing = false;

  constructor(source: Source, parts: ChannelParts) {
    this.source = source;
    this.#parts = parts;
  }

  /** Makes a subscriber live, in the tick in which it was given everything up to the source's present revision. */
  add(subscriber: Subscriber): void {
    subscriber.revision = this.source.revision;
    this.live.add(subscriber);
  }

  publish(broadcast: Broadcast): void {
    if (this.live.size === 0) return;
    this.#pending.push(broadcast);
    if (!this.#writing) this.#startRound();
  }

  /**
   * Goes once around and gives each subscriber whatever it lacks, a chunk at a time. Change sets that arrive meanwhile
   * are picked up on the way or in the next round, so a flood of them becomes fewer, larger writes.
   */
  #startRound(): void {
    this.#writing = true;
    const reached = this.#newest;
    const startedAt = this.#parts.now();
    const round = this.live.values();
    const writeChunk = (): void => {
      const missing = { patches: new Map<number, Buffer>(), changes: new Map<number, Buffer>() };
      const now = this.#parts.now();
      const newest = this.#newest;
      for (let written = 0; written < CHUNK; ) {
        const { done, value: subscriber } = round.next();
        if (done === true) {
          this.#parts.onReached(this.#parts.now() - startedAt);
          this.#endRound(reached);
          return;
        }
        if ((subscriber.revision as number) >= newest) continue;
        this.#parts.write(subscriber, this.#missing(subscriber, missing), now);
        subscriber.revision = newest;
        written++;
      }
      setImmediate(writeChunk);
    };
    writeChunk();
  }

  #endRound(reached: number): void {
    this.#pending = this.#pending.filter(({ revision }) => revision > reached);
    this.#writing = this.#pending.length > 0;
    if (this.#writing) setImmediate(() => this.#startRound());
  }

  /** Nearly all subscribers are at the same revision, so what they lack is joined once for all of them. */
  #missing({ subscription: { form }, revision }: Subscriber, joined: Record<Form, Map<number, Buffer>>): Buffer {
    const from = revision as number;
    let frame = joined[form].get(from);
    if (frame === undefined) {
      const frames = this.#pending.filter((one) => one.revision > from).map((one) => one.frame(form));
      frame = frames.length === 1 ? (frames[0] as Buffer) : Buffer.concat(frames);
      joined[form].set(from, frame);
    }
    return frame;
  }

  get #newest(): number {
    return (this.#pending.at(-1) as Broadcast).revision;
  }
}
