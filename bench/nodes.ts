// What three nodes over one PostgreSQL cost, and how fast a change on one reaches the streams of all.
//
// Run:      npm run bench -- nodes
//           Starts a PostgreSQL of its own where one is installed. FEATHERY_BENCH_DATABASE_URL names another, empty
//           database on this machine; the bench fills it and leaves it so.
// Measures: from the moment a PATCH leaves to the moment its bytes are read, on streams of the node that was asked and of
//           the two others, with 1,000 streams and with 5,000 in all. Processor time of all nodes for a thousand receipts
//           that come to the node of their stream, and to another one. Processor time of a node with idle streams.
// Do not conclude: figures of a network. Three nodes, the database and the clients share the machine's cores, so that a
//           node's share of them is a fraction of what it has in production. Several clients of one machine are one process.
import { setTimeout as delay } from 'node:timers/promises';
import { openPostgres } from './support/postgres.js';
import { processorMs, residentBytes } from './support/process-figures.js';
import { SDK_KEY, ServiceProcess, send } from './support/service-process.js';
import { Durations } from './support/statistics.js';
import { figure, printTable } from './support/table.js';
import { Worker } from './support/workers.js';

const NODES = ['first', 'second', 'third'] as const;
const SETTING = 'toggled';
const PATH = `environments/production/settings/${SETTING}`;
const isQuick = process.argv.includes('--quick');
/** Of all nodes together. */
const STREAMS = isQuick ? [300, 900] : [1000, 5000];
const TOGGLES = isQuick ? 10 : 40;
/** Before those that count, as the first are slower. */
const WARM_UP = 5;
const RECEIPT_ROUNDS = 4;
const RECEIPTS_AT_ONCE = 50;
const IDLE_MS = 10_000;

const postgres = await openPostgres();
if (postgres !== undefined) await measure(postgres.address).finally(() => postgres.stop());

async function measure(address: string): Promise<void> {
  const services = NODES.map(() => new ServiceProcess(address));
  const clients = NODES.map(() => new Worker('support/stream-clients.js'));
  try {
    for (const service of services) await service.start();
    await services[0]?.admin('POST', 'settings', { key: SETTING, name: 'Toggled', type: 'boolean' });
    let perNode = 0;
    for (const streams of STREAMS) {
      perNode = Math.ceil(streams / NODES.length);
      await open(services, clients, perNode);
      await toggle(services, clients, perNode, WARM_UP);
      await landing(services, clients, perNode);
    }
    await receipts(services, perNode);
    await idle(services, perNode);
  } finally {
    for (const client of clients) await client.end();
    for (const service of services) await service.remove();
  }
}

/** So many streams on each node, and none from before. */
async function open(services: readonly ServiceProcess[], clients: readonly Worker[], perNode: number): Promise<void> {
  for (const [index, service] of services.entries()) {
    const [client, name] = [clients[index] as Worker, NODES[index] as string];
    await client.call('close', name);
    await client.call('open', name, { port: service.port, sdkKey: SDK_KEY }, perNode);
  }
  await delay(2000);
}

/** Sends changes to the first node, each when the one before has arrived everywhere. Returns revisions and times. */
async function toggle(
  services: readonly ServiceProcess[],
  clients: readonly Worker[],
  perNode: number,
  count: number,
): Promise<[revision: number, sentAt: number][]> {
  const sent: [revision: number, sentAt: number][] = [];
  for (let index = 0; index < count; index++) {
    const { body, sentAt } = await (services[0] as ServiceProcess).admin('PATCH', PATH, { on: index % 2 === 0 });
    const { revision } = JSON.parse(body);
    sent.push([revision, sentAt]);
    for (const [node, client] of clients.entries()) {
      while ((await client.call<number>('arrived', NODES[node] as string, revision)) < perNode) await delay(5);
    }
  }
  return sent;
}

async function landing(services: readonly ServiceProcess[], clients: readonly Worker[], perNode: number) {
  let sent: [revision: number, sentAt: number][] = [];
  const used = await processor(services, async () => {
    sent = await toggle(services, clients, perNode, TOGGLES);
  });
  const rows = [];
  const everywhere = new Durations();
  for (const [index, name] of NODES.entries()) {
    const counts = await (clients[index] as Worker).call<number[]>('latencies', name, sent);
    everywhere.merge(counts);
    const perWrite = ((used[index] as number) * 1000) / (TOGGLES * perNode);
    rows.push([
      index === 0 ? 'streams of the node that was asked' : `streams of the ${name} node`,
      ...percentiles(new Durations(counts)),
      figure(perWrite),
    ]);
  }
  printTable(`One toggle at a time, to ${(3 * perNode).toLocaleString('en-US')} streams of three nodes`, [
    ['', 'p50, ms', 'p99, ms', 'processor per stream, µs'],
    ...rows,
    ['all', ...percentiles(everywhere), ''],
  ]);
}

function percentiles(durations: Durations): string[] {
  return [0.5, 0.99].map((share) => figure(durations.percentile(share) / 1000));
}

async function idle(services: readonly ServiceProcess[], perNode: number): Promise<void> {
  const used = await processor(services, () => delay(IDLE_MS));
  printTable(`${perNode.toLocaleString('en-US')} streams on each of three nodes, nothing going on`, [
    ['', ...NODES],
    ['processor, % of a core', ...used.map((ms) => figure((ms * 100) / IDLE_MS))],
    ['resident, MB', ...services.map(({ pid }) => figure(residentBytes(pid) / 1e6))],
  ]);
}

async function receipts(services: readonly ServiceProcess[], perNode: number): Promise<void> {
  const rows = [];
  for (const [title, to] of [
    ['to the node of their stream', 0],
    ['to another node', 1],
  ] as const) {
    let used: number[] = services.map(() => 0);
    for (let round = 0; round < RECEIPT_ROUNDS; round++) {
      const { body } = await (services[0] as ServiceProcess).admin('PATCH', PATH, { salt: `${title} ${round}` });
      const { revision } = JSON.parse(body);
      await delay(500);
      const inRound = await processor(services, () =>
        reportAll((services[to] as ServiceProcess).origin, revision, perNode),
      );
      used = used.map((ms, index) => ms + (inRound[index] as number));
    }
    const thousands = (RECEIPT_ROUNDS * perNode) / 1000;
    rows.push([title, ...used.map((ms) => figure(ms / thousands))]);
  }
  printTable('Processor for a thousand receipts, ms', [['', ...NODES], ...rows]);
}

/** A report of each server of the first node. */
async function reportAll(origin: string, revision: number, count: number): Promise<void> {
  const headers = { authorization: SDK_KEY, 'content-type': 'application/json' };
  let next = 0;
  const report = async () => {
    while (next < count) {
      const body = JSON.stringify({ instanceId: `${NODES[0]}-${next++}`, revision });
      await send(`${origin}/sdk/receipts`, { method: 'POST', headers, body });
    }
  };
  await Promise.all(Array.from({ length: RECEIPTS_AT_ONCE }, report));
  await delay(300);
}

/** Milliseconds of processor that each node takes for it. */
async function processor(services: readonly ServiceProcess[], task: () => Promise<unknown>): Promise<number[]> {
  const before = services.map(({ pid }) => processorMs(pid));
  await task();
  return services.map(({ pid }, index) => processorMs(pid) - (before[index] as number));
}
