import { type ClientOptions, createClient, type FeatheryClient, type Logger } from '../../lib/index.js';
import { type Answer, ScriptedServer } from './sse-server.js';

export const SDK_KEY = 'sdk-key-of-the-test';

/** On for everyone: variation 0, true. */
export const on = (version = 1, extra: object = {}) => ({
  version,
  on: true,
  variations: [true, false],
  offVariation: 1,
  fallthrough: { variation: 0 },
  ...extra,
});

export const off = (version = 1) => on(version, { on: false });

/** Servers and clients of one test, and what the clients logged. */
export class Bench {
  readonly lines: string[] = [];
  readonly logger: Logger;
  readonly #opened: { close(): Promise<unknown> }[] = [];

  constructor() {
    const write = (level: string) => (message: unknown) => this.lines.push(`${level}: ${message}`);
    this.logger = { error: write('error'), warn: write('warn'), info: write('info'), debug() {} };
  }

  async serve(...answers: readonly Answer[]): Promise<ScriptedServer> {
    return this.keep(await ScriptedServer.listen(answers));
  }

  connect(server: { readonly uri: string }, options: ClientOptions = {}): FeatheryClient {
    const quick = { streamInitialReconnectDelayMs: 1, diagnosticOptOut: true, logger: this.logger };
    return this.keep(createClient(SDK_KEY, { serviceUri: server.uri, ...quick, ...options }));
  }

  keep<One extends { close(): Promise<unknown> }>(one: One): One {
    this.#opened.push(one);
    return one;
  }

  async close(): Promise<void> {
    for (const one of this.#opened.splice(0).reverse()) await one.close();
  }
}

/** The first arguments of the next event of this name. */
export function next(client: FeatheryClient, name: string): Promise<unknown> {
  return new Promise((resolve) => client.once(name as 'ready', (...args: unknown[]) => resolve(args[0])));
}
