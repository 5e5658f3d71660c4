// What an SDK tells about itself: once at the start, then what has happened since. See docs/protocol.md, section 6.7.
import { randomUUID } from 'node:crypto';
import { arch, platform, release } from 'node:os';
import { DEFAULT_SERVICE_URI, type ResolvedOptions } from './options.js';
import { SDK_NAME, SDK_VERSION } from './version.js';

/** Attempts to connect that one event lists; further ones are left out. */
export const MAX_STREAM_INITS = 1000;

/** One attempt to connect, as diagnostic events report it. */
export interface StreamInit {
  /** Milliseconds since the epoch: when the attempt ended. */
  readonly timestamp: number;
  readonly failed: boolean;
  readonly durationMillis: number;
}

/** Totals since the start; each event reports what they grew by. */
export interface DiagnosticTotals {
  readonly droppedEvents: number;
  /** Index events that were not needed because the context had been seen. */
  readonly deduplicatedUsers: number;
}

const OS_NAMES: { readonly [platform: string]: string } = { darwin: 'MacOS', win32: 'Windows', linux: 'Linux' };

export class Diagnostics {
  readonly #options: ResolvedOptions;
  readonly #diagnosticId = randomUUID();
  #dataSinceDate: number;
  #reported: DiagnosticTotals = { droppedEvents: 0, deduplicatedUsers: 0 };
  #streamInits: StreamInit[] = [];

  constructor(options: ResolvedOptions, createdAt: number) {
    this.#options = options;
    this.#dataSinceDate = createdAt;
  }

  recordStreamInit(init: StreamInit): void {
    if (this.#streamInits.length < MAX_STREAM_INITS) this.#streamInits.push(init);
  }

  /** The event sent at the start. */
  initEvent(sdkKey: string): object {
    return {
      kind: 'diagnostic-init',
      creationDate: this.#dataSinceDate,
      id: this.#id(sdkKey),
      sdk: sdk(this.#options),
      configuration: configuration(this.#options),
      platform: {
        name: 'Node',
        osArch: arch(),
        osName: OS_NAMES[platform()] ?? platform(),
        osVersion: release(),
        nodeVersion: process.versions.node,
      },
    };
  }

  /** What has happened since the event before, which starts the counts anew. */
  periodicEvent(sdkKey: string, now: number, totals: DiagnosticTotals, eventsInLastBatch: number): object {
    const event = {
      kind: 'diagnostic',
      creationDate: now,
      dataSinceDate: this.#dataSinceDate,
      id: this.#id(sdkKey),
      droppedEvents: totals.droppedEvents - this.#reported.droppedEvents,
      deduplicatedUsers: totals.deduplicatedUsers - this.#reported.deduplicatedUsers,
      eventsInLastBatch,
      streamInits: this.#streamInits,
    };
    this.#dataSinceDate = now;
    this.#reported = totals;
    this.#streamInits = [];
    return event;
  }

  /** The key itself must not be sent in a body; its end is enough to tell which one is in use. */
  #id(sdkKey: string): object {
    return { diagnosticId: this.#diagnosticId, sdkKeySuffix: sdkKey.slice(-6) };
  }
}

function sdk({ wrapperName, wrapperVersion }: ResolvedOptions): object {
  return {
    name: SDK_NAME,
    version: SDK_VERSION,
    ...(wrapperName !== undefined && { wrapperName }),
    ...(wrapperName !== undefined && wrapperVersion !== undefined && { wrapperVersion }),
  };
}

/** Field names and units are the protocol's. */
function configuration(options: ResolvedOptions): object {
  return {
    customBaseURI: options.pollUri !== DEFAULT_SERVICE_URI,
    customStreamURI: options.streamUri !== DEFAULT_SERVICE_URI,
    customEventsURI: options.eventsUri !== DEFAULT_SERVICE_URI,
    eventsCapacity: options.capacity,
    connectTimeoutMillis: options.timeoutMs,
    socketTimeoutMillis: options.timeoutMs,
    eventsFlushIntervalMillis: options.flushIntervalMs,
    pollingIntervalMillis: options.pollIntervalMs,
    reconnectTimeMillis: options.streamInitialReconnectDelayMs,
    contextKeysFlushIntervalMillis: options.contextKeysFlushIntervalMs,
    diagnosticRecordingIntervalMillis: options.diagnosticRecordingIntervalMs,
    streamingDisabled: !options.stream,
    usingRelayDaemon: false,
    offline: options.offline,
    allAttributesPrivate: options.allAttributesPrivate,
    contextKeysCapacity: options.contextKeysCapacity,
    usingProxy: options.proxyOptions !== undefined,
    usingProxyAuthenticator: options.proxyOptions?.auth !== undefined,
    dataStoreType: 'memory',
  };
}
