import type { StreamInit } from '../../lib/diagnostics.js';
import type { FeatheryError } from '../../lib/errors.js';
import { identificationHeaders } from '../../lib/headers.js';
import type { ResponseHeaders } from '../../lib/http.js';
import { type ClientOptions, resolveOptions } from '../../lib/options.js';
import type { Message } from '../../lib/protocol.js';
import type { MessageMeta, ProblemInfo, SourceHandlers, SourceParts } from '../../lib/source.js';

export const SDK_KEY = 'sdk-0000-test';

/** What a source told, in order; and a way to wait for it. */
export class Recorder implements SourceHandlers {
  readonly messages: (Message & { meta: MessageMeta })[] = [];
  readonly problems: (ProblemInfo & { error: FeatheryError })[] = [];
  readonly opened: ResponseHeaders[] = [];
  readonly attempts: StreamInit[] = [];
  unchanged = 0;
  /** Set to have the next messages refused. */
  refuse: Error | undefined;
  #waiting: (() => void)[] = [];

  onMessage(message: Message, meta: MessageMeta): void {
    if (this.refuse !== undefined) throw this.refuse;
    this.messages.push({ ...message, meta });
    this.#told();
  }

  onUnchanged(): void {
    this.unchanged++;
    this.#told();
  }

  onOpen(headers: ResponseHeaders): void {
    this.opened.push(headers);
    this.#told();
  }

  onProblem(error: FeatheryError, info: ProblemInfo): void {
    this.problems.push({ ...info, error });
    this.#told();
  }

  onAttempt(init: StreamInit): void {
    this.attempts.push(init);
    this.#told();
  }

  /** Keys of the settings in the data sets and changes received, one list for each message. */
  get keys(): string[][] {
    return this.messages.map((message) => {
      if (message.type === 'put') return Object.keys(message.data.settings);
      return message.type === 'changes' ? message.changes.map(({ key }) => key) : [];
    });
  }

  async until(condition: (recorder: this) => boolean): Promise<void> {
    while (!condition(this)) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #told(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

const SILENT = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

/** The parts of a source under test. No jitter, and 1 ms until the first reconnect, unless told otherwise. */
export function sourceParts(
  parts: Pick<SourceParts, 'fetch' | 'handlers'> & Partial<SourceParts>,
  options: ClientOptions,
): SourceParts {
  const resolved = resolveOptions({ streamInitialReconnectDelayMs: 1, logger: SILENT, ...options }, SILENT);
  return {
    options: resolved,
    sdkKey: SDK_KEY,
    headers: identificationHeaders(resolved, '00000000-0000-4000-8000-000000000000'),
    now: () => Date.now(),
    random: () => 0,
    log: SILENT,
    ...parts,
  };
}
