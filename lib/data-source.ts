import type { SourceParts } from './source.js';

/** Where the data comes from: the stream, or polling where that is wanted or where the stream cannot be held. */
export declare class DataSource {
  constructor(parts: SourceParts);
  /** Which of the two delivers at present. */
  readonly current: 'stream' | 'poll';
  start(): void;
  rotate(sdkKey: string): void;
  close(): void;
}
