// A process that delivers analytics as SDKs do: one payload after the other over each of several connections.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { seeded } from './random.js';
import { SDK_KEY, send } from './service-process.js';
import { serve } from './workers.js';

export interface Load {
  readonly url: string;
  readonly seconds: number;
  readonly connections: number;
  readonly settings: number;
  /** In each payload, beside its summary. */
  readonly indexEvents: number;
  /** Payloads of this process; as many as it can by default. */
  readonly perSecond?: number;
}

export interface Delivered {
  readonly payloads: number;
  /** Entries of payloads. */
  readonly events: number;
  /** In summaries: one for each setting, variation and version. */
  readonly counters: number;
  /** That the counters stand for. */
  readonly evaluations: number;
  readonly refused: number;
}

const COUNTERS_PER_SETTING = 2;
const CONTEXTS = 20_000;

const random = seeded(Number(process.argv[2] ?? 1));

serve({
  deliver: async ({
    url,
    seconds,
    connections,
    settings,
    indexEvents,
    perSecond = Infinity,
  }: Load): Promise<Delivered> => {
    const until = performance.now() + seconds * 1000;
    const delivered = { payloads: 0, events: 0, counters: 0, evaluations: 0, refused: 0 };
    const intervalMs = (connections * 1000) / perSecond;
    const run = async (_: unknown, index: number) => {
      let due = performance.now() + (intervalMs * index) / connections;
      for (;;) {
        const now = performance.now();
        if (Math.max(now, due) >= until) return;
        if (due > now) await delay(due - now);
        due += intervalMs;
        const { body, evaluations } = createPayload(settings, indexEvents);
        const headers = {
          authorization: SDK_KEY,
          'content-type': 'application/json',
          'x-launchdarkly-event-schema': '4',
          'x-launchdarkly-payload-id': randomUUID(),
        };
        const { status } = await send(url, { method: 'POST', headers, body });
        if (status >= 300) {
          delivered.refused++;
          continue;
        }
        delivered.payloads++;
        delivered.evaluations += evaluations;
        delivered.events += indexEvents + 1;
        delivered.counters += settings * COUNTERS_PER_SETTING;
      }
    };
    await Promise.all(Array.from({ length: connections }, run));
    return delivered;
  },
});

/** What one server sends after five seconds: one summary, and index events of users it had not seen. */
function createPayload(settings: number, indexEvents: number): { body: string; evaluations: number } {
  const now = Date.now();
  let evaluations = 0;
  const features = Array.from({ length: settings }, (_, index) => {
    const counters = Array.from({ length: COUNTERS_PER_SETTING }, (__, variation) => {
      const count = 1 + Math.floor(random() * 1000);
      evaluations += count;
      return { variation, version: 1, value: variation === 0, count };
    });
    return [`setting-${index}`, { default: false, contextKinds: ['user'], counters }];
  });
  const index = Array.from({ length: indexEvents }, () => {
    const key = `user-${Math.floor(random() * CONTEXTS)}@customer.example`;
    return { kind: 'index', creationDate: now, context: { kind: 'user', key, plan: 'business' } };
  });
  const summary = { kind: 'summary', startDate: now - 5000, endDate: now, features: Object.fromEntries(features) };
  return { body: JSON.stringify([...index, summary]), evaluations };
}
