import { AsyncLocalStorage } from 'node:async_hooks';
import type { FeatheryClient } from './client.js';
import type { ClientOptions } from './options.js';
import type { Snapshot } from './snapshot.js';

/**
 * What is one per process. It hangs on `globalThis` under this symbol, and nowhere else is there module state: a
 * package that is loaded by `import` here and by `require` there exists twice, and both must mean the same client.
 */
const STATE = Symbol.for('feathery-server-sdk.process-state.v1');

export interface ProcessState {
  /** True after `setSdkKey`, even without a key: an offline client needs none. */
  isSet: boolean;
  sdkKey: string | undefined;
  options: ClientOptions | undefined;
  client: FeatheryClient | undefined;
  /** Made when first needed. */
  snapshots: AsyncLocalStorage<Snapshot> | undefined;
}

export function processState(): ProcessState {
  const holder = globalThis as { [STATE]?: ProcessState };
  holder[STATE] ??= { isSet: false, sdkKey: undefined, options: undefined, client: undefined, snapshots: undefined };
  return holder[STATE];
}

/** The snapshot bound to the present request, by `runWith`. */
export function boundSnapshots(): AsyncLocalStorage<Snapshot> {
  const state = processState();
  state.snapshots ??= new AsyncLocalStorage();
  return state.snapshots;
}
