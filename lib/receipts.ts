import type { IdentificationHeaders } from './headers.js';
import type { Fetch, ResponseHeaders } from './http.js';
import type { Log } from './log.js';
import type { ResolvedOptions } from './options.js';

export interface ReceiptsParts {
  readonly options: ResolvedOptions;
  readonly sdkKey: string;
  readonly headers: IdentificationHeaders;
  readonly fetch: Fetch;
  readonly now: () => number;
  readonly random: () => number;
  readonly log: Log;
}

/** Tells the service which revision is in use here, where it asked for that. */
export declare class Receipts {
  constructor(parts: ReceiptsParts);
  /** Headers of the stream's answer: says whether and how often receipts are wanted. */
  onOpen(headers: ResponseHeaders): void;
  /** The store has applied this revision. */
  applied(revision: number): void;
  rotate(sdkKey: string): void;
  close(): void;
}
