// Everything the app is made of, made once and wired. `createParts` opens, `closeParts` closes in reverse.
import type { Logger } from 'pino';
import { Auth } from './auth.js';
import { Changes } from './changes.js';
import type { Config } from './config.js';
import { createFirstEnvironment, Environments } from './environments.js';
import { Feed } from './feed.js';
import { createMetrics, type Metrics } from './metrics.js';
import { checkPolicy, Policies } from './policies.js';
import type { PasswordCost } from './secrets.js';
import { type Database, openDatabase } from './storage/database.js';
import { Streaming } from './streaming.js';

export interface Parts {
  readonly config: Config;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly metrics: Metrics;
  readonly database: Database;
  readonly auth: Auth;
  /** The environments' data in memory, and what changes in it. */
  readonly feed: Feed;
  /** The only writer of settings and segments. */
  readonly changes: Changes;
  readonly environments: Environments;
  /** Freezes, and environments that ask for approvals. */
  readonly policies: Policies;
  /** Open streams and what goes out on them. */
  readonly streaming: Streaming;
}

/** What comes from outside: the process gives the real ones, tests give theirs. */
export interface Edges {
  readonly log: Logger;
  readonly now: () => number;
  readonly random: () => number;
  /** Default: what people's passwords deserve. */
  readonly passwordCost?: PasswordCost;
}

export async function createParts(config: Config, edges: Edges): Promise<Parts> {
  const { log } = edges;
  const metrics = createMetrics();
  const database = await openDatabase(config);
  await createFirstEnvironment(database, edges.now());
  const auth = new Auth({ config, database, ...edges });
  await auth.start();
  const feed = new Feed({ database, log });
  await feed.wake();
  feed.on('removed', (key) => auth.sdkKeys.forgetEnvironment(key));
  const changes = new Changes({ database, feed, config, metrics, log, now: edges.now, checkPolicy });
  const policies = new Policies({ database, now: edges.now });
  const environments = new Environments({ changes, feed, now: edges.now, maxEnvironments: config.maxEnvironments });
  const streaming = new Streaming({ config, database, feed, auth, ...edges });
  return { config, ...edges, metrics, database, auth, feed, changes, environments, policies, streaming };
}

export async function closeParts({ auth, changes, database, metrics, streaming }: Parts): Promise<void> {
  streaming.close();
  await changes.drain();
  await auth.close();
  metrics.registry.clear();
  await database.destroy();
}
