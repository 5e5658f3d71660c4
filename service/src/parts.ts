// Everything the app is made of, made once and wired. `createParts` opens, `closeParts` closes in reverse.
import type { Logger } from 'pino';
import type { Config } from './config.js';
import { Feed } from './feed.js';
import { createMetrics, type Metrics } from './metrics.js';
import { type Database, openDatabase } from './storage/database.js';

export interface Parts {
  readonly config: Config;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly metrics: Metrics;
  readonly database: Database;
  /** The environments' data in memory, and what changes in it. */
  readonly feed: Feed;
}

/** What comes from outside: the process gives the real ones, tests give theirs. */
export interface Edges {
  readonly log: Logger;
  readonly now: () => number;
  readonly random: () => number;
}

export async function createParts(config: Config, edges: Edges): Promise<Parts> {
  const { log } = edges;
  const metrics = createMetrics();
  const database = await openDatabase(config);
  const feed = new Feed({ database, log });
  await feed.wake();
  return { config, ...edges, metrics, database, feed };
}

export async function closeParts({ database, metrics }: Parts): Promise<void> {
  metrics.registry.clear();
  await database.destroy();
}
