// How many analytics the service takes in and stores, and how fast a change lands meanwhile.
//
// Run:      npm run bench -- ingest
// Measures: two processes deliver payloads as SDKs do, over 32 connections each. A payload is an array of events: one summary
//           of 50 settings with two counters each, alone or with 20 index events of 20,000 users. One counter stands for 500
//           evaluations on average. So "events" are entries of payloads, "counters" what summaries consist of. A
//           payload counts when it was answered, which the service does when it is on disk; afterwards the counts are asked
//           for and must be exactly what was sent. The service on its embedded database and, where there is one, on
//           PostgreSQL; beside them a plain Node server that parses, adds up in memory and answers. Then the time of a
//           change to 100 streams, with and without that load on the embedded database.
// Do not conclude: the most a larger machine can take: those who deliver have one of the two cores here, and PostgreSQL a
//           share of the other. The service's processor time per payload says what a core of its own would take in.
import { setTimeout as delay } from 'node:timers/promises';
import { type Change, type FanOut, FanOutContest, type Side } from './support/fan-out-contest.js';
import type { Delivered, Load } from './support/ingest-clients.js';
import { openPostgres } from './support/postgres.js';
import { processorMs } from './support/process-figures.js';
import { ServiceProcess } from './support/service-process.js';
import { figure, printTable } from './support/table.js';
import { Worker } from './support/workers.js';

const SETTINGS = 50;
const STREAMS = 100;
const PROCESSES = 2;
const CONNECTIONS = 32;
const PAYLOADS = [
  { title: 'a summary and 20 users', indexEvents: 20 },
  { title: 'a summary', indexEvents: 0 },
];
const isQuick = process.argv.includes('--quick');
const SECONDS = isQuick ? 2 : 5;
const ROUNDS = isQuick ? 1 : 2;
/** While a change lands: what the service is to take in without holding it up. */
const EVENTS_PER_SECOND = 20_000;

interface Taker {
  readonly name: string;
  readonly pid: number;
  readonly url: string;
  /** Undefined for one that stores nothing. */
  readonly service?: ServiceProcess;
}

interface Taken extends Delivered {
  readonly processorMs: number;
}

const contest = new FanOutContest(STREAMS);
const senders = Array.from({ length: PROCESSES }, (_, index) => new Worker('support/ingest-clients.js', [`${index}`]));
const reference = new Worker('support/reference-ingest.js');
const postgres = await openPostgres();
const onPostgres = postgres === undefined ? undefined : new ServiceProcess(postgres.address);
try {
  await contest.open();
  const takers: Taker[] = [await takerOf('embedded', contest.service)];
  if (onPostgres !== undefined) {
    await onPostgres.start();
    takers.push(await takerOf('PostgreSQL', onPostgres));
  }
  const port = await reference.call<number>('listen');
  takers.push({ name: 'reference', pid: reference.pid, url: `http://127.0.0.1:${port}/bulk` });

  const sent = new Map(takers.map((taker): [Taker, Taken[]] => [taker, []]));
  for (const { title, indexEvents } of PAYLOADS) {
    const best = new Map<Taker, Taken>();
    for (let round = 0; round < ROUNDS; round++) {
      for (const taker of takers) {
        const taken = await deliver(taker, indexEvents);
        sent.get(taker)?.push(taken);
        if (taken.payloads > (best.get(taker)?.payloads ?? 0)) best.set(taker, taken);
      }
    }
    printTaken(title, best);
  }
  await printLanding(takers[0] as Taker, sent);
  for (const [taker, taken] of sent) await requireStored(taker, taken);
} finally {
  await Promise.all([...senders, reference].map((worker) => worker.end()));
  await contest.close();
  await onPostgres?.remove();
  await postgres?.stop();
}

async function takerOf(name: string, service: ServiceProcess): Promise<Taker> {
  for (let index = 0; index < SETTINGS; index++) {
    const key = `setting-${index}`;
    await service.admin('POST', 'settings', { key, name: key, type: 'boolean' });
  }
  return { name, pid: service.pid, url: `${service.origin}/bulk`, service };
}

async function deliver({ pid, url }: Taker, indexEvents: number, perSecond = Infinity): Promise<Taken> {
  const load: Load = {
    url,
    seconds: SECONDS,
    connections: CONNECTIONS,
    settings: SETTINGS,
    indexEvents,
    ...(perSecond < Infinity && { perSecond: perSecond / PROCESSES }),
  };
  const before = processorMs(pid);
  const all = await Promise.all(senders.map((sender) => sender.call<Delivered>('deliver', load)));
  const sum = (read: (delivered: Delivered) => number) => all.reduce((total, one) => total + read(one), 0);
  return {
    payloads: sum(({ payloads }) => payloads),
    events: sum(({ events }) => events),
    counters: sum(({ counters }) => counters),
    evaluations: sum(({ evaluations }) => evaluations),
    refused: sum(({ refused }) => refused),
    processorMs: processorMs(pid) - before,
  };
}

function printTaken(title: string, best: ReadonlyMap<Taker, Taken>): void {
  const row = (name: string, read: (taken: Taken) => number) => [name, ...[...best.values()].map(read).map(figure)];
  printTable(`Analytics taken in: each payload ${title}`, [
    ['', ...[...best.keys()].map(({ name }) => name)],
    row('payloads a second', ({ payloads }) => payloads / SECONDS),
    row('events in them', ({ events }) => events / SECONDS),
    row('counters in their summaries', ({ counters }) => counters / SECONDS),
    row('evaluations counted', ({ evaluations }) => evaluations / SECONDS),
    row('processor per payload, µs', (taken) => (taken.processorMs * 1000) / taken.payloads),
    row('payloads refused', ({ refused }) => refused),
  ]);
}

async function printLanding(embedded: Taker, sent: ReadonlyMap<Taker, Taken[]>): Promise<void> {
  const [service] = contest.sides as [Side, Side];
  await contest.oneAtATime(20);
  const quiet = (await contest.oneAtATime(40)).get('service') as FanOut;
  const { indexEvents } = PAYLOADS[0] as (typeof PAYLOADS)[0];
  const delivery = deliver(embedded, indexEvents, EVENTS_PER_SECOND / (indexEvents + 1));
  await delay(500);
  const until = performance.now() + (SECONDS - 1) * 1000;
  const changes: Change[] = [];
  while (performance.now() < until) {
    changes.push(await contest.toggle(service));
    await delay(20);
  }
  const busy = await contest.summarize(service, changes);
  const meanwhile = await delivery;
  sent.get(embedded)?.push(meanwhile);
  const events = figure(meanwhile.events / SECONDS);
  printTable(`A change to ${STREAMS} streams, ms`, [
    ['', 'p50', 'p99'],
    ['nothing else', figure(quiet.p50Ms), figure(quiet.p99Ms)],
    [`while ${events} events a second come in`, figure(busy.p50Ms), figure(busy.p99Ms)],
  ]);
}

async function requireStored({ name, service }: Taker, taken: readonly Taken[]): Promise<void> {
  if (service === undefined) return;
  const sent = taken.reduce((sum, { evaluations }) => sum + evaluations, 0);
  const { body } = await service.admin('GET', 'environments/production/analytics');
  const { settings } = JSON.parse(body) as { settings: { key: string; total: number }[] };
  const stored = settings.reduce((sum, { total }) => sum + total, 0);
  if (stored !== sent) throw new Error(`${name}: ${sent} evaluations were acknowledged, ${stored} are stored`);
}
