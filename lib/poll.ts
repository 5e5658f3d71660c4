import type { SourceParts } from './source.js';

/** Asks for all data at an interval. */
export declare class Poll {
  constructor(parts: SourceParts);
  start(): void;
  /** Polls at once with another key. */
  rotate(sdkKey: string): void;
  close(): void;
}
