// What three nodes over one PostgreSQL cost, and how fast a change on one reaches the streams of all.
//
// Run:      FEATHERY_BENCH_DATABASE_URL=postgres://… npm run bench -- nodes
//           The address is that of an empty database on this machine; the bench fills it and leaves it so.
// Measures: from the moment a PATCH leaves to the moment its bytes are read, on streams of the node that was asked and of
//           the two others. Processor time of all nodes for a thousand receipts that come
//           to the node of their stream, and to another one. Processor time of a node with idle streams.
// Do not conclude: figures of a network. Three nodes, the database and the clients share the machine's cores, so that a
//           node's share of them is a fraction of what it has in production. Several clients of one machine are one process.
import { setTimeout as delay } from 'node:timers/promises';
import { descriptorLimit, processorMs } from './support/process-figures.js';
import { SDK_KEY, ServiceProcess, send } from './support/service-process.js';
import { Durations } from './support/statistics.js';
import { figure, printTable } from './support/table.js';
import { Worker } from './support/workers.js';

const NODES = ['first', 'second', 'third'] as const;
const SETTING = 'toggled';
const PATH = `environments/production/settings/${SETTING}`;
const isQuick = process.argv.includes('--quick');
const STREAMS_PER_NODE = Math.min(isQuick ? 300 : 1500, descriptorLimit() - 500);
const TOGGLES = isQuick ? 10 : 40;
const RECEIPT_ROUNDS = 4;
const RECEIPTS_AT_ONCE = 50;
const IDLE_MS = 10_000;

const databaseUrl = process.env.FEATHERY_BENCH_DATABASE_URL;
if (databaseUrl === undefined) console.log('Left out: FEATHERY_BENCH_DATABASE_URL does not name an empty database.');
else await measure(databaseUrl);

async function measure(address: string): Promise<void> {
  const services = NODES.map(() => new ServiceProcess(address));
  const clients = NODES.map(() => new Worker('support/stream-clients.js'));
  try {
    for (const service of services) await service.start();
    await services[0]?.admin('POST', 'settings', { key: SETTING, name: 'Toggled', type: 'boolean' });
    for (const [index, service] of services.entries()) {
      const target = { port: service.port, sdkKey: SDK_KEY };
      await (clients[index] as Worker).call('open', NODES[index] as string, target, STREAMS_PER_NODE);
    }
    await delay(2000);
    const idle = await processor(services, () => delay(IDLE_MS));
    await landing(services, clients);
    await receipts(services);
    printTable(`${STREAMS_PER_NODE.toLocaleString('en-US')} streams on each of three nodes`, [
      ['', ...NODES],
      ['processor while idle, % of a core', ...idle.map((ms) => figure((ms * 100) / IDLE_MS))],
    ]);
  } finally {
    for (const client of clients) await client.end();
    for (const service of services) await service.remove();
  }
}

async function landing(services: readonly ServiceProcess[], clients: readonly Worker[]): Promise<void> {
  const sent: [revision: number, at: number][] = [];
  const used = await processor(services, async () => {
    for (let count = 0; count < TOGGLES; count++) {
      const { body, sentAt } = await (services[0] as ServiceProcess).admin('PATCH', PATH, { on: count % 2 === 0 });
      const { revision } = JSON.parse(body);
      sent.push([revision, sentAt]);
      for (const [index, client] of clients.entries()) {
        while ((await client.call<number>('arrived', NODES[index] as string, revision)) < STREAMS_PER_NODE)
          await delay(5);
      }
    }
  });
  const rows = [];
  for (const [index, name] of NODES.entries()) {
    const counts = await (clients[index] as Worker).call<number[]>('latencies', name, sent);
    const durations = new Durations(counts);
    const perWrite = ((used[index] as number) * 1000) / (TOGGLES * STREAMS_PER_NODE);
    rows.push([
      index === 0 ? 'streams of the node that was asked' : `streams of the ${name} node`,
      figure(durations.percentile(0.5) / 1000),
      figure(durations.percentile(0.99) / 1000),
      figure(perWrite),
    ]);
  }
  printTable(`One toggle at a time, to ${(3 * STREAMS_PER_NODE).toLocaleString('en-US')} streams`, [
    ['', 'p50, ms', 'p99, ms', 'processor per stream, µs'],
    ...rows,
  ]);
}

async function receipts(services: readonly ServiceProcess[]): Promise<void> {
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
      const inRound = await processor(services, () => reportAll((services[to] as ServiceProcess).origin, revision));
      used = used.map((ms, index) => ms + (inRound[index] as number));
    }
    const thousands = (RECEIPT_ROUNDS * STREAMS_PER_NODE) / 1000;
    rows.push([title, ...used.map((ms) => figure(ms / thousands))]);
  }
  printTable('Processor for a thousand receipts, ms', [['', ...NODES], ...rows]);
}

/** A report of each server of the first node. */
async function reportAll(origin: string, revision: number): Promise<void> {
  const headers = { authorization: SDK_KEY, 'content-type': 'application/json' };
  let next = 0;
  const report = async () => {
    while (next < STREAMS_PER_NODE) {
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
