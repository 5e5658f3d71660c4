import { init, type LDClient, type LDContext } from '@launchdarkly/node-server-sdk';
import { silent } from '../support/silent.js';
import type { Contestant } from './contestant.js';

export function createContestant(): Contestant {
  const clients: LDClient[] = [];
  return {
    analytics: 'counts and seen contexts',
    cannot: {},
    start: async ({ origin }) => {
      const options = { baseUri: origin, streamUri: origin, eventsUri: origin, logger: silent };
      for (const key of ['single', 'many']) clients.push(init(key, options));
      for (const client of clients) await client.waitForInitialization({ timeout: 10 });
    },
    // The form its documentation asks for; a user without a kind would be converted first.
    user: ({ key, email, country, plan, appVersion }) => ({ kind: 'user', key, email, country, plan, appVersion }),
    evaluate: (key, user, fallback) => (clients[0] as LDClient).variation(key, user as LDContext, fallback),
    all: async (user) => (await (clients[1] as LDClient).allFlagsState(user as LDContext)).allValues(),
    close: () => {
      for (const client of clients) client.close();
    },
  };
}
