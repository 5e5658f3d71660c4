// What the data itself says, read when somebody asks for the metrics.
import { Gauge, type Registry } from 'prom-client';
import type { Changes } from './changes.js';
import type { Feed } from './feed.js';

export function registerData(registry: Registry, { feed, changes }: { feed: Feed; changes: Changes }): void {
  const registers = [registry];
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
