import type { ChangedItem, StoreView } from './store.js';

/** The settings whose evaluation may have changed with these items, directly or through others that use them. */
export function affectedSettings(_view: StoreView, _changed: readonly ChangedItem[]): Set<string> {
  throw new Error('not yet');
}
