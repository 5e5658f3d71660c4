import type { SourceParts } from './source.js';

/** Keeps one SSE connection open, for ever, and hands on what it says. */
export declare class Stream {
  constructor(parts: SourceParts);
  start(): void;
  /** Reconnects at once with another key. */
  rotate(sdkKey: string): void;
  /** Forgets the position to resume at, because the data no longer is what the stream delivered. */
  forgetPosition(): void;
  /** Ends the connection, or the wait for one, at once. */
  close(): void;
}
