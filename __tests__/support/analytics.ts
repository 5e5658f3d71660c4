import { PreparedSetting } from '../../lib/compile.js';
import type { Detail, Reason } from '../../lib/evaluate.js';
import { EventProcessor } from '../../lib/events.js';
import { type ClientOptions, resolveOptions } from '../../lib/options.js';
import type { Json, Setting } from '../../lib/protocol.js';
import { FakeLog } from './fake-log.js';
import { FakeService } from './fake-service.js';

export const KEY = 'sdk-key-000001';
export const alice = { key: 'alice', plan: 'gold' };

/** One payload as the service got it. */
export type Event = { readonly kind: string; readonly [field: string]: Json | undefined };

/** An event processor, the service it talks to, and what both have written. */
export class Analytics {
  readonly service = new FakeService((request) => request.answer(202));
  readonly log = new FakeLog();
  readonly events: EventProcessor;
  random = () => 0;

  constructor(options: ClientOptions = {}) {
    const given = { serviceUri: 'http://events.test', diagnosticOptOut: true, ...options };
    this.events = new EventProcessor({
      options: resolveOptions(given, this.log),
      sdkKey: KEY,
      headers: {},
      fetch: this.service.fetch,
      now: Date.now,
      random: () => this.random(),
      log: this.log,
    });
  }

  /** Requests to one path, in order. */
  requests(path: string) {
    return this.service.requests.filter(({ url }) => url.endsWith(path));
  }

  get payloads(): Event[][] {
    return this.requests('/bulk').map(({ body }) => body as Event[]);
  }

  /** Sends what is buffered; gives the events of that payload. */
  async flushed(): Promise<Event[]> {
    const before = this.payloads.length;
    await this.events.flush();
    return this.payloads.slice(before).flat();
  }
}

export function setting(key = 'a', fields: Partial<Setting> = {}): PreparedSetting {
  return new PreparedSetting(key, { key, version: 3, on: true, variations: ['x', 'y'], ...fields });
}

const VALUES = ['x', 'y'];

/** Variation 0 is `x`, 1 is `y`. */
export function detail(variationIndex: number | null = 0, reason: Reason = { kind: 'OFF' }): Detail {
  return { value: variationIndex === null ? null : (VALUES[variationIndex] as string), variationIndex, reason };
}

/** Records one evaluation. */
export function evaluate(
  analytics: Analytics,
  fields: Partial<Setting> = {},
  context: object = alice,
  given = detail(),
): void {
  analytics.events.recordEvaluation(setting('a', fields), 'a', context as typeof alice, given, 'd', false);
}

export const kinds = (events: Event[]) => events.map(({ kind }) => kind);
