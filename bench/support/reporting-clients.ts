// A process that holds streams which report what they have applied, as the SDK does; each is a bare socket, and nothing is
// applied.
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { serve } from './workers.js';

interface Target {
  readonly port: number;
  readonly sdkKey: string;
}

const OPEN_AT_ONCE = 100;
/** Up to this interval the SDK reports at once (lib/receipts.ts). */
const PROMPT_INTERVAL_MS = 100;
const ID = /^id: [0-9a-z]+:(\d+)$/gm;
const INTERVAL = /interval-ms=(\d+)/i;
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const servers: Server[] = [];

class Server {
  readonly #target: Target;
  readonly #instanceId: string;
  readonly #onLive: () => void;
  readonly #socket: Socket;
  #intervalMs: number | undefined;
  #applied = 0;
  #appliedAt = 0;
  #sentAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(target: Target, instanceId: string, onLive: () => void) {
    this.#target = target;
    this.#instanceId = instanceId;
    this.#onLive = onLive;
    this.#socket = connect({ port: target.port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('connect', () => this.#socket.write(`GET /all HTTP/1.1\r\nHost: bench\r\n${this.#headers()}\r\n`));
    this.#socket.on('data', (chunk) => this.#take(chunk.toString('latin1')));
    this.#socket.on('error', () => {});
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#socket.destroy();
  }

  #headers(): string {
    return `Authorization: ${this.#target.sdkKey}\r\nX-Feathery-Protocol: 1\r\nUser-Agent: Bench/1\r\nX-LaunchDarkly-Instance-Id: ${this.#instanceId}\r\n`;
  }

  #take(text: string): void {
    if (this.#intervalMs === undefined) {
      const [, interval] = INTERVAL.exec(text) ?? [];
      if (interval !== undefined) this.#intervalMs = Number(interval);
    }
    const wasLive = this.#applied > 0;
    for (const [, revision] of text.matchAll(ID)) this.#applied = Number(revision);
    if (this.#applied === 0) return;
    this.#appliedAt = performance.now();
    if (!wasLive) this.#onLive();
    this.#timer ??= setTimeout(() => this.#report(), this.#delayMs(this.#intervalMs ?? 0));
  }

  #delayMs(intervalMs: number): number {
    const spreadMs = intervalMs > PROMPT_INTERVAL_MS ? Math.random() * intervalMs : 0;
    return Math.max(intervalMs - (performance.now() - this.#sentAt), 0) + spreadMs;
  }

  #report(): void {
    const { port, sdkKey } = this.#target;
    this.#timer = undefined;
    this.#sentAt = performance.now();
    const heldMs = Math.max(0, this.#sentAt - this.#appliedAt);
    const body = JSON.stringify({ instanceId: this.#instanceId, revision: this.#applied, heldMs });
    const headers = {
      authorization: sdkKey,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'x-launchdarkly-instance-id': this.#instanceId,
    };
    const outgoing = request(
      { port, host: '127.0.0.1', path: '/sdk/receipts', method: 'POST', agent, headers },
      (answer) => {
        const [, interval] = INTERVAL.exec(String(answer.headers['x-feathery-receipts'] ?? '')) ?? [];
        if (interval !== undefined) this.#intervalMs = Number(interval);
        answer.resume();
      },
    );
    outgoing.on('error', () => {});
    outgoing.end(body);
  }
}

serve({
  /** Resolves when all have got their first event. */
  open: async (name: string, target: Target, count: number) => {
    let waiting = 0;
    for (let index = 0; index < count; index++) {
      waiting++;
      servers.push(new Server(target, `${name}-${index}`, () => waiting--));
      while (waiting >= OPEN_AT_ONCE) await delay(2);
    }
    while (waiting > 0) await delay(2);
  },
  close: () => {
    for (const server of servers.splice(0)) server.end();
  },
});
