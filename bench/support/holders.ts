// Ways of holding settings that are pushed: ours, LaunchDarkly's, the least code by hand; and only parsing them.
import { get } from 'node:http';
import { EventSource } from 'eventsource';
import { PROBE_KEY } from './large-environment.js';
import { silent } from './silent.js';

export const HOLDERS = ['feathery', 'launchdarkly', 'reference'] as const;
/** Does nothing with a message but `JSON.parse`, in a turn of its own: what that holds the event loop for. */
export const PARSER = 'JSON.parse';
export type HolderName = (typeof HOLDERS)[number] | typeof PARSER;

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
  return name === PARSER ? onlyParse : holdByHand;
}

/** The text comes in the same pieces as ours, since what `JSON.parse` takes depends on how a string was put together. */
function onlyParse(origin: string): Promise<Holder> {
  const decoder = new TextDecoder();
  const pieces: string[] = [];
  let end = '';
  return new Promise((resolve, reject) => {
    const request = get(`${origin}/all`, (response) => {
      response.on('data', (chunk: Buffer) => {
        const piece = decoder.decode(chunk, { stream: true });
        pieces.push(piece);
        end = (end + piece).slice(-2);
        if (end !== '\n\n') return;
        const message = pieces.join('');
        const data = message.slice(message.indexOf('{'), -2);
        setImmediate(() => {
          const parsed = JSON.parse(data);
          setImmediate(() => resolve({ probe: () => parsed, close: () => request.destroy() }));
        });
      });
    });
    request.on('error', reject);
  });
}

/** Over the same parser as ours: JSON into a Map. No retries, no versions, no checks, no counts. */
function holdByHand(origin: string): Promise<Holder> {
  const settings = new Map<string, { variations: unknown[]; fallthrough: { variation: number } }>();
  const source = new EventSource(`${origin}/all`);
  const holder = {
    probe: () => {
      const setting = settings.get(PROBE_KEY);
      return setting?.variations[setting.fallthrough.variation];
    },
    close: () => source.close(),
  };
  source.addEventListener('patch', (message) => {
    const { path, data } = JSON.parse(message.data);
    settings.set(path.slice('/flags/'.length), data);
  });
  return new Promise((resolve, reject) => {
    source.addEventListener('error', (error) => reject(new Error(error.message)));
    source.addEventListener('put', (message) => {
      const { flags } = JSON.parse(message.data).data;
      for (const key in flags) settings.set(key, flags[key]);
      resolve(holder);
    });
  });
}
