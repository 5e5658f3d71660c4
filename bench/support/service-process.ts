// The service as its users run it: its own process, its embedded database in a folder of its own, or a PostgreSQL that
// several processes share.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const SDK_KEY = 'sdk-key-of-the-bench';
const ADMIN_TOKEN = 'admin-token-of-the-bench';
const MAIN = fileURLToPath(new URL('../../../service/dist/main.js', import.meta.url));
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

export interface Answer {
  readonly status: number;
  readonly body: string;
  /** When the request was handed to the system, in nanoseconds of the machine's clock. */
  readonly sentAt: number;
  readonly tookMs: number;
}

export interface RequestInit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One request over a connection that is kept. */
export function send(url: string, { method = 'GET', headers = {}, body = '' }: RequestInit = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sentAt = Number(process.hrtime.bigint());
    const length = { 'content-length': Buffer.byteLength(body) };
    const outgoing = request(url, { method, agent, headers: { ...headers, ...length } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => {
        const tookMs = (Number(process.hrtime.bigint()) - sentAt) / 1e6;
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString(), sentAt, tookMs });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

export class ServiceProcess {
  readonly #dataDir = mkdtempSync(join(tmpdir(), 'feathery-bench-'));
  readonly #databaseUrl: string | undefined;
  #child: ChildProcess | undefined;
  #origin = '';

  constructor(databaseUrl?: string) {
    this.#databaseUrl = databaseUrl;
  }

  get origin(): string {
    return this.#origin;
  }

  get port(): number {
    return Number(new URL(this.#origin).port);
  }

  get pid(): number {
    return this.#child?.pid as number;
  }

  /** Starts it, or starts it again with the data and the port it had. Resolves when it accepts requests. */
  async start(): Promise<void> {
    const port = this.#origin === '' ? '0' : `${this.port}`;
    const options = ['serve', '--port', port, '--data-dir', this.#dataDir, '--log-level', 'error'];
    const database = this.#databaseUrl === undefined ? {} : { FEATHERY_DATABASE_URL: this.#databaseUrl };
    const env = { ...process.env, ...database, FEATHERY_ADMIN_TOKEN: ADMIN_TOKEN, FEATHERY_SDK_KEY: SDK_KEY };
    const child = spawn(process.execPath, [MAIN, ...options], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child = child;
    this.#origin = await new Promise((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`the service ended with ${code}`)));
      createInterface({ input: child.stdout }).on('line', (line) => {
        const match = /^Feathery is ready on (\S+)/.exec(line);
        if (match !== null) resolve(new URL(match[1] as string).origin);
      });
    });
  }

  /** @throws for an answer other than 2xx. */
  async admin(method: string, path: string, body?: unknown): Promise<Answer> {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' };
    const text = body === undefined ? '' : JSON.stringify(body);
    const answer = await send(`${this.#origin}/api/v1/${path}`, { method, headers, body: text });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
    return answer;
  }

  /** A metric without labels. */
  async metric(name: string): Promise<number> {
    const { body } = await send(`${this.#origin}/metrics`);
    return Number(new RegExp(`^${name} (\\S+)`, 'm').exec(body)?.[1]);
  }

  async kill(): Promise<void> {
    const child = this.#child as ChildProcess;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#dataDir, { recursive: true, force: true });
  }
}
