// One open event stream: what is written to it, and when it has fallen too far behind to be kept.
import { HEARTBEAT, retryFrame } from './sse.js';

/** The part of a socket a stream is written to. */
export interface Sink {
  readonly destroyed: boolean;
  /** Bytes handed over and not yet taken by the system. */
  readonly writableLength: number;
  write(chunk: Buffer | string, done?: () => void): boolean;
  /** Ends after what was written has left. */
  destroySoon(): void;
  destroy(): unknown;
  once(event: 'close', listener: () => void): unknown;
}

export class OpenStream {
  readonly #sink: Sink;
  readonly #maxWaitingBytes: number;
  /** Size of a snapshot on its way: it alone may be larger than the bound. */
  #allowanceBytes = 0;
  #ended = false;
  /** When something was last written; heartbeats fill the time after. */
  writtenAt: number;

  constructor(sink: Sink, maxWaitingBytes: number, now: number) {
    this.#sink = sink;
    this.#maxWaitingBytes = maxWaitingBytes;
    this.writtenAt = now;
  }

  get open(): boolean {
    return !this.#ended && !this.#sink.destroyed;
  }

  get waitingBytes(): number {
    return this.#sink.writableLength;
  }

  /** @returns False when the reader was over its bound: the connection is then closed, and what it missed comes with its next one. */
  write(frame: Buffer | string, now: number): boolean {
    if (!this.open) return true;
    if (this.#sink.writableLength > this.#maxWaitingBytes + this.#allowanceBytes) {
      this.destroy();
      return false;
    }
    this.#sink.write(frame);
    this.writtenAt = now;
    return true;
  }

  /** Writes everything at once, whatever its size. `flushed` is called once: when the system took it all or the stream closed. */
  writeSnapshot(frame: Buffer, now: number, flushed: () => void): void {
    this.#allowanceBytes = frame.length;
    this.writtenAt = now;
    this.#sink.write(frame, () => {
      this.#allowanceBytes = 0;
      flushed();
    });
  }

  /** Nothing is sent to a reader that still has bytes waiting: they are its sign of life, or show that it is dead. */
  heartbeat(now: number): void {
    if (this.open && this.#sink.writableLength === 0) this.#sink.write(HEARTBEAT);
    this.writtenAt = now;
  }

  /** Ends the stream in good order. @param retryMs - How long the client is asked to wait before it connects again. */
  end(retryMs?: number): void {
    if (!this.open) return;
    if (retryMs !== undefined) this.#sink.write(retryFrame(retryMs));
    this.#ended = true;
    this.#sink.destroySoon();
  }

  /** Closes at once; what is waiting is lost. */
  destroy(): void {
    this.#ended = true;
    this.#sink.destroy();
  }

  onClose(listener: () => void): void {
    this.#sink.once('close', listener);
  }
}
