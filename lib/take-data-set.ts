// Everything an SDK key opens, taken once: for copying it elsewhere, not for serving it.
import { FeatheryError } from './errors.js';
import { identificationHeaders } from './headers.js';
import { createFetch } from './http.js';
import type { Log } from './log.js';
import { resolveOptions } from './options.js';
import type { DataSet } from './protocol.js';
import type { SourceHandlers } from './source.js';
import { Stream } from './stream.js';

export interface TakeOptions {
  /** Where `/all` is. */
  readonly streamUri: string;
  readonly sdkKey: string;
  /** How long to go on trying, in milliseconds. */
  readonly timeoutMs: number;
}

/** Whoever asked for the data is told what went wrong. */
const SILENT: Log = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

/**
 * Opens the stream, waits for its `put` and closes it again. A connection that fails is tried again, a refusal is not.
 *
 * @throws FeatheryError `SDK_KEY_REJECTED`, `STREAM`, or `INITIALIZATION_TIMEOUT` when nothing came in time.
 */
export async function takeDataSet({ streamUri, sdkKey, timeoutMs }: TakeOptions): Promise<DataSet> {
  const options = resolveOptions({ streamUri, sendEvents: false, keepAlive: true }, SILENT);
  const fetch = createFetch(options);
  const headers = identificationHeaders(options);
  let stream: Stream | undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise((resolve, reject) => {
      const handlers: SourceHandlers = {
        onMessage: (message) => {
          if (message.type === 'put') resolve(message.data);
        },
        onProblem: (error, { rejected }) => {
          if (rejected) reject(error);
        },
        onUnchanged: () => {},
        onOpen: () => {},
        onAttempt: () => {},
      };
      const edges = { now: Date.now, random: Math.random };
      timer = setTimeout(() => reject(tooLate(timeoutMs)), timeoutMs);
      stream = new Stream({ options, sdkKey, headers, fetch, ...edges, log: SILENT, handlers });
      stream.start();
    });
  } finally {
    clearTimeout(timer);
    stream?.close();
    fetch.close();
  }
}

function tooLate(timeoutMs: number): FeatheryError {
  return new FeatheryError('INITIALIZATION_TIMEOUT', `No data arrived within ${timeoutMs} ms. Check the address.`);
}
