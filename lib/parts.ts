import type { IdentificationHeaders } from './headers.js';
import type { Fetch } from './http.js';
import type { Log } from './log.js';
import type { ResolvedOptions } from './options.js';

/** What every part that talks to the service is made with. */
export interface CommonParts {
  readonly options: ResolvedOptions;
  readonly sdkKey: string;
  readonly headers: IdentificationHeaders;
  readonly fetch: Fetch;
  readonly now: () => number;
  readonly random: () => number;
  readonly log: Log;
}
