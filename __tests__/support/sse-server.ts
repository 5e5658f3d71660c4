import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';

/** One thing the server does with a request. */
export type Step = (exchange: Exchange) => void | Promise<void>;

/** What one request gets, step by step. An answer without an end leaves the connection open. */
export type Answer = readonly Step[];

export interface ServerOptions {
  /** Serves https, with this certificate and key (PEM). */
  readonly tls?: https.ServerOptions;
  /** Default: a free one. */
  readonly port?: number;
  /** What requests with the method POST get, one by one. Default: 202 for each. They do not use up `answers`. */
  readonly posts?: readonly Answer[];
}

/** 200, and the headers of an event stream. */
export const open =
  (headers: http.OutgoingHttpHeaders = {}): Step =>
  ({ response }) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8', ...headers });
    response.flushHeaders();
  };

export const send =
  (bytes: string | Uint8Array): Step =>
  (exchange) =>
    exchange.write(bytes);

/** Sends in parts, cut at these byte offsets, each part on its own. */
export const sendSplit =
  (text: string | Uint8Array, ...offsets: readonly number[]): Step =>
  async (exchange) => {
    const bytes = Buffer.from(text as string);
    let start = 0;
    for (const end of [...offsets, bytes.length]) {
      exchange.write(bytes.subarray(start, end));
      await setImmediate();
      start = end;
    }
  };

export const comment = (): Step => send(': heartbeat\n');

/** Does not go on until the promise settles; without one, never. */
export const stall =
  (until?: Promise<unknown>): Step =>
  async () => {
    await (until ?? new Promise(() => {}));
  };

export const wait =
  (ms: number): Step =>
  async () => {
    await new Promise((resolve) => setTimeout(resolve, ms));
  };

/** Ends the answer properly. */
export const close =
  (): Step =>
  ({ response }) => {
    response.end();
  };

/** Cuts the connection, wherever the answer is, once what was sent is on its way. */
export const cut =
  (): Step =>
  async ({ response }) => {
    await setImmediate();
    response.socket?.destroy();
  };

export const status =
  (code: number, headers: http.OutgoingHttpHeaders = {}, body: string | Uint8Array = ''): Step =>
  ({ response }) => {
    response.writeHead(code, headers).end(body);
  };

export const redirect = (code: number, location: string): Step => status(code, { Location: location });

export const json = (body: unknown, headers: http.OutgoingHttpHeaders = {}): Step =>
  status(200, { 'Content-Type': 'application/json', ...headers }, JSON.stringify(body));

/** The text of one event. */
export function event(name: string, data: unknown, id?: string): string {
  const lines = id === undefined ? [] : [`id: ${id}`];
  return [...lines, `event: ${name}`, `data: ${typeof data === 'string' ? data : JSON.stringify(data)}`, '', ''].join(
    '\n',
  );
}

/** The text of a `put` with these settings, and nothing else. */
export function put(settings: Record<string, unknown> = {}, id?: string): string {
  return event('put', { path: '/', data: { flags: settings, segments: {} } }, id);
}

/** One request and what became of it. */
export class Exchange {
  readonly at = Date.now();
  readonly method: string;
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  /** Resolves with the body when all of it is there. */
  readonly body: Promise<Buffer>;
  /** Resolves with the time when the client's connection is gone or the answer has been sent whole. */
  readonly closed: Promise<number>;

  constructor(
    request: http.IncomingMessage,
    readonly response: http.ServerResponse,
  ) {
    this.method = request.method ?? '';
    this.path = request.url ?? '';
    this.headers = request.headers;
    this.body = new Promise((resolve) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('close', () => resolve(Buffer.concat(chunks)));
    });
    this.closed = new Promise((resolve) => {
      response.on('close', () => resolve(Date.now()));
    });
  }

  get isClosed(): boolean {
    return this.response.destroyed;
  }

  write(bytes: string | Uint8Array): void {
    if (!this.response.destroyed) this.response.write(bytes);
  }
}

/** Plays a list of answers, one for each request; the last one is repeated. Records what it is asked. */
export class ScriptedServer {
  /** Requests that used up an answer. */
  readonly exchanges: Exchange[] = [];
  readonly posts: Exchange[] = [];
  readonly connections = new Set<Socket>();
  /** Connections opened so far. */
  connectionCount = 0;
  readonly #server: http.Server;
  readonly #isSecure: boolean;
  #waiting: (() => void)[] = [];

  private constructor(answers: readonly Answer[], { tls, posts = [[status(202)]] }: ServerOptions) {
    const handle: http.RequestListener = (request, response) => {
      const exchange = new Exchange(request, response);
      const [played, script] = request.method === 'POST' ? [this.posts, posts] : [this.exchanges, answers];
      played.push(exchange);
      for (const wake of this.#waiting.splice(0)) wake();
      void play(script[Math.min(played.length, script.length) - 1] ?? [status(503)], exchange);
    };
    this.#isSecure = tls !== undefined;
    this.#server = tls === undefined ? http.createServer(handle) : https.createServer(tls, handle);
    this.#server.on('connection', (socket: Socket) => {
      this.connectionCount++;
      this.connections.add(socket);
      socket.setNoDelay(true);
      socket.on('close', () => this.connections.delete(socket));
    });
  }

  static async listen(answers: readonly Answer[], options: ServerOptions = {}): Promise<ScriptedServer> {
    const server = new ScriptedServer(answers, options);
    await new Promise<void>((resolve) => server.#server.listen(options.port ?? 0, '127.0.0.1', resolve));
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get uri(): string {
    return `${this.#isSecure ? 'https' : 'http'}://127.0.0.1:${this.port}`;
  }

  /** The n-th request (from 0) that is not a POST, as soon as it is there. */
  async exchange(n: number): Promise<Exchange> {
    return this.#nth(this.exchanges, n);
  }

  /** The n-th POST (from 0), as soon as it is there. */
  async post(n: number): Promise<Exchange> {
    return this.#nth(this.posts, n);
  }

  async close(): Promise<void> {
    for (const socket of this.connections) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #nth(list: readonly Exchange[], n: number): Promise<Exchange> {
    for (;;) {
      const exchange = list[n];
      if (exchange !== undefined) return exchange;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

async function play(answer: Answer, exchange: Exchange): Promise<void> {
  for (const step of answer) await step(exchange);
}
