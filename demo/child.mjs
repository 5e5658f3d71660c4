// A child process that is started again when it dies, and ends when told to.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const RESTART_DELAY_MS = 500;
/** Dying this often within a minute is not an accident. */
const MAX_DEATHS_PER_MINUTE = 5;

export class Child {
  #options;
  #process;
  #restart;
  #deaths = [];
  #stopping = false;
  #ended;

  /**
   * @param options.name what the terminal calls it
   * @param options.args arguments for Node; a function is asked again at each start
   * @param options.env added to this process's environment
   * @param options.onLine receives each line of its output and which stream it came from
   * @param options.onMessage receives what it sends
   * @param options.onDeath called with a sentence when it ended unasked; the second argument says if that is for good
   */
  constructor(options) {
    this.#options = options;
  }

  start() {
    const { args, env, onLine, onMessage } = this.#options;
    // A process group of its own: Ctrl-C reaches only the parent, which ends its children in order.
    const child = spawn(process.execPath, typeof args === 'function' ? args() : args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
    });
    this.#process = child;
    for (const stream of ['stdout', 'stderr']) {
      createInterface({ input: child[stream] }).on('line', (line) => onLine(line, stream));
    }
    if (onMessage) child.on('message', onMessage);
    this.#ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        resolve();
        if (!this.#stopping) this.#onDeath(code, signal);
      });
    });
  }

  /** Asks it to end, and makes it end when it does not within `withinMs`. */
  async stop(withinMs) {
    this.#stopping = true;
    clearTimeout(this.#restart);
    if (this.#process === undefined) return;
    this.#process.kill('SIGTERM');
    const force = setTimeout(() => this.#process.kill('SIGKILL'), withinMs);
    await this.#ended;
    clearTimeout(force);
  }

  #onDeath(code, signal) {
    const now = Date.now();
    this.#deaths = [...this.#deaths.filter((at) => now - at < 60_000), now];
    const forGood = this.#deaths.length >= MAX_DEATHS_PER_MINUTE || this.#options.mayRestart?.() === false;
    const how = signal ? `was ended by ${signal}` : `ended with code ${code}`;
    this.#options.onDeath(`${this.#options.name} ${how}${forGood ? '.' : ', and is started again.'}`, forGood, code);
    if (!forGood) this.#restart = setTimeout(() => this.start(), RESTART_DELAY_MS);
  }
}
