// What a sudden end of the service does to those who hold streams: killed and started again under all of them.
//
// Run:      npm run bench -- reconnect
// Measures: with SIGKILL and an immediate start, on the same data: time until all streams are live again, from the kill and
//           from the moment the service accepts requests; connections made beyond one for each stream; resident memory
//           before, at its peak and a while after. Clients come back as SDKs do, after half to all of one second,
//           doubled with each failure.
// Do not conclude: that faster is better: clients spread their return on purpose, and that is most of the time. Clients
//           are bare sockets; ten thousand SDKs do not fit on one machine with the service.
import { setTimeout as delay } from 'node:timers/promises';
import { descriptorLimit, residentBytes } from './support/process-figures.js';
import { SDK_KEY, ServiceProcess } from './support/service-process.js';
import { figure, printTable } from './support/table.js';
import { Worker } from './support/workers.js';

const PROCESSES = 2;
const GROUP = 'all';
const LOOK_EVERY_MS = 20;
const WITHIN_MS = 120_000;
const isQuick = process.argv.includes('--quick');
const STREAMS = Math.min(isQuick ? 1000 : 10_000, descriptorLimit() - 500);
const ROUNDS = isQuick ? 1 : 3;

const service = new ServiceProcess();
const clients = Array.from({ length: PROCESSES }, () => new Worker('support/stream-clients.js'));
try {
  await service.start();
  const target = { port: service.port, sdkKey: SDK_KEY };
  await Promise.all(clients.map((client) => client.call('open', GROUP, target, STREAMS / PROCESSES)));
  const rows = [];
  for (let round = 1; round <= ROUNDS; round++) rows.push(await killAndStart(round));
  printTable(`Killed and started again under ${STREAMS.toLocaleString('en-US')} streams`, [
    ['', 'live again after, s', 'of that ready, s', 'extra connections', 'steady, MB', 'peak, MB', 'later, MB'],
    ...rows,
  ]);
} finally {
  await Promise.all(clients.map((client) => client.end()));
  await service.remove();
}

async function killAndStart(round: number): Promise<string[]> {
  await delay(3000);
  const steady = residentBytes(service.pid);
  const before = await sum('connections');
  const killedAt = performance.now();
  await service.kill();
  await service.start();
  const readyAt = performance.now();
  let peak = 0;
  while ((await sum('live')) < STREAMS) {
    if (performance.now() - readyAt > WITHIN_MS) throw new Error(`${await sum('live')} streams came back`);
    peak = Math.max(peak, residentBytes(service.pid));
    await delay(LOOK_EVERY_MS);
  }
  const liveAt = performance.now();
  const extra = (await sum('connections')) - before - STREAMS;
  await delay(5000);
  const later = residentBytes(service.pid);
  const seconds = (from: number, to: number) => figure((to - from) / 1000);
  const megabytes = [steady, peak, later].map((bytes) => figure(bytes / 1e6));
  return [`${round}`, seconds(killedAt, liveAt), seconds(killedAt, readyAt), `${extra}`, ...megabytes];
}

async function sum(method: string): Promise<number> {
  const counts = await Promise.all(clients.map((client) => client.call<number>(method, GROUP)));
  return counts.reduce((total, count) => total + count, 0);
}
