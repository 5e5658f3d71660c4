import { Poll } from './poll.js';
import type { SourceHandlers, SourceParts } from './source.js';
import { Stream } from './stream.js';

/** So many connections in a row that stood and brought nothing, and the stream is taken to be held back. */
const SILENT_CONNECTIONS = 3;

/**
 * Where the data comes from: the stream; polling where that is wanted; or both, where the stream stands but brings
 * nothing, as behind a proxy that collects an answer before it passes it on. Then polling fills in while the stream
 * goes on trying at its own pace (a watchdog and a backoff apart, so some minutes), until it delivers again. There is
 * never more than one stream.
 */
export class DataSource {
  readonly #parts: SourceParts;
  readonly #stream: Stream | undefined;
  #poll: Poll | undefined;
  #sdkKey: string;
  #silentConnections = 0;
  #closed = false;

  constructor(parts: SourceParts) {
    this.#parts = parts;
    this.#sdkKey = parts.sdkKey;
    if (parts.options.stream) this.#stream = new Stream({ ...parts, handlers: this.#streamHandlers(parts.handlers) });
    else this.#poll = new Poll(parts);
  }

  /** Which of the two delivers at present. */
  get current(): 'stream' | 'poll' {
    return this.#poll === undefined ? 'stream' : 'poll';
  }

  start(): void {
    this.#stream?.start();
    this.#poll?.start();
  }

  /** Goes on with another key, at once. */
  rotate(sdkKey: string): void {
    this.#sdkKey = sdkKey;
    this.#stream?.rotate(sdkKey);
    this.#poll?.rotate(sdkKey);
  }

  close(): void {
    this.#closed = true;
    this.#stream?.close();
    this.#poll?.close();
  }

  #streamHandlers(handlers: SourceHandlers): SourceHandlers {
    return {
      onUnchanged: () => handlers.onUnchanged(),
      onOpen: (headers) => handlers.onOpen(headers),
      onAttempt: (init) => handlers.onAttempt(init),
      onMessage: (message, meta) => {
        this.#silentConnections = 0;
        this.#endFallback();
        handlers.onMessage(message, meta);
      },
      onProblem: (error, info) => {
        if (info.silent) this.#silentConnections++;
        // While polling fills in, a silent stream is no news: what matters is how the polls go.
        if (this.#poll === undefined || info.rejected) handlers.onProblem(error, info);
        if (this.#silentConnections >= SILENT_CONNECTIONS) this.#startFallback();
      },
    };
  }

  #startFallback(): void {
    if (this.#poll !== undefined || this.#closed) return;
    this.#parts.log.info('The stream brings nothing. Polling until it does; a proxy may be holding it back');
    this.#stream?.forgetPosition();
    this.#poll = new Poll({ ...this.#parts, sdkKey: this.#sdkKey });
    this.#poll.start();
  }

  #endFallback(): void {
    if (this.#poll === undefined) return;
    this.#parts.log.info('The stream delivers again; polling ends');
    this.#poll.close();
    this.#poll = undefined;
  }
}
