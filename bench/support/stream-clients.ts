// A process that holds many streams, each a bare socket: what an SDK does with an event is not part of a fan-out.
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Durations } from './statistics.js';
import { serve } from './workers.js';

export interface StreamTarget {
  readonly port: number;
  readonly sdkKey: string;
  /** What clients have before they first connect; nothing by default. */
  readonly position?: string;
  /** False: who comes back asks for everything, as after a restore. */
  readonly resumes?: boolean;
}

interface Group {
  readonly streams: Stream[];
  /** When each client got each revision, in nanoseconds of the machine's clock. */
  readonly arrivals: Map<number, number[]>;
}

/** Connections opened before others have been answered. */
const OPEN_AT_ONCE = 200;
const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 30_000;
const ID = /^id: ([0-9a-z]+):(\d+)$/gm;
const ID_LINE = 'id: ';
const LINE_FEED = 10;
const BLANK_LINE = '\n\n';

/** Opened, in the sense of the machine: attempts that were accepted. */
let connections = 0;

class Stream {
  readonly #target: StreamTarget;
  readonly #group: Group;
  readonly #instanceId: string;
  readonly #onLive: () => void;
  #socket: Socket | undefined;
  #position: string;
  /** Has the beginning of the first event. */
  #begun = false;
  #lastByte = 0;
  #failures = 0;
  /** Has everything up to the present. */
  live = false;

  constructor(target: StreamTarget, group: Group, instanceId: string, onLive: () => void) {
    this.#instanceId = instanceId;
    this.#target = target;
    this.#group = group;
    this.#onLive = onLive;
    this.#position = target.position ?? '';
  }

  get position(): string {
    return this.#position;
  }

  connect(): void {
    const { port, sdkKey } = this.#target;
    const resume = this.#position === '' ? '' : `Last-Event-ID: ${this.#position}\r\n`;
    const headers = `Host: bench\r\nAuthorization: ${sdkKey}\r\nX-Feathery-Protocol: 1\r\nUser-Agent: Bench/1\r\nX-LaunchDarkly-Instance-Id: ${this.#instanceId}\r\n${resume}`;
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket = socket;
    socket.on('connect', () => {
      connections++;
      socket.write(`GET /all HTTP/1.1\r\n${headers}\r\n`);
    });
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('error', () => {});
    socket.on('close', () => this.#lost());
  }

  end(): void {
    this.#socket?.removeAllListeners('close');
    this.#socket?.destroy();
  }

  #take(chunk: Buffer): void {
    const now = Number(process.hrtime.bigint());
    if ((this.live || !this.#begun) && chunk.includes(ID_LINE)) {
      this.#begun = true;
      for (const [, epoch, revision] of chunk.toString('latin1').matchAll(ID)) {
        this.#position = `${epoch}:${revision}`;
        if (this.live) this.#arrived(Number(revision), now);
      }
    }
    if (!this.live && this.#begun && this.#endsEvent(chunk)) {
      this.live = true;
      this.#failures = 0;
      this.#onLive();
    }
    this.#lastByte = chunk.at(-1) as number;
  }

  /** A first event of some megabytes comes in many pieces, and may break anywhere. */
  #endsEvent(chunk: Buffer): boolean {
    return chunk.includes(BLANK_LINE) || (this.#lastByte === LINE_FEED && chunk[0] === LINE_FEED);
  }

  #arrived(revision: number, now: number): void {
    const { arrivals } = this.#group;
    let times = arrivals.get(revision);
    if (times === undefined) {
      times = [];
      arrivals.set(revision, times);
    }
    times.push(now);
  }

  /** Comes back as SDKs do: after half to all of a delay that doubles. */
  #lost(): void {
    this.live = false;
    this.#begun = false;
    if (this.#target.resumes === false) this.#position = '';
    const delayMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#failures++);
    setTimeout(() => this.connect(), delayMs * (0.5 + Math.random() / 2));
  }
}

const groups = new Map<string, Group>();

serve({
  /** Opens streams, and resolves when all have got their first event. */
  open: async (name: string, target: StreamTarget, count: number) => {
    const group: Group = { streams: [], arrivals: new Map() };
    groups.set(name, group);
    let waiting = 0;
    for (let index = 0; index < count; index++) {
      const stream = new Stream(target, group, `${name}-${index}`, () => waiting--);
      group.streams.push(stream);
      waiting++;
      stream.connect();
      while (waiting >= OPEN_AT_ONCE) await delay(2);
    }
    while (waiting > 0) await delay(2);
  },
  /** Of the group's first stream. */
  position: (name: string) => groups.get(name)?.streams[0]?.position,
  live: (name: string) => groups.get(name)?.streams.filter(({ live }) => live).length ?? 0,
  connections: () => connections,
  /** How many have got a revision. */
  arrived: (name: string, revision: number) => groups.get(name)?.arrivals.get(revision)?.length ?? 0,
  /** Microseconds from when each revision was sent to its arrivals, as counts; what was recorded is forgotten. */
  latencies: (name: string, sent: readonly (readonly [revision: number, at: number])[]) => {
    const { arrivals } = groups.get(name) as Group;
    const durations = new Durations();
    for (const [revision, at] of sent) {
      for (const time of arrivals.get(revision) ?? []) durations.add((time - at) / 1000);
    }
    arrivals.clear();
    return durations.toJSON();
  },
  close: (name: string) => {
    for (const stream of groups.get(name)?.streams ?? []) stream.end();
    groups.delete(name);
  },
});
