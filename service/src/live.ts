// What people watch as it happens: changes, how they land, who is connected, what is counted. docs/live.md has the
// events. Progress is told at most every 75 ms, however many servers report.
import type { CustomCount, EvaluationCount } from './analytics.js';
import { changeSummary } from './change-summary.js';
import type { Connections } from './connections.js';
import { OpenStream, type Sink } from './open-stream.js';
import type { Receipts } from './receipts.js';
import { eventFrame } from './sse.js';
import type { ChangeSet } from './storage/change-log.js';
import type { Item } from './storage/items.js';

const PROGRESS_INTERVAL_MS = 75;
/** Keys told of in one event of counts; the rest is in the analytics. */
const MAX_COUNTED_KEYS = 200;
const MAX_WAITING_BYTES = 1_000_000;

export interface LiveOptions {
  readonly heartbeatMs: number;
  /** Watchers of one environment. */
  readonly maxWatchers: number;
}

export interface LiveParts {
  readonly options: LiveOptions;
  readonly connections: Pick<Connections, 'counts'>;
  readonly receipts: Pick<Receipts, 'progress'>;
  /** Told that an environment has its first watcher, or none any more. */
  onWatching?(): void;
  readonly now: () => number;
}

/** The data of an environment, as far as it is shown here. */
export interface Watched {
  readonly key: string;
  readonly revision: number;
  readonly settings: ReadonlyMap<string, Item>;
  readonly segments: ReadonlyMap<string, Item>;
}

/** What has been counted, as far as it is shown here. */
export interface Counted {
  readonly evaluations: ReadonlyMap<string, Pick<EvaluationCount, 'setting' | 'count'>>;
  readonly custom: ReadonlyMap<string, Pick<CustomCount, 'key' | 'count' | 'sum'>>;
}

interface CustomSum {
  readonly count: number;
  readonly sum: number;
}

class Room {
  /** Each with the question whether it may still watch. */
  readonly watchers = new Map<OpenStream, () => Promise<boolean>>();
  /** Items as they were before the next change, to say what it changed. */
  items = new Map<string, Item>();
  revision = 0;
  progressed = false;
  connectionsChanged = false;
  evaluations = new Map<string, number>();
  custom = new Map<string, CustomSum>();
}

export class Live {
  readonly #parts: LiveParts;
  readonly #rooms = new Map<string, Room>();
  readonly #heartbeats: NodeJS.Timeout;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = 0;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(parts: LiveParts) {
    this.#parts = parts;
    this.#heartbeats = setInterval(() => this.#heartbeat(), parts.options.heartbeatMs);
    this.#heartbeats.unref();
  }

  /** Learns of an environment, or that its data is other than before. */
  setSource({ key, revision, settings, segments }: Watched): void {
    const room = this.#rooms.get(key) ?? new Room();
    room.items = new Map();
    for (const item of settings.values()) room.items.set(`setting ${item.key}`, item);
    for (const item of segments.values()) room.items.set(`segment ${item.key}`, item);
    room.revision = revision;
    this.#rooms.set(key, room);
    this.#tell(room, 'replaced', { revision });
  }

  removeSource(environment: string): void {
    for (const watcher of this.#rooms.get(environment)?.watchers.keys() ?? []) watcher.end();
    this.#rooms.delete(environment);
  }

  /** Keys of the environments that somebody watches. */
  watched(): string[] {
    return [...this.#rooms].filter(([, { watchers }]) => watchers.size > 0).map(([environment]) => environment);
  }

  isFull(environment: string): boolean {
    return (this.#rooms.get(environment)?.watchers.size ?? 0) >= this.#parts.options.maxWatchers;
  }

  /**
   * Takes a watcher in and tells it where things stand.
   *
   * @param mayWatch - Asked again and again, as access may end while the stream is open.
   */
  attach(environment: string, sink: Sink, mayWatch: () => Promise<boolean>): OpenStream {
    const watcher = new OpenStream(sink, MAX_WAITING_BYTES, this.#parts.now());
    const room = this.#rooms.get(environment);
    if (room === undefined) {
      watcher.end();
      return watcher;
    }
    room.watchers.set(watcher, mayWatch);
    if (room.watchers.size === 1) this.#parts.onWatching?.();
    watcher.onClose(() => {
      room.watchers.delete(watcher);
      if (room.watchers.size === 0) this.#parts.onWatching?.();
    });
    const hello = { environment, revision: room.revision, ...this.#parts.connections.counts(environment) };
    watcher.write(eventFrame({ event: 'hello', data: JSON.stringify(hello) }), this.#parts.now());
    return watcher;
  }

  changed(environment: string, { revision, at, author, comment, changes }: ChangeSet): void {
    const room = this.#rooms.get(environment);
    if (room === undefined) return;
    room.revision = revision;
    const items = changes.map(({ kind, key, item }) => {
      const id = `${kind} ${key}`;
      const summary = changeSummary(room.items.get(id), item);
      if (item === null) room.items.delete(id);
      else room.items.set(id, item);
      return { kind, key, summary };
    });
    this.#tell(room, 'change', { revision, at: new Date(at).toISOString(), author: author.name, comment, items });
  }

  /** Something was recorded in the audit. Told to all, as the list of environments and the members concern everybody. */
  recorded(actions: readonly { readonly action: string; readonly environment: string | null }[]): void {
    const different = new Map(
      actions.map(({ action, environment }) => [`${action} ${environment}`, { action, environment }]),
    );
    for (const room of this.#rooms.values()) this.#tell(room, 'audit', { actions: [...different.values()] });
  }

  /**
   * Something new is known of how changes land.
   *
   * @param hasLanded - All servers have reported: nothing more is worth waiting for.
   */
  progressed(environment: string, hasLanded = false): void {
    this.#soon(
      environment,
      (room) => {
        room.progressed = true;
      },
      hasLanded ? 0 : PROGRESS_INTERVAL_MS,
    );
  }

  connectionsChanged(environment: string): void {
    this.#soon(environment, (room) => {
      room.connectionsChanged = true;
      // A landing also ends when the last server it waits for has gone.
      room.progressed = true;
    });
  }

  /** Analytics have been stored. */
  counted(environment: string, { evaluations, custom }: Counted): void {
    this.#soon(environment, (room) => {
      for (const { setting, count } of evaluations.values()) {
        add(room.evaluations, setting, (room.evaluations.get(setting) ?? 0) + count);
      }
      for (const { key, count, sum } of custom.values()) {
        const before = room.custom.get(key) ?? { count: 0, sum: 0 };
        add(room.custom, key, { count: before.count + count, sum: before.sum + sum });
      }
    });
  }

  /** Somebody may have lost access: ends the streams of those who have. */
  checkAccess(): void {
    for (const { watchers } of this.#rooms.values()) {
      for (const [watcher, mayWatch] of watchers) {
        void mayWatch().then((still) => {
          if (!still) watcher.end();
        });
      }
    }
  }

  /** Ends every watcher's stream and stops. */
  close(): void {
    clearInterval(this.#heartbeats);
    clearTimeout(this.#timer);
    for (const { watchers } of this.#rooms.values()) for (const watcher of watchers.keys()) watcher.end();
  }

  #soon(environment: string, note: (room: Room) => void, withinMs = PROGRESS_INTERVAL_MS): void {
    const room = this.#rooms.get(environment);
    if (room === undefined || room.watchers.size === 0) return;
    note(room);
    const now = this.#parts.now();
    // A clock that was set back must not make the wait longer.
    const sinceToldMs = Math.max(now - this.#toldAt, 0);
    const at = now + Math.max(withinMs, PROGRESS_INTERVAL_MS - sinceToldMs);
    if (this.#timer !== undefined && this.#timerAt <= at) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => this.#tellProgress(), at - now).unref();
  }

  #tellProgress(): void {
    this.#timer = undefined;
    this.#toldAt = this.#parts.now();
    for (const [environment, room] of this.#rooms) {
      if (room.watchers.size === 0) continue;
      if (room.progressed) this.#tellLandings(environment, room);
      if (room.connectionsChanged) this.#tell(room, 'connections', this.#parts.connections.counts(environment));
      room.connectionsChanged = false;
      if (room.evaluations.size > 0)
        this.#tell(room, 'evaluations', { settings: Object.fromEntries(room.evaluations) });
      if (room.custom.size > 0) this.#tell(room, 'custom', { events: Object.fromEntries(room.custom) });
      room.evaluations = new Map();
      room.custom = new Map();
    }
  }

  #tellLandings(environment: string, room: Room): void {
    room.progressed = false;
    for (const landing of this.#parts.receipts.progress(environment)) this.#tell(room, 'landing', landing);
  }

  #tell(room: Room, event: string, data: unknown): void {
    if (room.watchers.size === 0) return;
    const frame = eventFrame({ event, data: JSON.stringify(data) });
    for (const watcher of room.watchers.keys()) watcher.write(frame, this.#parts.now());
  }

  #heartbeat(): void {
    for (const [environment, { watchers }] of this.#rooms) {
      for (const watcher of watchers.keys()) watcher.heartbeat(this.#parts.now());
      // Ends landings that nobody reports about any more.
      this.progressed(environment);
    }
    // Sessions and tokens expire without a word.
    this.checkAccess();
  }
}

function add<T>(counts: Map<string, T>, key: string, value: T): void {
  if (counts.has(key) || counts.size < MAX_COUNTED_KEYS) counts.set(key, value);
}
