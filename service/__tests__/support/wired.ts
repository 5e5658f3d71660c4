// The parts below the routes, on any database: for tests of what a commit does and of what several nodes see.
import { Changes } from '../../src/changes.js';
import { type Config, createConfig } from '../../src/config.js';
import { createFirstEnvironment, Environments } from '../../src/environments.js';
import { Feed } from '../../src/feed.js';
import { createLog } from '../../src/log.js';
import { createMetrics } from '../../src/metrics.js';
import type { Database } from '../../src/storage/database.js';

export const ACTOR = { kind: 'system', id: 'test', name: 'test', address: null } as const;

/** One node on a database that others may share. */
export async function wire(database: Database, options: { config?: Partial<Config>; now?: () => number } = {}) {
  const config = { ...createConfig(), ...options.config };
  const log = createLog('silent');
  const now = options.now ?? Date.now;
  await createFirstEnvironment(database, now());
  const feed = new Feed({ database, log });
  await feed.wake();
  const metrics = createMetrics();
  const changes = new Changes({ database, feed, config, metrics, log, now });
  const environments = new Environments({ changes, feed, now, maxEnvironments: config.maxEnvironments });
  return { changes, config, database, environments, feed };
}

export type Node = Awaited<ReturnType<typeof wire>>;

export const entry = (action = 'test', comment = '') => ({ action, comment, actor: ACTOR });
