// Everything the app is made of, made once and wired. `createParts` opens, `closeParts` closes in reverse.
import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { Auth } from './auth.js';
import type { Config } from './config.js';
import { Feed } from './feed.js';
import { createMetrics, type Metrics } from './metrics.js';
import type { PasswordCost } from './secrets.js';
import { type Database, openDatabase } from './storage/database.js';
import { insertEnvironment, listEnvironments } from './storage/environments.js';
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
  await createProduction(database, edges.now());
  const auth = new Auth({ config, database, ...edges });
  await auth.start();
  const feed = new Feed({ database, log });
  await feed.wake();
  const streaming = new Streaming({ config, database, feed, auth, ...edges });
  return { config, ...edges, metrics, database, auth, feed, streaming };
}

export async function closeParts({ auth, database, metrics, streaming }: Parts): Promise<void> {
  streaming.close();
  await auth.close();
  metrics.registry.clear();
  await database.destroy();
}

/** The environment that exists from the start. */
async function createProduction(database: Database, now: number): Promise<void> {
  if ((await listEnvironments(database)).length > 0) return;
  await insertEnvironment(database, {
    key: 'production',
    name: 'Production',
    epoch: randomBytes(8).toString('hex'),
    revision: 0,
    created_at: now,
  });
}
