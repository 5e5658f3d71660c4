// Three ways of holding settings that are pushed: ours, LaunchDarkly's, and the least code by hand.
import { get } from 'node:http';
import { PROBE_KEY } from './large-environment.js';
import { silent } from './silent.js';

export const HOLDERS = ['feathery', 'launchdarkly', 'reference'] as const;
export type HolderName = (typeof HOLDERS)[number];

export interface Holder {
  /** The probe's value; LaunchDarkly gives a promise. */
  probe(): unknown;
  close(): unknown;
}

/** Loads the code. What it returns connects, and resolves when all settings are there. */
export async function loadHolder(name: HolderName): Promise<(origin: string) => Promise<Holder>> {
  const user = { kind: 'user', key: 'somebody', country: 'FR' };
  if (name === 'feathery') {
    const { createClient } = await import('feathery-server-sdk');
    return async (origin) => {
      const client = createClient('bench', { serviceUri: origin });
      await client.waitForInitialization({ timeoutMs: 60_000 });
      return { probe: () => client.variation(PROBE_KEY, user, -1), close: () => client.close() };
    };
  }
  if (name === 'launchdarkly') {
    const { init } = await import('@launchdarkly/node-server-sdk');
    return async (origin) => {
      const uris = { baseUri: origin, streamUri: origin, eventsUri: origin };
      const client = init('bench', { ...uris, logger: silent });
      await client.waitForInitialization({ timeout: 60 });
      return { probe: () => client.variation(PROBE_KEY, user, -1), close: () => client.close() };
    };
  }
  return readByHand;
}

/** Lines into events, JSON into a Map: no retries, no versions, no checks. */
function readByHand(origin: string): Promise<Holder> {
  const settings = new Map<string, { variations: unknown[]; fallthrough: { variation: number } }>();
  return new Promise((resolve, reject) => {
    const request = get(`${origin}/all`, (response) => {
      let event = '';
      let rest: string[] = [];
      const holder = {
        probe: () => {
          const setting = settings.get(PROBE_KEY);
          return setting?.variations[setting.fallthrough.variation];
        },
        close: () => request.destroy(),
      };
      const take = (line: string) => {
        if (line.startsWith('event: ')) event = line.slice(7);
        if (!line.startsWith('data: ')) return;
        const { path, data } = JSON.parse(line.slice(6));
        if (event === 'patch') {
          settings.set(path.slice('/flags/'.length), data);
        } else {
          for (const key in data.flags) settings.set(key, data.flags[key]);
          resolve(holder);
        }
      };
      response.setEncoding('utf8').on('data', (chunk: string) => {
        const lines = chunk.split('\n');
        for (const line of lines.slice(0, -1)) {
          take([...rest, line].join(''));
          rest = [];
        }
        rest.push(lines.at(-1) as string);
      });
    });
    request.on('error', reject);
  });
}
