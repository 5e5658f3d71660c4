// How many analytics the service takes in and stores, and how fast a change lands meanwhile.
//
// Run:      npm run bench -- ingest
// Measures: two processes deliver payloads as SDKs do, over 8 connections each: a summary of 50 settings with two counters,
//           and 20 index events of 20,000 users. A payload counts when it was answered, which the service does when it
//           is on disk; afterwards the counts are asked for and must be exactly what was sent. Beside it a plain
//           Node server that parses, adds up in memory and answers. Then the time of a change to 100 streams, with and
//           without that load.
// Do not conclude: the most a larger machine can take: those who deliver have one of the two cores here.
import { setTimeout as delay } from 'node:timers/promises';
import { FanOutContest, type Side } from './support/fan-out-contest.js';
import type { Delivered } from './support/ingest-clients.js';
import { figure, printTable, times } from './support/table.js';
import { Worker } from './support/workers.js';

const SETTINGS = 50;
const STREAMS = 100;
const PROCESSES = 2;
const CONNECTIONS = 8;
const isQuick = process.argv.includes('--quick');
const SECONDS = isQuick ? 3 : 8;
const ROUNDS = isQuick ? 1 : 3;

const contest = new FanOutContest(STREAMS);
const senders = Array.from({ length: PROCESSES }, (_, index) => new Worker('support/ingest-clients.js', [`${index}`]));
const reference = new Worker('support/reference-ingest.js');
try {
  await contest.open();
  for (let index = 0; index < SETTINGS; index++) {
    const key = `setting-${index}`;
    await contest.service.admin('POST', 'settings', { key, name: key, type: 'boolean' });
  }
  const port = await reference.call<number>('listen');
  const [service] = contest.sides as [Side, Side];
  const taken: Delivered[] = [];
  const takenByReference: Delivered[] = [];
  await contest.oneAtATime(20);
  const quiet = await contest.oneAtATime(40);
  const busy: number[][] = [];
  for (let round = 0; round < ROUNDS; round++) {
    takenByReference.push(await deliver(`http://127.0.0.1:${port}/bulk`));
    const delivery = deliver(`${contest.service.origin}/bulk`);
    await delay(500);
    const until = performance.now() + (SECONDS - 1) * 1000;
    while (performance.now() < until) busy.push(await landing(service));
    taken.push(await delivery);
  }
  await requireStored(taken);
  const row = (title: string, read: (delivered: Delivered) => number) => {
    const [ours, least] = [taken, takenByReference].map((all) => Math.max(...all.map(read)) / SECONDS);
    return [title, figure(ours as number), figure(least as number), times((ours as number) / (least as number))];
  };
  printTable('Analytics taken in', [
    ['a second', 'service', 'reference', 'of the reference'],
    row('payloads', ({ payloads }) => payloads),
    row('events in them', ({ events }) => events),
    row('evaluations counted', ({ evaluations }) => evaluations),
  ]);
  const all = busy.flat().sort((one, other) => one - other);
  const at = (share: number) => all[Math.floor(share * all.length)] as number;
  printTable(`A change to ${STREAMS} streams, ms`, [
    ['', 'p50', 'p99'],
    [
      'nothing else',
      figure(quiet.get('service')?.p50Ms ?? Number.NaN),
      figure(quiet.get('service')?.p99Ms ?? Number.NaN),
    ],
    ['while analytics come in', figure(at(0.5)), figure(at(0.99))],
  ]);
} finally {
  await Promise.all([...senders, reference].map((worker) => worker.end()));
  await contest.close();
}

async function deliver(url: string): Promise<Delivered> {
  const load = { url, seconds: SECONDS, connections: CONNECTIONS, settings: SETTINGS };
  const all = await Promise.all(senders.map((sender) => sender.call<Delivered>('deliver', load)));
  return all.reduce((sum, one) => ({
    payloads: sum.payloads + one.payloads,
    evaluations: sum.evaluations + one.evaluations,
    events: sum.events + one.events,
    refused: sum.refused + one.refused,
  }));
}

/** From a change to its last stream, in milliseconds; looked at every 10 ms. */
async function landing(side: Side): Promise<number[]> {
  const { sentAt } = await contest.toggle(side);
  const tookMs = (Number(process.hrtime.bigint()) - sentAt) / 1e6;
  await delay(50);
  return [tookMs];
}

async function requireStored(all: readonly Delivered[]): Promise<void> {
  const sent = all.reduce((sum, { evaluations }) => sum + evaluations, 0);
  const refused = all.reduce((sum, one) => sum + one.refused, 0);
  const { body } = await contest.service.admin('GET', 'environments/production/analytics');
  const { settings } = JSON.parse(body) as { settings: { key: string; total: number }[] };
  const stored = settings.reduce((sum, { total }) => sum + total, 0);
  if (stored !== sent) throw new Error(`${sent} evaluations were acknowledged, ${stored} are stored`);
  if (refused > 0) console.log(`${refused} payloads were refused`);
}
