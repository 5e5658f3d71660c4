// The parts behind open streams, made and wired to the feed: what is committed goes to the servers, and how it lands
// to the people who watch.
import type { Logger } from 'pino';
import type { Tally } from './analytics.js';
import { AuditWatch } from './audit-watch.js';
import type { Auth } from './auth.js';
import type { Config } from './config.js';
import { Connections } from './connections.js';
import type { EnvironmentData } from './environment-data.js';
import type { Feed } from './feed.js';
import { broadcastOf } from './frames.js';
import { Hub } from './hub.js';
import { Landings } from './landings.js';
import { type Counted, Live } from './live.js';
import type { Metrics } from './metrics.js';
import type { Messages, NodeLink } from './node-link.js';
import { Peers } from './peers.js';
import { Receipts } from './receipts.js';
import { Resume } from './resume.js';
import { RollCall } from './roll-call.js';
import { createSteadyClock } from './steady-clock.js';
import { readChanges } from './storage/change-log.js';
import type { Database } from './storage/database.js';
import { StrayReceipts } from './stray-receipts.js';

export interface StreamingParts {
  readonly config: Config;
  readonly database: Database;
  readonly feed: Feed;
  readonly auth: Pick<Auth, 'onSdkKeyExpired' | 'onAccessChanged'>;
  readonly link: NodeLink;
  readonly log: Logger;
  readonly now: () => number;
  readonly random: () => number;
  readonly metrics: Pick<Metrics, 'fanOutSeconds' | 'landingSeconds'>;
}

export class Streaming {
  readonly hub: Hub;
  readonly connections: Connections;
  readonly receipts: Receipts;
  readonly live: Live;
  readonly resume: Resume;
  /** The other nodes, and what they have. */
  readonly peers: Peers;
  readonly rollCall: RollCall;
  readonly #auditWatch: AuditWatch;
  readonly #landings: Landings;
  readonly #strays: StrayReceipts;
  readonly #link: NodeLink;
  readonly #stopListening: () => void;

  constructor({ config, database, feed, auth, link, log, now, random, metrics }: StreamingParts) {
    this.#link = link;
    const steady = createSteadyClock(now);
    this.hub = new Hub(config, { now, random, onFanOut: (ms) => metrics.fanOutSeconds.observe(ms / 1000) });
    this.connections = new Connections((environment) => {
      this.live.connectionsChanged(environment);
      this.peers.changed();
    });
    this.peers = new Peers({
      link,
      connections: this.connections,
      watched: () => this.live.watched(),
      onChange: (environments) => {
        for (const environment of environments) this.live.connectionsChanged(environment);
      },
    });
    this.rollCall = new RollCall({ link, peers: this.peers, connections: this.connections });
    this.#strays = new StrayReceipts({ link, now: steady });
    this.receipts = new Receipts({
      options: config,
      connections: this.connections,
      now: steady,
      reportingElsewhere: () => this.peers.reportingElsewhere,
      onStray: (environment, receipt) => this.#strays.add(environment, receipt),
      onProgress: (environment, hasLanded) => this.#landings.progressed(environment, hasLanded),
      onLag: (lagMs) => metrics.landingSeconds.observe(lagMs / 1000),
    });
    this.#landings = new Landings({
      link,
      now: steady,
      receipts: this.receipts,
      peers: this.peers,
      onProgress: (environment, hasLanded) => this.live.progressed(environment, hasLanded),
    });
    this.live = new Live({
      options: config,
      now,
      connections: this.peers,
      receipts: this.#landings,
      onWatching: () => {
        this.peers.changed();
        this.#auditWatch.start();
      },
    });
    this.#auditWatch = new AuditWatch({
      database,
      log,
      now,
      isWatched: () => this.live.watched().length > 0,
      onRecorded: (actions) => this.live.recorded(actions),
    });
    link.on('receipts', ({ environment, items }) => {
      for (const receipt of items) this.receipts.takeStray(environment, receipt);
    });
    link.on('counted', ({ environment, items }) => this.live.counted(environment, countedOf(items)));
    this.resume = new Resume({
      hub: this.hub,
      options: config,
      readChanges: (...range) => readChanges(database, ...range),
      catchUp: () => feed.wake(),
    });
    for (const environment of feed.environments.values()) this.#setSource(environment);
    feed.on('added', (environment) => this.#setSource(environment));
    feed.on('replaced', (environment) => this.#setSource(environment));
    feed.on('removed', (key) => {
      this.hub.removeSource(key);
      this.live.removeSource(key);
      this.#landings.removeEnvironment(key);
    });
    feed.on('change', ({ key, epoch }, changeSet) => {
      this.receipts.broadcast(key, changeSet.revision);
      this.hub.publish(key, broadcastOf(epoch, changeSet));
      this.live.changed(key, changeSet);
    });
    const listening = [
      auth.onSdkKeyExpired((keyId) => this.hub.endKey(keyId)),
      auth.onAccessChanged(() => this.live.checkAccess()),
    ];
    this.#stopListening = () => {
      for (const stop of listening) stop();
    };
  }

  /** Ends all streams, asking their clients to come back spread over time. Resolves when they are closed. */
  async drain(timeoutMs: number): Promise<void> {
    this.live.close();
    await this.hub.drain(timeoutMs);
  }

  /** Analytics have been stored: shows them to those who watch, here and on other nodes. */
  counted(environment: string, tally: Pick<Tally, 'evaluations' | 'custom'>): void {
    this.live.counted(environment, tally);
    if (this.peers.watch(environment)) this.#link.sendList('counted', { environment }, itemsOf(tally));
  }

  /** Closes what is still open, at once. */
  close(): void {
    this.#stopListening();
    this.#auditWatch.close();
    this.rollCall.close();
    this.#strays.close();
    this.#landings.close();
    this.peers.close();
    this.live.close();
    this.hub.close();
  }

  #setSource(environment: EnvironmentData): void {
    this.hub.setSource(environment);
    this.live.setSource(environment);
  }
}

type CountedItem = Messages['counted']['items'][number];

/** Settings, and custom events with their sums. */
function itemsOf({ evaluations, custom }: Pick<Tally, 'evaluations' | 'custom'>): CountedItem[] {
  const counts = new Map<string, number>();
  for (const { setting, count } of evaluations.values()) counts.set(setting, (counts.get(setting) ?? 0) + count);
  return [...counts, ...[...custom.values()].map(({ key, count, sum }): CountedItem => [key, count, sum])];
}

function countedOf(items: readonly CountedItem[]): Counted {
  const evaluations = new Map<string, { setting: string; count: number }>();
  const custom = new Map<string, { key: string; count: number; sum: number }>();
  for (const [key, count, sum] of items) {
    if (sum === undefined) evaluations.set(key, { setting: key, count });
    else custom.set(key, { key, count, sum });
  }
  return { evaluations, custom };
}
