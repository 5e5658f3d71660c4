// What the data itself says, read when somebody asks for the metrics.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Gauge, type Registry } from 'prom-client';
import type { Changes } from './changes.js';
import type { Config } from './config.js';
import type { Feed } from './feed.js';
import { DATABASE_FILE } from './storage/sqlite.js';

export interface DataParts {
  readonly config: Pick<Config, 'dataDir' | 'databaseUrl'>;
  readonly feed: Feed;
  readonly changes: Changes;
}

export function registerData(registry: Registry, { config, feed, changes }: DataParts): void {
  const registers = [registry];
  if (config.databaseUrl === undefined) {
    const file = join(config.dataDir, DATABASE_FILE);
    new Gauge({
      name: 'feathery_database_bytes',
      help: 'Size of the embedded database, its log included.',
      registers,
      collect() {
        this.set(sizeOf(file) + sizeOf(`${file}-wal`));
      },
    });
  }
  new Gauge({
    name: 'feathery_revision',
    help: 'Newest revision of each environment that this node serves.',
    labelNames: ['environment'],
    registers,
    collect() {
      this.reset();
      for (const { key, revision } of feed.environments.values()) this.set({ environment: key }, revision);
    },
  });
  new Gauge({
    name: 'feathery_changes_waiting',
    help: 'Changes that wait for their turn to be stored.',
    registers,
    collect() {
      this.set(changes.waiting);
    },
  });
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
