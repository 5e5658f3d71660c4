// The parts behind open streams, made and wired to the feed: what is committed goes to the servers, and how it lands
// to the people who watch.
import type { Auth } from './auth.js';
import type { Config } from './config.js';
import { Connections } from './connections.js';
import type { EnvironmentData } from './environment-data.js';
import type { Feed } from './feed.js';
import { broadcastOf } from './frames.js';
import { Hub } from './hub.js';
import { Live } from './live.js';
import type { Metrics } from './metrics.js';
import { Receipts } from './receipts.js';
import { Resume } from './resume.js';
import { readChanges } from './storage/change-log.js';
import type { Database } from './storage/database.js';

export interface StreamingParts {
  readonly config: Config;
  readonly database: Database;
  readonly feed: Feed;
  readonly auth: Pick<Auth, 'onSdkKeyExpired'>;
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
  readonly #stopListening: () => void;

  constructor({ config, database, feed, auth, now, random, metrics }: StreamingParts) {
    this.hub = new Hub(config, { now, random, onFanOut: (ms) => metrics.fanOutSeconds.observe(ms / 1000) });
    this.connections = new Connections((environment) => this.live.connectionsChanged(environment));
    this.receipts = new Receipts({
      options: config,
      connections: this.connections,
      now,
      onProgress: (environment) => this.live.progressed(environment),
      onLag: (lagMs) => metrics.landingSeconds.observe(lagMs / 1000),
    });
    this.live = new Live({ options: config, connections: this.connections, receipts: this.receipts, now });
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
    });
    feed.on('change', ({ key, epoch }, changeSet) => {
      this.receipts.broadcast(key, changeSet.revision);
      this.hub.publish(key, broadcastOf(epoch, changeSet));
      this.live.changed(key, changeSet);
    });
    this.#stopListening = auth.onSdkKeyExpired((keyId) => this.hub.endKey(keyId));
  }

  /** Ends all streams, asking their clients to come back spread over time. Resolves when they are closed. */
  async drain(timeoutMs: number): Promise<void> {
    this.live.close();
    await this.hub.drain(timeoutMs);
  }

  /** Closes what is still open, at once. */
  close(): void {
    this.#stopListening();
    this.live.close();
    this.hub.close();
  }

  #setSource(environment: EnvironmentData): void {
    this.hub.setSource(environment);
    this.live.setSource(environment);
  }
}
