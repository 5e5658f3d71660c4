import type { Sink } from '../../src/open-stream.js';

/** A socket in memory. What is written stays waiting until `drain`, unless it was made to take everything at once. */
export class FakeSink implements Sink {
  readonly #takesAll: boolean;
  readonly #onClose: (() => void)[] = [];
  readonly #flushed: (() => void)[] = [];
  destroyed = false;
  ended = false;
  writableLength = 0;
  text = '';
  writes = 0;

  constructor({ takesAll = true } = {}) {
    this.#takesAll = takesAll;
  }

  write(chunk: Buffer | string, done?: () => void): boolean {
    this.writes++;
    this.text += chunk.toString();
    this.writableLength += chunk.length;
    if (done !== undefined) this.#flushed.push(done);
    if (this.#takesAll) this.drain();
    return this.#takesAll;
  }

  /** The system takes all that is waiting. */
  drain(): void {
    this.writableLength = 0;
    for (const done of this.#flushed.splice(0)) done();
  }

  destroySoon(): void {
    this.ended = true;
    if (this.writableLength === 0) this.destroy();
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.drain();
    for (const listener of this.#onClose) listener();
  }

  once(_event: 'close', listener: () => void): void {
    this.#onClose.push(listener);
  }
}
