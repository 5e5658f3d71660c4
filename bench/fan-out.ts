// How fast one change reaches every open stream of the service, beside a plain Node server that only writes.
//
// Run:      npm run bench -- fan-out
// Measures: from the moment a PATCH leaves the one who toggles to the moment its bytes are read by each client; the
//           service and the reference hold the same number of streams and take turns. One toggle at a time, then 100 a
//           second for two seconds. Resident memory per idle stream, processor time per write, and how long other
//           requests take while a change goes out.
// Do not conclude: figures of a network, or of a server with its cores to itself: the clients are processes on the same
//           machine and take at least one core of it. The service also checks, stores on disk and logs each change, which the
//           reference does not. Clients are bare sockets that send no receipts. `changes` are coalesced when they come
//           faster than they can be written, so that per change and stream there may be less than one write.
import { FanOutContest, type Side } from './support/fan-out-contest.js';
import { descriptorLimit } from './support/process-figures.js';
import { figure, printTable, times } from './support/table.js';

const SPARE_DESCRIPTORS = 500;
const PER_SECOND = 100;
const SECONDS = 2;
const isQuick = process.argv.includes('--quick');
const most = descriptorLimit() - SPARE_DESCRIPTORS;
const sizes = [1000, 5000, 10_000, most].filter((size) => size <= most && (!isQuick || size <= 5000));

for (const streams of sizes) await measure(streams, streams >= 10_000 ? 8 : 20);

async function measure(streams: number, rounds: number): Promise<void> {
  const contest = new FanOutContest(streams);
  try {
    await contest.open();
    await contest.oneAtATime(5);
    const single = await contest.oneAtATime(rounds);
    const [service, reference] = contest.sides as [Side, Side];
    const steady = new Map([
      [service.name, await contest.steadily(service, PER_SECOND, SECONDS)],
      [reference.name, await contest.steadily(reference, PER_SECOND, SECONDS)],
    ]);
    const row = (title: string, read: (side: Side) => number) => [
      title,
      figure(read(service)),
      figure(read(reference)),
      times(read(service) / read(reference)),
    ];
    printTable(`${streams.toLocaleString('en-US')} streams`, [
      ['', 'service', 'reference', 'of the reference'],
      row('one toggle: p50, ms', ({ name }) => single.get(name)?.p50Ms ?? Number.NaN),
      row('one toggle: p99, ms', ({ name }) => single.get(name)?.p99Ms ?? Number.NaN),
      row('one toggle: processor per stream, µs', ({ name }) => single.get(name)?.microsecondsPerWrite ?? Number.NaN),
      row('100 a second: p50, ms', ({ name }) => steady.get(name)?.p50Ms ?? Number.NaN),
      row('100 a second: p99, ms', ({ name }) => steady.get(name)?.p99Ms ?? Number.NaN),
      row('100 a second: got out per second', ({ name }) => steady.get(name)?.changesPerSecond ?? Number.NaN),
      row('100 a second: processor per stream, µs', ({ name }) => steady.get(name)?.microsecondsPerWrite ?? Number.NaN),
      row('memory per idle stream, KB', ({ residentBytesPerStream }) => residentBytesPerStream / 1024),
    ]);
    const others = await contest.meanwhile(5);
    printTable(`Other requests while a change goes out to ${streams.toLocaleString('en-US')} streams`, [
      ['', 'slowest, ms', 'requests'],
      ...others.map(({ request, slowestMs, count }) => [request, figure(slowestMs), `${count}`]),
    ]);
  } finally {
    await contest.close();
  }
}
