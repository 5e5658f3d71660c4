import type { Hook } from './hooks.js';
import { isLogger, type Log, type Logger } from './log.js';
import {
  address,
  boolean,
  count,
  duration,
  isName,
  isObject,
  list,
  type Reader,
  shape,
  text,
  type Warn,
} from './option-readers.js';
import type { Change, DataSet } from './protocol.js';

export const DEFAULT_SERVICE_URI = 'http://localhost:8383';

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
  /** First delay before the stream is opened again, in milliseconds; doubles up to 30 s. Default 1000, minimum 1. */
  streamInitialReconnectDelayMs?: number;
  /** Time from the start of one poll to the start of the next, in milliseconds. Default and minimum 30000. */
  pollIntervalMs?: number;
  /** Limit for one poll or one delivery of events, in milliseconds. Default 10000, minimum 1000. */
  timeoutMs?: number;
  /** False: nothing is ever sent, diagnostics included. Default true, false with a `dataSource`. */
  sendEvents?: boolean;
  /** Most events kept between two flushes; further ones are dropped and counted. Default 10000, minimum 1. */
  capacity?: number;
  /** Time between two deliveries of events, in milliseconds. Default 5000, minimum 1. */
  flushIntervalMs?: number;
  /** Most context keys remembered as seen. Default 1000, minimum 1, maximum 1000000. */
  contextKeysCapacity?: number;
  /** After how long all remembered context keys are forgotten, in milliseconds. Default 300000, minimum 1. */
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
  /** Gives the present data at once if it has it, and later changes. @returns How to end that. */
  start(receiver: LocalReceiver): () => void;
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

/** Header values of the protocol (8.3): what a tag may hold. */
const TAG_VALUE = /^[A-Za-z0-9._-]{1,64}$/;
/** See docs/protocol.md, 4.8. */
const FILTER_KEY = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
/** Anything else is refused by Node in a header, in each single request. */
const HEADER_VALUE = /^[\x20-\x7e]+$/;

const READERS = {
  serviceUri: address,
  streamUri: address,
  pollUri: address,
  eventsUri: address,
  stream: boolean(true),
  streamInitialReconnectDelayMs: duration(1000, 1),
  pollIntervalMs: duration(30_000, 30_000),
  timeoutMs: duration(10_000, 1000),
  sendEvents: boolean(undefined),
  capacity: count(10_000, 10_000_000),
  flushIntervalMs: duration(5000, 1),
  contextKeysCapacity: count(1000, 1_000_000),
  contextKeysFlushIntervalMs: duration(300_000, 1),
  allAttributesPrivate: boolean(false),
  privateAttributes: list<string>('a string', (item) => typeof item === 'string'),
  enableEventCompression: boolean(false),
  omitAnonymousContexts: boolean(false),
  diagnosticOptOut: boolean(false),
  diagnosticRecordingIntervalMs: duration(900_000, 60_000),
  offline: boolean(false),
  payloadFilterKey: text(FILTER_KEY, 'letters, digits, ".", "_" and "-", beginning with a letter or digit'),
  application,
  wrapperName: text(HEADER_VALUE, 'printable ASCII'),
  wrapperVersion: text(HEADER_VALUE, 'printable ASCII'),
  hooks: list<Hook>('an object', isObject),
  tlsParams,
  proxyOptions,
  logger: shape<Logger>('an object with the methods error, warn, info and debug', isLogger),
  keepAlive: boolean(false),
  cache: shape<{ path: string }>('an object with a path', (given) => isName(given.path)),
  spoolDir: text(/./, 'the path of a folder'),
  dataSource: shape<LocalSource>('an object with a method start', (given) => typeof given.start === 'function'),
} satisfies { [Name in keyof Required<ClientOptions>]: Reader<unknown> };

type Read = { [Name in keyof typeof READERS]: ReturnType<(typeof READERS)[Name]> };

/**
 * Validates what the application set. Never throws: what cannot be used is replaced by its default, with a warning.
 *
 * @param options - As given by the application; anything at all.
 * @see docs/protocol.md, section 8.1
 */
export function resolveOptions(options: unknown, log: Pick<Log, 'warn'>): ResolvedOptions {
  const given = copy(options, log);
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(READERS, name)) log.warn(`Unknown option "${name}" is ignored.${hint(name)}`);
  }
  const read = {} as Record<string, unknown>;
  for (const [name, reader] of Object.entries(READERS)) {
    read[name] = readGuarded<unknown>(reader, given[name], (problem) => log.warn(`Option "${name}" ${problem}.`));
  }
  const { serviceUri, ...rest } = read as Read;
  const local = rest.offline || rest.dataSource !== undefined;
  const sendEvents = rest.offline ? false : (rest.sendEvents ?? !local);
  const base =
    serviceUri ?? address(process.env.FEATHERY_SERVICE_URI, (problem) => log.warn(`FEATHERY_SERVICE_URI ${problem}.`));
  const addresses = { streamUri: rest.streamUri, pollUri: rest.pollUri, eventsUri: rest.eventsUri };
  if (base === undefined) {
    warnOfMissing(addresses, { streamUri: !local && rest.stream, pollUri: !local, eventsUri: sendEvents }, log);
  }
  const fallback = base ?? DEFAULT_SERVICE_URI;
  return Object.freeze<ResolvedOptions>({
    ...rest,
    sendEvents,
    streamUri: addresses.streamUri ?? fallback,
    pollUri: addresses.pollUri ?? fallback,
    eventsUri: addresses.eventsUri ?? fallback,
  });
}

/** A getter inside an option may throw. */
function readGuarded<Value>(reader: Reader<Value>, given: unknown, warn: Warn): Value {
  try {
    return reader(given, warn);
  } catch {
    warn('cannot be read; it is ignored');
    return reader(undefined, warn);
  }
}

/** Reads each property once, so that nothing can change or throw later. */
function copy(options: unknown, log: Pick<Log, 'warn'>): Record<string, unknown> {
  if (options === undefined) return {};
  if (!isObject(options)) {
    log.warn('The options are not an object; the defaults are used.');
    return {};
  }
  try {
    return { ...options };
  } catch {
    log.warn('The options cannot be read; the defaults are used.');
    return {};
  }
}

/** The protocol names durations without a unit, in seconds; who comes from there is told the name to use here. */
function hint(name: string): string {
  const known = name === 'baseUri' ? 'pollUri' : `${name}Ms`;
  return Object.hasOwn(READERS, known) ? ` Use "${known}"${known.endsWith('Ms') ? ', in milliseconds' : ''}.` : '';
}

/** One address of the service alone is most likely a mistake: the others would go to this machine. */
function warnOfMissing<Name extends string>(
  addresses: Record<Name, string | undefined>,
  needed: Record<Name, boolean>,
  log: Pick<Log, 'warn'>,
): void {
  const names = Object.keys(addresses) as Name[];
  if (names.every((name) => addresses[name] === undefined)) return;
  for (const name of names) {
    if (needed[name] && addresses[name] === undefined) {
      log.warn(`Option "${name}" is not set although another address is; ${DEFAULT_SERVICE_URI} is used.`);
    }
  }
}

/** A copy, which nobody can change or make fail later. */
function tlsParams(given: unknown, warn: Warn): TlsOptions | undefined {
  const params = shape<TlsOptions>('an object', () => true)(given, warn);
  return params && Object.freeze({ ...params });
}

function proxyOptions(given: unknown, warn: Warn): ProxyOptions | undefined {
  const read = shape<ProxyOptions>('an object with host and port, and perhaps scheme and auth', isProxy);
  const { host, port, scheme, auth } = read(given, warn) ?? {};
  if (host === undefined || port === undefined) return undefined;
  return Object.freeze({ host, port, scheme: scheme ?? 'http', ...(auth && { auth }) });
}

function isProxy({ host, port, scheme, auth }: ProxyOptions): boolean {
  const isPort = Number.isInteger(port) && port > 0 && port < 65_536;
  return isName(host) && isPort && ['http', 'https'].includes(scheme ?? 'http') && typeof (auth ?? '') === 'string';
}

function application(given: unknown, warn: Warn): ResolvedOptions['application'] {
  const fields = shape<Record<string, unknown>>('an object', () => true)(given, warn) ?? {};
  const usable: Record<string, string> = {};
  for (const name of ['id', 'version', 'name', 'versionName']) {
    const value = fields[name];
    if (value === undefined || value === null) continue;
    if (typeof value === 'string' && TAG_VALUE.test(value)) usable[name] = value;
    else warn(`has a field "${name}" that is not 1 to 64 letters, digits, ".", "_" and "-"; it is left out`);
  }
  return Object.freeze(usable);
}
