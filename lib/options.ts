import type { Hook } from './hooks.js';
import type { Logger } from './log.js';
import type { Change, DataSet } from './protocol.js';

export const DEFAULT_SERVICE_URI = 'http://localhost:8383';
/** Timers overflow above this and fire at once. */
const MAX_DURATION_MS = 2 ** 31 - 1;

/** What an application may set. Each field says its unit and default; `docs/api.md` lists them all. */
export interface ClientOptions {
  /**
   * Base address for stream, poll and events at once.
   * Default: environment variable `FEATHERY_SERVICE_URI`, else `http://localhost:8383`.
   */
  serviceUri?: string;
  /** Base address of the stream, when it differs from `serviceUri`. */
  streamUri?: string;
  /** Base address for polling, when it differs from `serviceUri`. */
  pollUri?: string;
  /** Base address for analytics and diagnostics, when it differs from `serviceUri`. */
  eventsUri?: string;
  /** False: poll instead of holding a stream. Default true. */
  stream?: boolean;
  /** First delay before the stream is opened again, in milliseconds; doubles up to 30 s. Default 1000. */
  streamInitialReconnectDelayMs?: number;
  /** Time from the start of one poll to the start of the next, in milliseconds. Default and minimum 30000. */
  pollIntervalMs?: number;
  /** Limit for one poll or one delivery of events, in milliseconds. Default 10000, minimum 1000. */
  timeoutMs?: number;
  /** False: nothing is ever sent, diagnostics included. Default true. */
  sendEvents?: boolean;
  /** Most events kept between two flushes; further ones are dropped and counted. Default 10000. */
  capacity?: number;
  /** Time between two deliveries of events, in milliseconds. Default 5000. */
  flushIntervalMs?: number;
  /** Most context keys remembered as seen. Default 1000. */
  contextKeysCapacity?: number;
  /** After how long all remembered context keys are forgotten, in milliseconds. Default 300000. */
  contextKeysFlushIntervalMs?: number;
  /** True: no attribute but the key leaves the process in events. Default false. */
  allAttributesPrivate?: boolean;
  /** Attribute references that are never sent. Default none. */
  privateAttributes?: readonly string[];
  /** True: bodies of events and diagnostics are compressed with gzip. Default false. */
  enableEventCompression?: boolean;
  /** True: no index and identify events for anonymous contexts. Default false. */
  omitAnonymousContexts?: boolean;
  /** True: no diagnostic events. Default false. */
  diagnosticOptOut?: boolean;
  /** Time between two diagnostic events, in milliseconds. Default 900000, minimum 60000. */
  diagnosticRecordingIntervalMs?: number;
  /** True: no network at all; every evaluation gives the default value. Default false. */
  offline?: boolean;
  /** Ask the service for the part of the data that this filter names. Default: everything. */
  payloadFilterKey?: string;
  /** Names the application in a request header. */
  application?: { id?: string; version?: string; name?: string; versionName?: string };
  /** Name and version of a library that wraps this SDK, for a request header. */
  wrapperName?: string;
  wrapperVersion?: string;
  /** Called around each evaluation and after each `track`. */
  hooks?: readonly Hook[];
  /** TLS settings for all connections. By default certificates are verified against the system's authorities. */
  tlsParams?: TlsOptions;
  /** HTTP proxy for all connections. Default none. */
  proxyOptions?: ProxyOptions;
  /** Receives what an operator must see. Default: warnings and errors on `console`. */
  logger?: Logger;
  /** True: the open stream and the timers hold the process open until `close()`. Default false. */
  keepAlive?: boolean;
  /** Keeps the last known settings in a file and serves them at the next start until the service answers. */
  cache?: { path: string };
  /** Folder where analytics that could not be delivered at close wait for the next start. Default none. */
  spoolDir?: string;
  /** Takes the place of the service: `testing.settings(…)` or `fileSource(…)`. Default none. */
  dataSource?: LocalSource;
}

/** Settings that do not come from the service. */
export interface LocalSource {
  /** Gives the present data at once, and later changes until `close` is called. */
  start(receiver: LocalReceiver): void;
  close(): void;
}

/** What a local source hands its data to. */
export interface LocalReceiver {
  replaceAll(data: DataSet): void;
  apply(changes: readonly Change[]): void;
  /** The data cannot be had now; what was there stays in use. */
  fail(error: Error): void;
}

/** The members of `tls.connect` options that matter here. */
export interface TlsOptions {
  /** Trusted certificates (PEM); replaces the system's list. */
  ca?: string | Uint8Array | ReadonlyArray<string | Uint8Array>;
  /** Client certificate and key (PEM). */
  cert?: string | Uint8Array;
  key?: string | Uint8Array;
  passphrase?: string;
  /** Name expected in the server's certificate. */
  servername?: string;
  /** False: any certificate is accepted. For tests only. Default true. */
  rejectUnauthorized?: boolean;
}

export interface ProxyOptions {
  /** `http` (default) or `https`: how the proxy itself is reached. */
  scheme?: 'http' | 'https';
  host: string;
  port: number;
  /** `user:password` for the proxy. */
  auth?: string;
}

/** Options after validation: every field is present, the addresses have no trailing slash. Frozen. */
export interface ResolvedOptions {
  readonly streamUri: string;
  readonly pollUri: string;
  readonly eventsUri: string;
  readonly stream: boolean;
  readonly streamInitialReconnectDelayMs: number;
  readonly pollIntervalMs: number;
  readonly timeoutMs: number;
  /** Also false when offline: nothing is sent then. */
  readonly sendEvents: boolean;
  readonly capacity: number;
  readonly flushIntervalMs: number;
  readonly contextKeysCapacity: number;
  readonly contextKeysFlushIntervalMs: number;
  readonly allAttributesPrivate: boolean;
  readonly privateAttributes: readonly string[];
  readonly enableEventCompression: boolean;
  readonly omitAnonymousContexts: boolean;
  readonly diagnosticOptOut: boolean;
  readonly diagnosticRecordingIntervalMs: number;
  readonly offline: boolean;
  readonly payloadFilterKey: string | undefined;
  /** Only the fields whose values may stand in a header. */
  readonly application: Readonly<{ id?: string; version?: string; name?: string; versionName?: string }>;
  readonly wrapperName: string | undefined;
  readonly wrapperVersion: string | undefined;
  readonly hooks: readonly Hook[];
  readonly tlsParams: TlsOptions | undefined;
  readonly proxyOptions: ProxyOptions | undefined;
  readonly logger: Logger | undefined;
  readonly keepAlive: boolean;
  readonly cache: { readonly path: string } | undefined;
  readonly spoolDir: string | undefined;
  readonly dataSource: LocalSource | undefined;
}
