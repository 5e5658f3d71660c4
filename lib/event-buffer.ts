import { messageOf } from './errors.js';
import type { Log } from './log.js';

/** Most characters of all buffered events together; further events are dropped. */
export const MAX_BUFFER_CHARACTERS = 16_000_000;

/** Events as JSON text until the next flush. When it is full the oldest stay. See docs/protocol.md, section 6.5.5. */
export class EventBuffer {
  readonly #capacity: number;
  readonly #log: Log;
  #events: string[] = [];
  #characters = 0;
  #accepted = 0;
  #dropped = 0;
  /** What was warned of since the last flush. */
  readonly #warned = new Set<string>();

  constructor(capacity: number, log: Log) {
    this.#capacity = capacity;
    this.#log = log;
  }

  /** Events ever handed in, those that were dropped included. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Events that found no room, ever. */
  get dropped(): number {
    return this.#dropped;
  }

  get size(): number {
    return this.#events.length;
  }

  /**
   * Takes in one event.
   *
   * @param write - Makes its text; not called when there is no room. Undefined when that is impossible. May throw:
   *   it reads objects of the application.
   */
  add(write: () => string | undefined): void {
    this.#accepted++;
    if (this.#events.length >= this.#capacity || this.#characters >= MAX_BUFFER_CHARACTERS) {
      this.#dropped++;
      this.#warnOnce('full', 'The buffer of events is full; further events are dropped until the next flush.');
      return;
    }
    const event = this.#write(write);
    if (event === undefined) {
      this.#dropped++;
      return;
    }
    this.#events.push(event);
    this.#characters += event.length;
  }

  /** Empties the buffer. */
  take(): string[] {
    const events = this.#events;
    this.#events = [];
    this.#characters = 0;
    this.#warned.clear();
    return events;
  }

  #write(write: () => string | undefined): string | undefined {
    try {
      const event = write();
      if (event === undefined)
        this.#warnOnce('key', 'An event was dropped: its key or that of its context is too long.');
      return event;
    } catch (error) {
      this.#warnOnce('throws', `An event was dropped: it could not be written (${messageOf(error)}).`);
      return undefined;
    }
  }

  /** Once for each cause until the next flush: the same may happen with every request of the application. */
  #warnOnce(cause: string, message: string): void {
    if (this.#warned.has(cause)) return;
    this.#warned.add(cause);
    this.#log.warn(message);
  }
}
