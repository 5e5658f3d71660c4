// Work in processes of its own, by calls over Node's channel between parent and child.
import { type ChildProcess, fork } from 'node:child_process';

const END_WITHIN_MS = 5000;

// biome-ignore lint/suspicious/noExplicitAny: whatever can be sent to another process.
export type Methods = Readonly<Record<string, (...args: any[]) => unknown>>;

interface Call {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** In the child: answers calls until the parent goes away. */
export function serve(methods: Methods): void {
  process.on('message', async ({ id, method, args }: Call) => {
    try {
      const result = await (methods[method] as (...args: readonly unknown[]) => unknown)(...args);
      process.send?.({ id, result } satisfies Answer);
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  process.once('disconnect', () => process.exit());
}

/** In the parent: one child process. */
export class Worker {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #calls = 0;

  /** @param file - Compiled program, relative to bench/dist. */
  constructor(file: string, args: readonly string[] = [], nodeOptions: readonly string[] = []) {
    this.#child = fork(new URL(`../${file}`, import.meta.url), args, { execArgv: [...nodeOptions] });
    this.#child.on('message', ({ id, result, error }: Answer) => {
      const call = this.#pending.get(id);
      this.#pending.delete(id);
      if (error === undefined) call?.resolve(result);
      else call?.reject(new Error(error));
    });
    this.#child.once('exit', (code, signal) => {
      for (const { reject } of this.#pending.values()) reject(new Error(`${file} ${args} ended: ${signal ?? code}`));
      this.#pending.clear();
    });
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  call<Result>(method: string, ...args: readonly unknown[]): Promise<Result> {
    const id = ++this.#calls;
    return new Promise<Result>((resolve, reject) => {
      this.#pending.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.#child.send({ id, method, args } satisfies Call);
    });
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), END_WITHIN_MS);
    this.#child.disconnect();
    await ended;
    clearTimeout(kill);
  }
}
