// Who is connected: one entry for each open stream, with what the server behind it has told of itself.
import type { Subscriber } from './channel.js';

/** Longest text kept of what a client says of itself. */
const MAX_TEXT = 200;

export interface Connection {
  readonly environment: string;
  /** The client's own id; a made-up one for a client that gives none. */
  readonly instanceId: string;
  /** Name and version of the SDK, as its `User-Agent` has it. */
  readonly sdk: string;
  readonly wrapper: string | undefined;
  readonly tags: string | undefined;
  readonly address: string;
  readonly connectedAt: number;
  /** How many had connected when it had: says which of two things came first, whatever the clock does. */
  readonly ordinal: number;
  /** Whether it reports what it has applied. */
  readonly reports: boolean;
  readonly subscriber: Subscriber;
  /** The newest revision it reported as applied. */
  appliedRevision: number | undefined;
  /** From the broadcast of that revision to the report. */
  lagMs: number | undefined;
}

export interface Counts {
  readonly connected: number;
  /** Those among them that report what they have applied. */
  readonly reporting: number;
}

/** The part of a request that tells who connects. */
export interface Caller {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly ip: string;
}

export class Connections {
  readonly #environments = new Map<string, Group>();
  readonly #byInstance = new Map<string, Connection>();
  readonly #onChange: (environment: string) => void;
  #opened = 0;
  #reporting = 0;

  /** @param onChange - Told after a connection came or went. */
  constructor(onChange: (environment: string) => void) {
    this.#onChange = onChange;
  }

  /** Those that report what they have applied, over all environments. */
  get reporting(): number {
    return this.#reporting;
  }

  /** Connections made so far, those that have ended included. */
  get opened(): number {
    return this.#opened;
  }

  /** Keeps a connection until its stream closes. */
  add(subscriber: Subscriber, { headers, ip }: Caller, connectedAt: number): Connection {
    const { environment, form } = subscriber.subscription;
    const ordinal = ++this.#opened;
    const connection: Connection = {
      environment,
      instanceId: text(headers['x-launchdarkly-instance-id']) ?? `stream-${ordinal}`,
      sdk: text(headers['user-agent']) ?? 'unknown',
      wrapper: text(headers['x-launchdarkly-wrapper']),
      tags: text(headers['x-launchdarkly-tags']),
      address: ip,
      connectedAt,
      ordinal,
      reports: form === 'changes',
      subscriber,
      appliedRevision: undefined,
      lagMs: undefined,
    };
    this.#group(environment).connections.add(connection);
    this.#count(connection, 1);
    this.#byInstance.set(instanceKey(connection), connection);
    subscriber.onClose(() => this.#remove(connection));
    this.#onChange(environment);
    return connection;
  }

  /** The newest open stream of an instance. */
  find(environment: string, instanceId: string): Connection | undefined {
    return this.#byInstance.get(instanceKey({ environment, instanceId }));
  }

  of(environment: string): ReadonlySet<Connection> {
    return this.#environments.get(environment)?.connections ?? NONE;
  }

  /** Keys of the environments to which somebody is connected. */
  environments(): Iterable<string> {
    return this.#environments.keys();
  }

  counts(environment: string): Counts {
    const group = this.#environments.get(environment);
    return { connected: group?.connections.size ?? 0, reporting: group?.reporting ?? 0 };
  }

  #remove(connection: Connection): void {
    const { environment } = connection;
    const key = instanceKey(connection);
    if (this.#byInstance.get(key) === connection) this.#byInstance.delete(key);
    this.#group(environment).connections.delete(connection);
    this.#count(connection, -1);
    if (this.of(environment).size === 0) this.#environments.delete(environment);
    this.#onChange(environment);
  }

  #count({ environment, reports }: Connection, change: 1 | -1): void {
    if (!reports) return;
    this.#reporting += change;
    this.#group(environment).reporting += change;
  }

  #group(environment: string): Group {
    let group = this.#environments.get(environment);
    if (group === undefined) {
      group = { connections: new Set(), reporting: 0 };
      this.#environments.set(environment, group);
    }
    return group;
  }
}

interface Group {
  readonly connections: Set<Connection>;
  reporting: number;
}

const NONE: ReadonlySet<Connection> = new Set();

function instanceKey({ environment, instanceId }: Pick<Connection, 'environment' | 'instanceId'>): string {
  return `${environment} ${instanceId}`;
}

function text(value: string | string[] | undefined): string | undefined {
  const one = Array.isArray(value) ? value[0] : value;
  return one === undefined || one === '' ? undefined : one.slice(0, MAX_TEXT);
}
