// What streams and ingest count by themselves, read when somebody asks for the metrics.
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Ingest } from './ingest.js';
import type { Streaming } from './streaming.js';

export interface Traffic {
  readonly streaming: Pick<Streaming, 'hub' | 'connections' | 'peers'>;
  readonly ingest: Pick<Ingest, 'counts' | 'waitingBytes'>;
}

export function registerTraffic(registry: Registry, { streaming, ingest }: Traffic): void {
  const { hub, connections, peers } = streaming;
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  const counter = (name: string, help: string, read: () => number) =>
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });

  new Gauge({
    name: 'feathery_streams',
    help: 'Streams that get changes as they happen.',
    labelNames: ['environment'],
    registers,
    collect() {
      this.reset();
      for (const [environment, size] of hub.liveSizes()) this.set({ environment }, size);
    },
  });
  gauge('feathery_streams_open', 'Open streams, those that wait for their first snapshot included.', () => hub.size);
  gauge(
    'feathery_streams_reporting',
    'Streams whose clients report what they have applied.',
    () => connections.reporting,
  );
  gauge('feathery_nodes', 'Nodes that this one hears, itself included.', () => peers.ids.length + 1);
  gauge('feathery_snapshot_queue', 'Streams that wait for their turn to get a snapshot.', () => hub.waitingForSnapshot);
  gauge('feathery_snapshots_under_way', 'Snapshots that have not left yet.', () => hub.snapshotsUnderWay);
  counter('feathery_streams_opened_total', 'Streams opened.', () => hub.counts.opened);
  counter(
    'feathery_streams_refused_total',
    'Streams refused because of a limit or a shutdown.',
    () => hub.counts.refused,
  );
  counter(
    'feathery_streams_dropped_total',
    'Streams closed because the reader was too slow.',
    () => hub.counts.dropped,
  );
  counter('feathery_broadcasts_total', 'Change sets sent out.', () => hub.counts.broadcasts);
  counter('feathery_snapshots_total', 'Full snapshots sent.', () => hub.counts.snapshots);
  counter('feathery_stream_frames_total', 'Frames written to streams, snapshots aside.', () => hub.counts.frames);
  counter('feathery_stream_bytes_total', 'Bytes written to streams.', () => hub.counts.bytes);

  gauge('feathery_ingest_waiting_bytes', 'Payloads of events that wait to be stored.', () => ingest.waitingBytes);
  counter('feathery_ingest_payloads_total', 'Payloads of events stored.', () => ingest.counts.payloads);
  counter('feathery_ingest_duplicates_total', 'Payloads that had been stored before.', () => ingest.counts.duplicates);
  counter('feathery_ingest_events_total', 'Events stored.', () => ingest.counts.events);
  counter(
    'feathery_ingest_ignored_total',
    'Events, or parts of them, that could not be used.',
    () => ingest.counts.ignored,
  );
  counter(
    'feathery_ingest_refused_total',
    'Payloads refused because too many were waiting.',
    () => ingest.counts.refused,
  );
  counter('feathery_ingest_commits_total', 'Transactions in which payloads were stored.', () => ingest.counts.commits);
}
