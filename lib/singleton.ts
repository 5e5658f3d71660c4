import { FeatheryClient } from './client.js';
import { FeatheryError } from './errors.js';
import type { ClientOptions } from './options.js';
import { processState } from './process-state.js';

/**
 * Records the SDK key and the options of the process's one client. On a live client another key takes the place of the
 * one before, without a gap: the present settings are served until the service has answered to the new key. Its options
 * stay as they were; new ones are for the next client, after `close`.
 *
 * @param sdkKey - Default: the environment variable `FEATHERY_SDK_KEY`.
 */
export function setSdkKey(sdkKey?: string, options?: ClientOptions): void {
  const state = processState();
  state.sdkKey = sdkKey || process.env.FEATHERY_SDK_KEY || undefined;
  state.options = options ?? state.options;
  state.isSet = true;
  if (state.sdkKey !== undefined) state.client?.rotate(state.sdkKey);
}

/**
 * The process's one client. The first call makes it and connects it; after `close` the next call makes another.
 *
 * @throws FeatheryError `SDK_KEY_NOT_SET`
 */
export function get(): FeatheryClient {
  const state = processState();
  if (state.client !== undefined) return state.client;
  if (!state.isSet) {
    throw new FeatheryError('SDK_KEY_NOT_SET', 'There is no SDK key yet. Call setSdkKey(key) before get().');
  }
  const client: FeatheryClient = new FeatheryClient(state.sdkKey, state.options, {
    onClose: () => {
      if (state.client === client) state.client = undefined;
    },
  });
  state.client = client;
  return client;
}

/**
 * A client of its own, apart from the shared one: for tests, or for several environments in one process.
 *
 * @throws FeatheryError `SDK_KEY_NOT_SET`, when the key is missing although the client is not offline.
 */
export function createClient(sdkKey: string, options?: ClientOptions): FeatheryClient {
  return new FeatheryClient(sdkKey, options);
}
