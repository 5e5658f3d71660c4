import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { formatDataSet } from './protocol.js';
import type { TestSettings } from './testing-settings.js';

const HEARTBEAT_MS = 30_000;

/** What the server does wrong at present. */
interface Faults {
  /** Answers everything with this status. */
  readonly status?: number;
  /** Takes requests and never answers. */
  readonly stalled?: boolean;
  /** Milliseconds before each answer. */
  readonly delayMs?: number;
}

/** A request as it came in. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly status: number | undefined;
}

/**
 * A service in the test's own process that can be told to fail, so that an application's handling can be tested. It
 * speaks the protocol: stream, polling, analytics.
 */
export class FaultServer {
  /** What the clients get. A change goes out at once. */
  readonly settings: TestSettings;
  /** Requests seen so far, the oldest first. */
  readonly requests: SeenRequest[] = [];
  /** Analytics events received so far, as sent. */
  readonly events: unknown[] = [];
  readonly #server: Server;
  readonly #streams = new Set<ServerResponse>();
  readonly #heartbeat: NodeJS.Timeout;
  readonly #stopFollowing: () => void;
  #sdkKey: string;
  #faults: Faults = {};

  /** @internal */
  constructor(settings: TestSettings, sdkKey: string) {
    this.settings = settings;
    this.#sdkKey = sdkKey;
    this.#server = createServer((request, response) => void this.#answer(request, response));
    const announce = () => this.#broadcast();
    this.#stopFollowing = settings.start({ replaceAll: announce, apply: announce, fail() {} });
    this.#heartbeat = setInterval(() => this.#write(': heartbeat\n'), HEARTBEAT_MS).unref();
  }

  /** Base address, for `serviceUri`. */
  get uri(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The key that is accepted at present. */
  get sdkKey(): string {
    return this.#sdkKey;
  }

  /** Streams that are open at present. */
  get openStreams(): number {
    return this.#streams.size;
  }

  /** @internal */
  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', () => resolve());
    });
  }

  /** Cuts all connections now. New ones are welcome. */
  drop(): void {
    this.#server.closeAllConnections();
  }

  /** Answers everything with this status, for example 503, and cuts what is open. */
  fail(status: number): void {
    this.#faults = { status };
    this.drop();
  }

  /** Takes requests without ever answering; open streams fall silent. */
  stall(): void {
    this.#faults = { stalled: true };
  }

  /** Waits before each answer. */
  slow(delayMs: number): void {
    this.#faults = { delayMs };
  }

  /** The present key is refused from now on (401), and what is open is cut. */
  expireKey(newKey = ''): void {
    this.#sdkKey = newKey;
    this.drop();
  }

  /** All is well again; open streams get what they missed. A key that has expired stays so. */
  recover(): void {
    this.#faults = {};
    this.#broadcast();
  }

  /** Ends the server and all its connections. */
  close(): Promise<void> {
    clearInterval(this.#heartbeat);
    this.#stopFollowing();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.drop();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request;
    const body = await readBody(request);
    const { stalled, delayMs = 0 } = this.#faults;
    if (stalled) {
      this.requests.push({ method, path: url, status: undefined });
      return;
    }
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    const status = this.#statusFor(request);
    this.requests.push({ method, path: url, status });
    if (status !== 200) response.writeHead(status).end();
    else if (method === 'POST') this.#take(request, body, response);
    else if (url.startsWith('/all')) this.#stream(response);
    else response.writeHead(200, { 'Content-Type': 'application/json' }).end(formatDataSet(this.settings.dataSet()));
  }

  #statusFor({ method = '', url = '', headers }: IncomingMessage): number {
    if (this.#faults.status !== undefined) return this.#faults.status;
    if (headers.authorization !== this.#sdkKey) return 401;
    if (method === 'POST') return 200;
    return /^\/(all|sdk\/latest-all)(\?|$)/.test(url) ? 200 : 404;
  }

  #take(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
    if (request.url === '/bulk') {
      const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
      this.events.push(...(JSON.parse(text.toString('utf8')) as unknown[]));
    }
    response.writeHead(202).end();
  }

  #stream(response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8', 'Cache-Control': 'no-cache' });
    response.write(this.#put());
    this.#streams.add(response);
    response.on('close', () => this.#streams.delete(response));
  }

  #broadcast(): void {
    this.#write(this.#put());
  }

  #write(text: string): void {
    if (this.#faults.stalled) return;
    for (const response of this.#streams) response.write(text);
  }

  #put(): string {
    return `event: put\ndata: {"path":"/","data":${formatDataSet(this.settings.dataSet())}}\n\n`;
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {
    // The client has gone; nobody reads the answer either.
  }
  return Buffer.concat(chunks);
}
