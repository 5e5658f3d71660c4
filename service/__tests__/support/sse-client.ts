import { type ClientRequest, get, type IncomingMessage } from 'node:http';
import { createParser, type EventSourceMessage } from 'eventsource-parser';

/** Reads one event stream over a real socket, event by event. */
export class SseClient {
  readonly #request: ClientRequest;
  readonly #answer: IncomingMessage;
  readonly #events: EventSourceMessage[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly closed: Promise<void>;
  retryMs: number | undefined;
  comments = 0;
  bytes = 0;
  isClosed = false;

  /** Resolves with the answer's head; what is not 200 has no events and its body in `body`. */
  static open(url: string, headers: Record<string, string> = {}): Promise<SseClient> {
    return new Promise((resolve, reject) => {
      const request = get(url, { headers, agent: false }, (answer) => resolve(new SseClient(request, answer)));
      request.on('error', reject);
    });
  }

  private constructor(request: ClientRequest, answer: IncomingMessage) {
    this.#request = request;
    this.#answer = answer;
    const parser = createParser({
      onEvent: (event) => this.#events.push(event),
      onRetry: (retryMs) => {
        this.retryMs = retryMs;
      },
      onComment: () => this.comments++,
    });
    answer.setEncoding('utf8');
    answer.on('data', (text: string) => {
      this.bytes += Buffer.byteLength(text);
      parser.feed(text);
      this.#wake();
    });
    // Cut connections end in an error that `closed` already tells.
    request.on('error', () => {});
    answer.on('error', () => {});
    this.closed = new Promise((resolve) => {
      answer.on('close', () => {
        this.isClosed = true;
        this.#wake();
        resolve();
      });
    });
  }

  get status(): number {
    return this.#answer.statusCode as number;
  }

  get headers(): IncomingMessage['headers'] {
    return this.#answer.headers;
  }

  /** The next event, with its data parsed. Rejects when the stream ends before it. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into data of every shape
  async next(): Promise<{ event: string | undefined; id: string | undefined; data: any }> {
    while (this.#events.length === 0) {
      if (this.isClosed) throw new Error('the stream ended');
      await this.#news();
    }
    const { event, id, data } = this.#events.shift() as EventSourceMessage;
    return { event, id, data: JSON.parse(data) };
  }

  /** Resolves when the condition holds; it is looked at whenever something arrives. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.isClosed) throw new Error('the stream ended');
      await this.#news();
    }
  }

  /** Stops reading, so that what the service sends piles up. */
  pause(): void {
    this.#answer.pause();
    this.#answer.socket.pause();
  }

  close(): void {
    this.#request.destroy();
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
