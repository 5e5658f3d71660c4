// The connection on which a node hears the others, and speaks to them of what need not be kept. It is made again for as
// long as it takes. What is said while it is down is not heard: whoever listens looks for itself when it is back.
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import { CHANNEL } from './notify.js';
import { connectionOptions } from './postgres.js';

/** A silent connection may be a dead one. */
const CHECK_MS = 5_000;
const ANSWER_TIMEOUT_MS = 5_000;
const RETRY_MS = 500;
/** Messages on their way; further ones are not sent. */
const MAX_SENDING = 200;

export interface ListenerParts {
  readonly connectionString: string;
  readonly log: Logger;
  readonly random: () => number;
  onMessage(payload: string): void;
  /** From now on nothing is missed; before, something may have been. */
  onListening(): void;
}

export class Listener {
  readonly #parts: ListenerParts;
  readonly #closing = new AbortController();
  #client: pg.Client | undefined;
  #sending = 0;
  #last: Promise<unknown> = Promise.resolve();
  #running: Promise<void> | undefined;

  constructor(parts: ListenerParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Whether it hears what is said. */
  get isListening(): boolean {
    return this.#client !== undefined;
  }

  /** Tells all nodes, this one included; or nobody, when there is no connection or too much is on its way. */
  send(payload: string): void {
    if (this.#client === undefined || this.#sending >= MAX_SENDING) return;
    this.#sending++;
    this.#query(this.#client, 'select pg_notify($1, $2)', [CHANNEL, payload])
      .catch((error: unknown) => this.#parts.log.debug({ err: error }, 'the other nodes could not be told'))
      .finally(() => this.#sending--);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { log, random } = this.#parts;
    let isKnownToFail = false;
    while (!this.#closing.signal.aborted) {
      try {
        await this.#listen();
        isKnownToFail = false;
      } catch (error) {
        if (!isKnownToFail) log.warn({ err: error }, 'the other nodes are not heard; the change log is read instead');
        isKnownToFail = true;
      }
      await this.#wait(RETRY_MS * (1 + random()));
    }
  }

  /** Listens until the connection breaks or the listener is closed. */
  async #listen(): Promise<void> {
    const { connectionString, onListening, onMessage } = this.#parts;
    const options = { ...connectionOptions(connectionString), query_timeout: ANSWER_TIMEOUT_MS };
    const client = new pg.Client({ ...options, application_name: 'feathery listener' });
    // A connection that breaks also fails the next check.
    client.on('error', () => {});
    client.on('notification', ({ payload }) => payload !== undefined && onMessage(payload));
    try {
      await client.connect();
      await client.query(`listen ${CHANNEL}`);
      this.#client = client;
      onListening();
      const ended = new AbortController();
      client.once('end', () => ended.abort());
      while (!this.#closing.signal.aborted) {
        await this.#wait(CHECK_MS, ended.signal);
        await this.#query(client, 'select 1');
      }
    } finally {
      this.#client = undefined;
      // Saying goodbye to a server that has gone may take long.
      const goodbye = client.end().catch(() => {});
      await Promise.race([goodbye, pause(1000, undefined, { ref: false })]);
    }
  }

  /** One after another, as the driver wants it. */
  #query(client: pg.Client, text: string, values: readonly string[] = []): Promise<unknown> {
    const query = this.#last.then(() => client.query(text, [...values]));
    this.#last = query.catch(() => {});
    return query;
  }

  /** Waits, unless closed or `signal` is given meanwhile. */
  async #wait(durationMs: number, signal?: AbortSignal): Promise<void> {
    const signals = signal === undefined ? [this.#closing.signal] : [this.#closing.signal, signal];
    await pause(durationMs, undefined, { ref: false, signal: AbortSignal.any(signals) }).catch(() => {});
  }
}
