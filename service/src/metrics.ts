// Every metric the service exposes at `/metrics`, named in one place.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { SERVICE_VERSION } from './version.js';

export type Metrics = ReturnType<typeof createMetrics>;

/** Metrics of one app. Each app has its own registry, so several can live in one process. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'feathery_' });
  const registers = [registry];
  new Gauge({
    name: 'feathery_build_info',
    help: 'Always 1; the label has the version.',
    labelNames: ['version'],
    registers,
  }).set({ version: SERVICE_VERSION }, 1);
  return {
    registry,
    requests: new Histogram({
      name: 'feathery_http_request_seconds',
      help: 'Time to answer a request, by route and status; streams are not in it.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
      registers,
    }),
    commits: new Counter({
      name: 'feathery_commits_total',
      help: 'Committed change sets.',
      labelNames: ['environment'],
      registers,
    }),
    commitSeconds: new Histogram({
      name: 'feathery_commit_seconds',
      help: 'From a change asked for to stored and handed to the streams, waiting in line included.',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1],
      registers,
    }),
    querySeconds: new Histogram({
      name: 'feathery_database_query_seconds',
      help: 'Time of one statement in the database, by outcome.',
      labelNames: ['outcome'],
      buckets: [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
      registers,
    }),
    fanOutSeconds: new Histogram({
      name: 'feathery_fan_out_seconds',
      help: 'From a committed change to its having been written to every stream of its environment.',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
      registers,
    }),
    landingSeconds: new Histogram({
      name: 'feathery_landing_seconds',
      help: "From the broadcast of a change to a server's report that it is applied.",
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
      registers,
    }),
  };
}
