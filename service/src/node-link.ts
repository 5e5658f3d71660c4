// What the nodes of one service say to each other, by PostgreSQL's LISTEN and NOTIFY. None of it must arrive: a node that
// missed something reads it from the database, or does without what is only shown to people.
import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { Logger } from 'pino';
import type { Report } from './peers.js';
import type { Landing, Receipt } from './receipts.js';
import type { ListedConnection } from './roll-call.js';
import { Listener } from './storage/listener.js';
import type { Notice } from './storage/notify.js';

/** PostgreSQL takes payloads shorter than 8,000 bytes; some are left for what is around a list. */
const MAX_LIST_BYTES = 7_000;

type BodyOf<Type extends Notice['type']> = Omit<Extract<Notice, { type: Type }>, 'type'>;

export interface Messages {
  /** Sent by the database itself, from a commit. */
  change: BodyOf<'change'>;
  access: BodyOf<'access'>;
  /** What a node serves. */
  report: Report;
  /** A node has just begun to listen, and knows of nobody. */
  hello: object;
  /** A node is about to stop. */
  bye: object;
  /** Reports of servers whose streams are on another node. */
  receipts: { readonly environment: string; readonly items: readonly Receipt[] };
  landings: { readonly environment: string; readonly items: readonly Landing[] };
  /** Key, count, and for a custom event its sum. */
  counted: { readonly environment: string; readonly items: readonly (readonly [string, number, number?])[] };
  ask: { readonly question: string; readonly environment: string; readonly limit: number };
  answer: { readonly question: string; readonly items: readonly ListedConnection[] };
  /** All answers of this node have been sent. */
  answered: { readonly question: string };
}

type Lists = {
  [Type in keyof Messages]: Messages[Type] extends { readonly items: readonly (infer Item)[] } ? Item : never;
};

type Events = {
  [Type in keyof Messages]: [body: Messages[Type], from: string];
} & {
  /** Everything sent from now on is heard; what was sent before may have been missed. */
  listening: [];
};

export interface NodeLinkParts {
  /** Undefined with the embedded database, which has no other nodes. */
  readonly databaseUrl: string | undefined;
  readonly log: Logger;
  readonly random: () => number;
}

export class NodeLink extends EventEmitter<Events> {
  /** Names this node to the others. Another one at each start. */
  readonly id = randomUUID();
  readonly #listener: Listener | undefined;

  constructor({ databaseUrl, log, random }: NodeLinkParts) {
    super();
    if (databaseUrl === undefined) return;
    this.#listener = new Listener({
      connectionString: databaseUrl,
      log,
      random,
      onMessage: (payload) => this.#take(payload, log),
      onListening: () => this.emit('listening'),
    });
  }

  /** Whether there can be other nodes at all. */
  get isShared(): boolean {
    return this.#listener !== undefined;
  }

  /** Whether other nodes are heard at present. */
  get isListening(): boolean {
    return this.#listener?.isListening ?? false;
  }

  start(): void {
    this.#listener?.start();
  }

  async close(): Promise<void> {
    await this.#listener?.close();
    this.removeAllListeners();
  }

  /** Tells the other nodes, if that is possible now. */
  send<Type extends keyof Messages>(type: Type, body: Messages[Type]): void {
    this.#listener?.send(JSON.stringify({ type, from: this.id, ...body }));
  }

  /** Tells them a list in as many messages as it takes. */
  sendList<Type extends keyof Lists>(
    type: Type,
    body: Omit<Messages[Type], 'items'>,
    items: readonly Lists[Type][],
  ): void {
    for (const part of parts(items)) this.send(type, { ...body, items: part } as unknown as Messages[Type]);
  }

  #take(payload: string, log: Logger): void {
    try {
      const { type, from, ...body } = JSON.parse(payload);
      if (from !== this.id) this.emit(type, body, from);
    } catch (error) {
      log.warn({ err: error }, 'a message of another node could not be used');
    }
  }
}

/** An item that is too long for any message is left out. */
function parts<Item>(items: readonly Item[]): Item[][] {
  const all: Item[][] = [];
  let part: Item[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = Buffer.byteLength(JSON.stringify(item)) + 1;
    if (size > MAX_LIST_BYTES) continue;
    if (bytes + size > MAX_LIST_BYTES) {
      all.push(part);
      part = [];
      bytes = 0;
    }
    part.push(item);
    bytes += size;
  }
  return part.length > 0 ? [...all, part] : all;
}
