import type { Segment, Setting } from './protocol.js';
import type { SettingCounters } from './summary.js';

/** A setting in the store. What evaluation needs of it is prepared on first use. */
export class PreparedSetting {
  readonly key: string;
  readonly version: number;
  /** As received. Not to be changed. */
  readonly source: Setting;
  /** Owned and written by summary.ts; kept here so that counting needs no look-up. */
  counters: SettingCounters | undefined = undefined;

  constructor(key: string, source: Setting) {
    this.key = key;
    this.version = source.version;
    this.source = source;
  }
}

/** A segment in the store, like {@link PreparedSetting}. */
export class PreparedSegment {
  readonly key: string;
  readonly version: number;
  /** As received. Not to be changed. */
  readonly source: Segment;

  constructor(key: string, source: Segment) {
    this.key = key;
    this.version = source.version;
    this.source = source;
  }
}
