// Everything the app is made of, made once and wired. `createParts` opens, `closeParts` closes in reverse.
import type { Logger } from 'pino';
import { Auth } from './auth.js';
import { ChangeSets } from './change-sets.js';
import { Changes } from './changes.js';
import type { Config } from './config.js';
import { registerData } from './data-metrics.js';
import { createFirstEnvironment, Environments } from './environments.js';
import { Feed } from './feed.js';
import { Ingest } from './ingest.js';
import { createMetrics, type Metrics } from './metrics.js';
import { NodeLink } from './node-link.js';
import { checkPolicy, Policies } from './policies.js';
import { RecentRequests } from './recent-requests.js';
import { Retention } from './retention.js';
import { Schedule } from './schedule.js';
import type { PasswordCost } from './secrets.js';
import { type Database, openDatabase } from './storage/database.js';
import { inTurn } from './storage/locks.js';
import { Streaming } from './streaming.js';
import { registerTraffic } from './traffic-metrics.js';

export interface Parts {
  readonly config: Config;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Folder of the built dashboard; without one the service has its API only. */
  readonly dashboardDir?: string;
  readonly metrics: Metrics;
  readonly database: Database;
  /** True when the database was empty until this start. */
  readonly isNew: boolean;
  readonly auth: Auth;
  /** The environments' data in memory, and what changes in it. */
  readonly feed: Feed;
  /** The only writer of settings and segments. */
  readonly changes: Changes;
  readonly environments: Environments;
  /** Freezes, and environments that ask for approvals. */
  readonly policies: Policies;
  readonly changeSets: ChangeSets;
  readonly schedule: Schedule;
  /** The other nodes on the same database. */
  readonly link: NodeLink;
  /** Open streams and what goes out on them. */
  readonly streaming: Streaming;
  /** Where analytics are stored. */
  readonly ingest: Ingest;
  /** What servers lately asked about single contexts. */
  readonly recentRequests: RecentRequests;
  readonly retention: Retention;
}

/** What comes from outside: the process gives the real ones, tests give theirs. */
export interface Edges {
  readonly log: Logger;
  readonly now: () => number;
  readonly random: () => number;
  /** Default: what people's passwords deserve. */
  readonly passwordCost?: PasswordCost;
  /** Folder of the built dashboard; without one the service has its API only. */
  readonly dashboardDir?: string;
}

export async function createParts(config: Config, edges: Edges): Promise<Parts> {
  const metrics = createMetrics();
  const database = await openDatabase(config, ({ durationMs, failed }) => {
    metrics.querySeconds.observe({ outcome: failed ? 'failed' : 'ok' }, durationMs / 1000);
  });
  try {
    return await wire(config, edges, database, metrics);
  } catch (error) {
    await database.destroy();
    throw error;
  }
}

async function wire(config: Config, edges: Edges, database: Database, metrics: Metrics): Promise<Parts> {
  const { log } = edges;
  const auth = new Auth({ config, database, ...edges });
  // Nodes that start together on an empty database find it as the first of them leaves it.
  const isNew = await inTurn(database, async () => {
    const isFirst = await createFirstEnvironment(database, edges.now());
    await auth.start();
    return isFirst;
  });
  const feed = new Feed({ database, log });
  await feed.wake();
  feed.on('removed', (key) => auth.sdkKeys.forgetEnvironment(key));
  const changes = new Changes({ database, feed, config, metrics, log, now: edges.now, checkPolicy });
  const policies = new Policies({ database, now: edges.now });
  const changeSets = new ChangeSets({ database, changes, now: edges.now });
  const schedule = new Schedule({ database, changeSets, feed, ...edges });
  await schedule.check();
  const environments = new Environments({ changes, feed, now: edges.now, maxEnvironments: config.maxEnvironments });
  const link = new NodeLink({ databaseUrl: config.databaseUrl, ...edges });
  const streaming = new Streaming({ config, database, feed, auth, link, metrics, ...edges });
  const ingest = new Ingest({
    options: config,
    database,
    ...edges,
    isSetting: (environment, key) => feed.environments.get(environment)?.settings.has(key) ?? false,
    onStored: (environment, tally) => streaming.counted(environment, tally),
  });
  registerTraffic(metrics.registry, { streaming, ingest });
  registerData(metrics.registry, { config, feed, changes });
  const retention = new Retention({ options: config, database, ...edges });
  retention.start();
  followOtherNodes(link, feed, auth);
  return {
    config,
    ...edges,
    isNew,
    metrics,
    database,
    auth,
    feed,
    changes,
    changeSets,
    schedule,
    environments,
    policies,
    link,
    streaming,
    ingest,
    recentRequests: new RecentRequests(),
    retention,
  };
}

/** What is committed on another node reaches this one by being told of, or else by being looked for. */
function followOtherNodes(link: NodeLink, feed: Feed, auth: Auth): void {
  if (!link.isShared) return;
  // What goes wrong is tried again by the feed itself.
  const wake = () => void feed.wake().catch(() => {});
  link.on('change', ({ environment = '', revision = Number.POSITIVE_INFINITY }) => {
    if ((feed.environments.get(environment)?.revision ?? 0) < revision) wake();
  });
  link.on('access', (change) => void auth.forget(change));
  link.on('listening', () => {
    wake();
    void auth.recheck();
  });
  link.start();
  feed.follow();
}

export async function closeParts(parts: Parts): Promise<void> {
  const { auth, changes, database, feed, ingest, link, metrics, retention, schedule, streaming } = parts;
  streaming.close();
  await schedule.close();
  await retention.close();
  await ingest.close();
  await changes.drain();
  await feed.close();
  await auth.close();
  await link.close();
  metrics.registry.clear();
  await database.destroy();
}
