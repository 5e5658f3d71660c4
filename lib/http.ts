import type { ResolvedOptions } from './options.js';

/** The part of a `fetch` init that is used. Node's own `fetch` takes no certificate authority and no proxy. */
export interface FetchInit {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal;
  /** Longest time without progress, until the body has been read, in milliseconds. Default: no limit. */
  readonly timeoutMs?: number;
}

/** Header names are case-insensitive; null when absent. */
export interface ResponseHeaders {
  get(name: string): string | null;
}

/** The part of a `fetch` response that is used. Resolved as soon as the headers are there. */
export interface FetchResponse {
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** Decoded bytes as they arrive. Ending the iteration early closes the connection. */
  readonly body: AsyncIterable<Uint8Array> | null;
}

/** Never follows a redirect. Rejects on network and TLS errors, on abort and on timeout, never because of a status. */
export type Fetch = (url: string, init?: FetchInit) => Promise<FetchResponse>;

/** A fetch with its pool of connections. */
export interface ClosableFetch extends Fetch {
  /** Ends every connection and every request at once; later requests reject. */
  close(): void;
}

export declare function createFetch(
  options: Pick<ResolvedOptions, 'tlsParams' | 'proxyOptions' | 'keepAlive' | 'timeoutMs'>,
): ClosableFetch;

/** Reads the whole body as text. Rejects, and closes the connection, above `limitBytes`. */
export declare function readText(response: FetchResponse, limitBytes?: number): Promise<string>;

/** Reads a body that nobody wants, so that its connection can be used again. Never rejects. */
export declare function discard(response: FetchResponse): Promise<void>;
