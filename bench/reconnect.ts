// What a sudden end of the service does to those who hold streams: killed and started again under all of them.
//
// Run:      npm run bench -- reconnect
// Measures: with SIGKILL and an immediate start, on the same data: time until all streams are live again, from the kill and
//           from the moment the service accepts requests; connections made beyond one for each stream; processor time
//           of the service for it, its start included; resident memory before, at its peak and a while after. First of
//           clients that resume, then of a herd that needs everything: as many full snapshots of a large environment, as
//           after a restore. Clients come back as SDKs do, after half to all of one second, doubled with each failure.
//           Of the herd also how many snapshots were under way at one time, which the service bounds, and how many
//           streams waited for theirs.
// Do not conclude: that faster is better: clients spread their return on purpose, and that is most of the time of those
//           who resume. A herd takes what loopback and the clients take, who have one of the cores; a network is slower.
//           Clients are bare sockets; ten thousand SDKs do not fit on one machine with the service.
import { setTimeout as delay } from 'node:timers/promises';
import { largePut } from './support/large-environment.js';
import { descriptorLimit, peakResidentBytes, processorMs, residentBytes } from './support/process-figures.js';
import { SDK_KEY, ServiceProcess } from './support/service-process.js';
import type { StreamTarget } from './support/stream-clients.js';
import { figure, printTable } from './support/table.js';
import { Worker } from './support/workers.js';

const PROCESSES = 2;
const GROUP = 'all';
const LOOK_EVERY_MS = 20;
const WITHIN_MS = 240_000;
const isQuick = process.argv.includes('--quick');
const most = descriptorLimit() - 500;
const RESUMING = { streams: Math.min(isQuick ? 1000 : 10_000, most), rounds: isQuick ? 1 : 2 };
const HERD = { streams: Math.min(isQuick ? 500 : 5000, most), settings: isQuick ? 2000 : 10_000 };

interface Return {
  readonly liveMs: number;
  readonly readyMs: number;
  readonly extraConnections: number;
  readonly steadyBytes: number;
  readonly peakBytes: number;
  readonly laterBytes: number;
  /** Of the service until all were live, its start included. */
  readonly processorMs: number;
  /** Most at one time. */
  readonly snapshots: number;
  readonly waiting: number;
}

const HEAD = [
  'live again after, s',
  'of that ready, s',
  'extra connections',
  'processor, s',
  'steady, MB',
  'peak, MB',
  'later, MB',
];

await resuming();
await herd();

async function resuming(): Promise<void> {
  const { streams, rounds } = RESUMING;
  const service = new ServiceProcess();
  await service.start();
  await under(service, streams, {}, async (clients) => {
    const rows: string[][] = [];
    for (let round = 1; round <= rounds; round++) {
      rows.push([`${round}`, ...figures(await killAndStart(service, clients, streams))]);
    }
    printTable(`Killed and started again under ${streams.toLocaleString('en-US')} streams`, [['', ...HEAD], ...rows]);
  });
}

async function herd(): Promise<void> {
  const { streams, settings } = HERD;
  const { data } = JSON.parse(largePut(settings));
  const megabytes = (JSON.stringify(data).length / 1e6).toFixed(1);
  const service = new ServiceProcess();
  await service.start();
  await service.admin('POST', 'import/launchdarkly', { data, environment: 'production' });
  // What the import took is no part of the steady state.
  await service.kill();
  await service.start();
  await under(service, streams, { position: await newestPosition(service), resumes: false }, async (clients) => {
    const returned = await killAndStart(service, clients, streams);
    printTable(
      `The same under ${streams.toLocaleString('en-US')} streams that need everything: ` +
        `${settings.toLocaleString('en-US')} settings, ${megabytes} MB each`,
      [
        [...HEAD, 'snapshots at one time', 'waiting at one time'],
        [...figures(returned), figure(returned.snapshots), figure(returned.waiting)],
      ],
    );
  });
}

/** Opens streams to a service, and ends both afterwards. */
async function under(
  service: ServiceProcess,
  streams: number,
  how: Pick<StreamTarget, 'position' | 'resumes'>,
  measure: (clients: readonly Worker[]) => Promise<void>,
): Promise<void> {
  const clients = Array.from({ length: PROCESSES }, () => new Worker('support/stream-clients.js'));
  try {
    const target: StreamTarget = { port: service.port, sdkKey: SDK_KEY, ...how };
    await Promise.all(clients.map((client) => client.call('open', GROUP, target, streams / PROCESSES)));
    await measure(clients);
  } finally {
    await Promise.all(clients.map((client) => client.end()));
    await service.remove();
  }
}

/** So that opening the streams of a herd takes no snapshots. */
async function newestPosition({ port }: ServiceProcess): Promise<string> {
  const client = new Worker('support/stream-clients.js');
  await client.call('open', GROUP, { port, sdkKey: SDK_KEY }, 1);
  const position = await client.call<string>('position', GROUP);
  await client.end();
  return position;
}

async function killAndStart(service: ServiceProcess, clients: readonly Worker[], streams: number): Promise<Return> {
  await delay(3000);
  const steadyBytes = residentBytes(service.pid);
  const before = await sum(clients, 'connections');
  const killedAt = performance.now();
  await service.kill();
  await service.start();
  const readyAt = performance.now();
  let [snapshots, waiting] = [0, 0];
  while ((await sum(clients, 'live')) < streams) {
    if (performance.now() - readyAt > WITHIN_MS) throw new Error(`${await sum(clients, 'live')} streams came back`);
    snapshots = Math.max(snapshots, await service.metric('feathery_snapshots_under_way'));
    waiting = Math.max(waiting, await service.metric('feathery_snapshot_queue'));
    await delay(LOOK_EVERY_MS);
  }
  const liveAt = performance.now();
  const extraConnections = (await sum(clients, 'connections')) - before - streams;
  const [peakBytes, usedMs] = [peakResidentBytes(service.pid), processorMs(service.pid)];
  await delay(5000);
  return {
    liveMs: liveAt - killedAt,
    readyMs: readyAt - killedAt,
    extraConnections,
    steadyBytes,
    peakBytes,
    laterBytes: residentBytes(service.pid),
    processorMs: usedMs,
    snapshots,
    waiting,
  };
}

function figures(returned: Return): string[] {
  const { liveMs, readyMs, extraConnections, steadyBytes, peakBytes, laterBytes } = returned;
  const megabytes = [steadyBytes, peakBytes, laterBytes].map((bytes) => figure(bytes / 1e6));
  const seconds = [liveMs, readyMs].map((ms) => figure(ms / 1000));
  return [...seconds, `${extraConnections}`, figure(returned.processorMs / 1000), ...megabytes];
}

async function sum(clients: readonly Worker[], method: string): Promise<number> {
  const counts = await Promise.all(clients.map((client) => client.call<number>(method, GROUP)));
  return counts.reduce((total, count) => total + count, 0);
}
