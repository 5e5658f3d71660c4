// What a user of the published package has: its public entry, a server to talk to, and the text of the protocol.
import { gunzipSync } from 'node:zlib';
import { type ClientOptions, createClient, type FeatheryClient, type Logger } from 'feathery-server-sdk';
import {
  type Answer,
  type Exchange,
  event,
  open,
  ScriptedServer,
  type ServerOptions,
  send,
  status,
} from './sse-server.js';

export const SDK_KEY = 'sdk-example-0001';

type FakeTimersConfig = Exclude<Parameters<typeof jest.useFakeTimers>[0], undefined>;

/** What stays real when a test takes over the clock, so that the network goes on meanwhile. */
export const CLOCK: FakeTimersConfig = {
  doNotFake: ['nextTick', 'setImmediate', 'clearImmediate', 'queueMicrotask', 'performance', 'hrtime'],
};

// biome-ignore lint/suspicious/noExplicitAny: what arrives is whatever the SDK has sent; the tests say what it should be.
export type Received = any;

type Items = Record<string, object>;

/** Fills in what every item has. */
export function data(settings: Items = {}, segments: Items = {}) {
  return { flags: withKeys(settings), segments: withKeys(segments) };
}

function withKeys(items: Items): Items {
  return Object.fromEntries(Object.entries(items).map(([key, item]) => [key, { key, version: 1, ...item }]));
}

export function putOf(settings: Items = {}, segments: Items = {}): string {
  return event('put', { path: '/', data: data(settings, segments) });
}

/** A stream that stays open after a full data set. */
export function live(settings: Items = {}, segments: Items = {}): Answer {
  return [open(), send(putOf(settings, segments))];
}

/** A setting that serves one value to everyone. */
export function serving(value: unknown, fields: object = {}): object {
  return { on: true, variations: [value], offVariation: 0, fallthrough: { variation: 0 }, ...fields };
}

/** Servers and clients of one test, and what the clients have logged. */
export class Outsider {
  readonly lines: string[] = [];
  readonly logger: Logger;
  readonly #opened: { close(): Promise<unknown> }[] = [];
  readonly #serviceUri = process.env.FEATHERY_SERVICE_URI;

  constructor() {
    delete process.env.FEATHERY_SERVICE_URI;
    const write = (level: string) => (message: unknown) => this.lines.push(`${level}: ${message}`);
    this.logger = { error: write('error'), warn: write('warn'), info: write('info'), debug() {} };
  }

  warnings(): string[] {
    return this.lines.filter((line) => line.startsWith('warn'));
  }

  errors(): string[] {
    return this.lines.filter((line) => line.startsWith('error'));
  }

  async serve(answers: readonly Answer[], options: ServerOptions = {}): Promise<ScriptedServer> {
    return this.keep(await ScriptedServer.listen(answers, options));
  }

  client(server: { readonly uri: string } | undefined, options: ClientOptions = {}): FeatheryClient {
    const address = server === undefined ? {} : { serviceUri: server.uri };
    const quick = { streamInitialReconnectDelayMs: 1, diagnosticOptOut: true, logger: this.logger };
    const client = createClient(SDK_KEY, { ...address, ...quick, ...options });
    // What a server of the test does not take any more is not waited for.
    this.keep({ close: () => client.close({ timeoutMs: 100 }) });
    return client;
  }

  /** A client that has these settings. */
  async connected(
    settings: Items = {},
    options: ClientOptions = {},
    segments: Items = {},
  ): Promise<{ client: FeatheryClient; server: ScriptedServer }> {
    const server = await this.serve([live(settings, segments)]);
    const client = this.client(server, options);
    await client.waitForInitialization({ timeoutMs: 5000 });
    return { client, server };
  }

  /** A client whose payloads of events are answered so. */
  async answered(
    answers: readonly Answer[],
    options: ClientOptions = {},
    settings: Items = { a: serving(1) },
  ): Promise<{ client: FeatheryClient; server: ScriptedServer }> {
    const server = await this.serve([live(settings)], { posts: bulk(...answers) });
    const client = this.client(server, options);
    await client.waitForInitialization({ timeoutMs: 4000 });
    return { client, server };
  }

  keep<One extends { close(): Promise<unknown> }>(one: One): One {
    this.#opened.push(one);
    return one;
  }

  async close(): Promise<void> {
    if (this.#serviceUri !== undefined) process.env.FEATHERY_SERVICE_URI = this.#serviceUri;
    for (const one of this.#opened.splice(0).reverse()) await one.close();
  }
}

/** The next macrotask, whatever the clock of the test. */
export function tick(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Waits for the network; ends with an error of its own, so that a failing test says where. */
export async function until(condition: () => boolean, what = 'it'): Promise<void> {
  const startedAt = performance.now();
  while (!condition()) {
    if (performance.now() - startedAt > 4000) throw new Error(`Waited too long for ${what}`);
    await tick();
  }
}

/** Long enough for what is on its way on loopback to arrive. */
export async function settle(ms = 40): Promise<void> {
  const startedAt = performance.now();
  while (performance.now() - startedAt < ms) await tick();
}

export async function bodyOf(exchange: Exchange): Promise<Received> {
  const body = await exchange.body;
  const text = exchange.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
  return JSON.parse(text.toString('utf8'));
}

export function requestsTo(server: ScriptedServer, path: string): Exchange[] {
  return [...server.exchanges, ...server.posts].filter((exchange) => exchange.path === path);
}

/** All payloads of events so far. */
export async function payloadsOf(server: ScriptedServer): Promise<Received[][]> {
  return Promise.all(requestsTo(server, '/bulk').map(bodyOf));
}

/** Flushes; gives the events of the payloads that came with it. */
export async function flushed(client: FeatheryClient, server: ScriptedServer): Promise<Received[]> {
  const before = requestsTo(server, '/bulk').length;
  await client.flush();
  return (await payloadsOf(server)).slice(before).flat();
}

export const ofKind = (events: Received[], kind: string): Received[] => events.filter((one) => one.kind === kind);

/** Answers requests for events one way, diagnostics always well. */
export const bulk = (...answers: readonly Answer[]): readonly Answer[] => {
  let played = 0;
  return [
    [
      async (exchange) => {
        const answer = exchange.path === '/bulk' ? answers[Math.min(played++, answers.length - 1)] : undefined;
        for (const step of answer ?? [status(202)]) await step(exchange);
      },
    ],
  ];
};
