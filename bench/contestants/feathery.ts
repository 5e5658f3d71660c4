import { createClient, type FeatheryClient, type User } from 'feathery-server-sdk';
import type { Contestant } from './contestant.js';

export function createContestant(): Contestant {
  let client: FeatheryClient;
  let many: FeatheryClient;
  return {
    analytics: 'counts and seen contexts',
    cannot: {},
    start: async ({ origin }) => {
      client = createClient('single', { serviceUri: origin });
      many = createClient('many', { serviceUri: origin });
      await client.waitForInitialization({ timeoutMs: 10_000 });
      await many.waitForInitialization({ timeoutMs: 10_000 });
    },
    user: ({ key, email, country, plan, appVersion }) => ({ key, email, country, plan, appVersion }),
    evaluate: (key, user, fallback) => client.variation(key, user as User, fallback),
    all: (user) => many.allSettings(user as User).allValues(),
    close: async () => {
      await client.close();
      await many.close();
    },
  };
}
