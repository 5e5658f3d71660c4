// One process that a crowd of users asks for many settings: `node support/crowd-process.js`.
import { createClient } from 'feathery-server-sdk';
import { CROWD, type CrowdHeap } from './allocation.js';
import { createManySettings } from './scenarios.js';
import { silent } from './silent.js';
import { serve } from './workers.js';

const gc = (): void => (globalThis as unknown as { gc(): void }).gc();
const live = (): number => {
  gc();
  return process.memoryUsage().heapUsed;
};

serve({
  ask: async (origin: string): Promise<CrowdHeap> => {
    const keys = Object.keys(createManySettings().settings).slice(0, CROWD.settings);
    const client = createClient('many', { serviceUri: origin, flushIntervalMs: 60_000, logger: silent });
    await client.waitForInitialization({ timeoutMs: 10_000 });
    for (const key of keys) client.variation(key, { key: 'first' }, null);
    const before = live();
    for (let call = 0; call < CROWD.calls; call++) {
      // Each user asks for ten settings, and comes back when everybody else has been there.
      const key = keys[(call + Math.floor(call / CROWD.users)) % keys.length] as string;
      client.variation(key, { key: `person-${call % CROWD.users}@customer.example`, country: 'AT' }, null);
    }
    const fullBytes = live() - before;
    await client.flush();
    const flushedBytes = live() - before;
    await client.close();
    return { fullBytes, flushedBytes };
  },
});
