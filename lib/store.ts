import type { PreparedSegment, PreparedSetting } from './compile.js';
import type { View } from './evaluate.js';
import type { Change, DataSet } from './protocol.js';

/** Names an item that is not the same as before. */
export interface ChangedItem {
  readonly kind: 'setting' | 'segment';
  readonly key: string;
}

/** The data of one moment, or of every moment: the store itself. */
export interface StoreView extends View {
  /** Of the environment; undefined when the service does not tell. */
  readonly revision: number | undefined;
  settingKeys(): Iterable<string>;
  segmentKeys(): Iterable<string>;
}

/** The settings and segments of one environment, in memory, each with its version. */
export class Store implements StoreView {
  /** True once a full data set has been stored. */
  get initialized(): boolean {
    throw new Error('not yet');
  }

  get revision(): number | undefined {
    throw new Error('not yet');
  }

  /** Replaces everything, whatever the versions. Returns the items that appeared, disappeared or differ in version. */
  replaceAll(_data: DataSet, _revision?: number): readonly ChangedItem[] {
    throw new Error('not yet');
  }

  /** Applies changes all at once; one that is not newer than what is stored is ignored. Returns those applied. */
  apply(_changes: readonly Change[], _revision?: number): readonly ChangedItem[] {
    throw new Error('not yet');
  }

  setting(_key: string): PreparedSetting | undefined {
    throw new Error('not yet');
  }

  segment(_key: string): PreparedSegment | undefined {
    throw new Error('not yet');
  }

  settingKeys(): Iterable<string> {
    throw new Error('not yet');
  }

  segmentKeys(): Iterable<string> {
    throw new Error('not yet');
  }

  /** The data as it is now, whatever comes later. Costs nothing; the next change then copies the index once. */
  freeze(): StoreView {
    throw new Error('not yet');
  }

  /** Everything stored, in the form it was received, deleted items left out. */
  dataSet(): DataSet {
    throw new Error('not yet');
  }
}
