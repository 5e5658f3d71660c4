// The demo, whole: the service, its settings, three sample servers, and a line for every change that lands.
import { fileURLToPath } from 'node:url';
import { helpText, parseCommand } from '../service/dist/config.js';
import { StartError } from '../service/dist/start-error.js';
import { AdminApi } from './admin-api.mjs';
import { Child } from './child.mjs';
import { openKeys } from './keys.mjs';
import { printLandings } from './landings.mjs';
import { seed } from './seed.mjs';

const SERVERS = ['ams-1', 'fra-1', 'iad-1'];
const READY = /^Feathery is ready on (\S+)/;
const SIGN_IN_LINK = /^Sign in as an admin .*: (\S+)$/;
const SERVER_STOPS_WITHIN_MS = 1000;
const SERVICE_STOPS_WITHIN_MS = 4000;

/**
 * Runs until Ctrl-C, another signal, or until a part of it cannot be kept running.
 *
 * @param args flags of `feathery serve`
 * @returns the exit code
 */
export async function runDemo(args) {
  const command = parseCommand(['serve', ...args], process.env);
  if (command.name !== 'serve') {
    console.log(helpText());
    return 0;
  }
  const demo = new Demo(args, command.config);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => demo.end(0));
  try {
    return await Promise.race([demo.start().then(() => demo.ended), demo.ended]);
  } finally {
    await demo.stop();
  }
}

class Demo {
  #args;
  #config;
  #keys;
  #service;
  #serviceUri;
  /** Opens the dashboard as its first member; undefined once there is one. */
  #signInLink;
  #servers = [];
  #landings = new AbortController();

  /** Resolves with the exit code once the demo is to end. */
  ended = new Promise((resolve) => {
    this.end = resolve;
  });

  constructor(args, config) {
    this.#args = args;
    this.#config = config;
    this.#keys = openKeys(config);
  }

  async start() {
    await this.#startService();
    const api = new AdminApi(this.#serviceUri, this.#keys.adminToken);
    if (!this.#keys.seeded) {
      await seed(this.#serviceUri, this.#keys);
      this.#keys.markSeeded();
    }
    const pages = await Promise.all(SERVERS.map((name, index) => this.#startServer(name, index)));
    console.log(await this.#introduction(api, pages));
    printLandings(api, this.#landings.signal);
  }

  /** Sample servers first: what they have counted must still find the service. */
  async stop() {
    this.#landings.abort();
    await Promise.all(this.#servers.map((server) => server.stop(SERVER_STOPS_WITHIN_MS)));
    await this.#service?.stop(SERVICE_STOPS_WITHIN_MS);
  }

  #startService() {
    return new Promise((resolve, reject) => {
      const lastWords = [];
      this.#service = new Child({
        name: 'The service',
        args: () => [
          '-r',
          path('end-with-parent.cjs'),
          path('../service/dist/main.js'),
          'serve',
          ...this.#serviceArgs(),
        ],
        env: {
          FEATHERY_ADMIN_TOKEN: this.#keys.adminToken,
          FEATHERY_SDK_KEY: this.#keys.sdkKey,
          FEATHERY_SIGN_IN_LINK: 'yes',
          FEATHERY_LOG_LEVEL: process.env.FEATHERY_LOG_LEVEL || 'warn',
        },
        mayRestart: () => this.#serviceUri !== undefined,
        onLine: (line, stream) => {
          const [, uri] = READY.exec(line) ?? [];
          const [, link] = SIGN_IN_LINK.exec(line) ?? [];
          this.#serviceUri ??= uri;
          this.#signInLink = link ?? this.#signInLink;
          if (uri !== undefined) resolve();
          else if (stream === 'stderr' && this.#serviceUri === undefined) lastWords.push(line);
          else if (link === undefined) console.log(line);
        },
        onDeath: (sentence, forGood) => {
          if (this.#serviceUri === undefined) return reject(new StartError(lastWords.join('\n') || sentence));
          this.#onDeath(sentence, forGood);
        },
      });
      this.#service.start();
    });
  }

  /** Started again, it must be found where it was, also when any port was good the first time. */
  #serviceArgs() {
    return this.#serviceUri === undefined ? this.#args : [...this.#args, '--port', new URL(this.#serviceUri).port];
  }

  #startServer(name, index) {
    return new Promise((resolve) => {
      const server = new Child({
        name: `Sample server ${name}`,
        args: [path('server.mjs')],
        env: {
          SERVER_NAME: name,
          SERVER_HOST: this.#config.host,
          // Next to the service's port, so that its page has the same address tomorrow.
          SERVER_PORT: String(Number(new URL(this.#serviceUri).port) + 1 + index),
          FEATHERY_SERVICE_URI: this.#serviceUri,
          FEATHERY_SDK_KEY: this.#keys.sdkKey,
        },
        onLine: (line) => console.log(`${name}: ${line}`),
        onMessage: ({ address }) => resolve({ name, address }),
        onDeath: (sentence, forGood) => this.#onDeath(sentence, forGood),
      });
      this.#servers.push(server);
      server.start();
    });
  }

  #onDeath(sentence, forGood) {
    console.error(sentence);
    if (forGood) this.end(1);
  }

  async #introduction(api, pages) {
    const { setting } = await api.get('environments/production/settings/notice').catch(() => ({}));
    const flip = [
      `curl -X PATCH ${this.#serviceUri}/api/v1/environments/production/settings/notice`,
      `-H 'Authorization: Bearer ${this.#keys.adminToken}'`,
      `-H 'Content-Type: application/json'`,
      `-d '{"on": ${!setting?.on}}'`,
    ];
    return [
      '',
      `Feathery is ready on ${this.#serviceUri}`,
      '',
      `  Dashboard       ${this.#signInLink ? `${this.#signInLink}  (signs you in, once)` : this.#serviceUri}`,
      `  SDK key         ${this.#keys.sdkKey}`,
      `  Admin token     ${this.#keys.adminToken}`,
      ...pages.map(({ name, address }) => `  Sample server   ${address}  (${name})`),
      '',
      'Open a sample server, then turn its notice on or off from another terminal:',
      '',
      `  ${flip.join(' ')}`,
      '',
      'Every change shows below when it has landed. Ctrl-C ends everything.',
      '',
    ].join('\n');
  }
}

function path(name) {
  return fileURLToPath(new URL(name, import.meta.url));
}
