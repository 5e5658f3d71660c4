// A running service: its parts, its app and its port, started and stopped as one.
import type { AddressInfo } from 'node:net';
import { SYSTEM } from './actor.js';
import { type App, createApp } from './app.js';
import type { Config } from './config.js';
import { FIRST_ENVIRONMENT } from './environments.js';
import { linkPath } from './links.js';
import { closeParts, createParts, type Edges, type Parts } from './parts.js';
import { StartError } from './start-error.js';

export interface Service {
  /** Where it listens, for people on this machine. */
  readonly address: string;
  /** What the one who starts it must see this once: keys that were made, the link for the first admin. */
  readonly notices: readonly string[];
  /** Ends streams, answers what was asked, stores what was accepted, closes the database. */
  stop(): Promise<void>;
}

/** @throws StartError whose message says what to do. */
export async function startService(config: Config, edges: Edges): Promise<Service> {
  const parts = await createParts(config, edges);
  const app = createApp(parts);
  const stop = async () => {
    await app.close();
    await closeParts(parts);
  };
  try {
    const address = await listen(app, config);
    return { address, notices: await firstNotices(parts, address), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function listen(app: App, { host, port }: Config): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    throw cannotListen(error as NodeJS.ErrnoException, host, port);
  }
  const { port: taken } = app.server.address() as AddressInfo;
  // "All addresses" is where to listen and not where to go.
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${taken}`;
}

/** What to do when a port cannot be had. */
export function cannotListen(error: NodeJS.ErrnoException, host: string, port: number): StartError {
  const advice: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${port} on ${host} is in use. Stop what uses it, or choose another with --port.`,
    EACCES: `Port ${port} needs more rights than this user has. Choose one above 1023 with --port.`,
    EADDRNOTAVAIL: `This machine has no address ${host}. Choose another with --host.`,
    ENOTFOUND: `The name ${host} is unknown. Choose an address with --host.`,
  };
  return new StartError(advice[error.code ?? ''] ?? `Cannot listen on ${host}:${port}: ${error.message}`, {
    cause: error,
  });
}

async function firstNotices({ auth, config, isNew }: Parts, address: string): Promise<string[]> {
  const notices: string[] = [];
  // An earlier start may have ended before anyone saw them, as when the port was in use.
  const isUnclaimed = (await auth.members.list()).length === 0 && (await auth.tokens.list()).length === 0;
  const isAsked = config.signInLink === 'yes';
  const link = isAsked ? await auth.members.issueSignInLink() : await auth.members.issueSetupLink();
  const purpose = isAsked ? 'Sign in as an admin' : 'Become the first admin';
  if (link !== undefined) notices.push(`${purpose} (works once): ${address}${linkPath(link)}`);
  if (!isNew && !isUnclaimed) return notices;
  if (config.sdkKey === undefined) {
    const { secret } = await auth.sdkKeys.create(FIRST_ENVIRONMENT.key, 'First SDK key', SYSTEM);
    notices.push(`SDK key of ${FIRST_ENVIRONMENT.key} (shown this once): ${secret}`);
  }
  if (config.adminToken === undefined) {
    const wish = { name: 'First token', role: 'admin', environments: null, expiresAt: null } as const;
    const { secret } = await auth.tokens.create(wish, SYSTEM);
    notices.push(`Admin token (shown this once): ${secret}`);
  }
  return notices;
}
