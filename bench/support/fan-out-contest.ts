// The service and the plain Node reference with the same number of streams, one change at a time in turns.
import { setTimeout as delay } from 'node:timers/promises';
import { descriptorLimit, processorMs, residentBytes } from './process-figures.js';
import { SDK_KEY, ServiceProcess, send } from './service-process.js';
import { Durations } from './statistics.js';
import { Worker } from './workers.js';

export const SETTING_KEY = 'toggled';
/** What the service's frame for one toggled boolean takes. */
const FRAME_BYTES = 500;
const ARRIVE_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 10;
const SPARE_DESCRIPTORS = 500;

export interface Side {
  readonly name: 'service' | 'reference';
  readonly pid: number;
  readonly residentBytesPerStream: number;
  /** Sends one change. */
  change(): Promise<Change>;
}

export interface Change {
  readonly revision: number;
  readonly sentAt: number;
}

export interface FanOut {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly changesPerSecond: number;
  /** Of processor, for each change and stream. */
  readonly microsecondsPerWrite: number;
}

/** Clients, service and reference of one run. */
export class FanOutContest {
  readonly service = new ServiceProcess();
  readonly streams: number;
  readonly sides: Side[] = [];
  readonly #reference = new Worker('support/reference-hub.js');
  readonly #clients: Worker[];

  constructor(streams: number) {
    this.streams = streams;
    const perProcess = descriptorLimit() - SPARE_DESCRIPTORS;
    const processes = Math.max(2, Math.ceil((2 * streams) / perProcess));
    this.#clients = Array.from({ length: processes }, () => new Worker('support/stream-clients.js'));
  }

  /** Opens all streams to both. */
  async open(): Promise<void> {
    await this.service.start();
    await this.service.admin('POST', 'settings', { key: SETTING_KEY, name: 'Toggled', type: 'boolean' });
    const port = await this.#reference.call<number>('listen');
    let changes = 0;
    await this.#openSide('service', this.service.pid, this.service.port, async () => {
      const path = `environments/production/settings/${SETTING_KEY}`;
      const { body, sentAt } = await this.service.admin('PATCH', path, patchNumber(++changes));
      return { revision: JSON.parse(body).revision, sentAt };
    });
    await this.#openSide('reference', this.#reference.pid, port, async () => {
      const init = { method: 'PATCH', body: JSON.stringify({ frameBytes: FRAME_BYTES }) };
      const { body, sentAt } = await send(`http://127.0.0.1:${port}`, init);
      return { revision: JSON.parse(body).revision, sentAt };
    });
  }

  /** Sends one change and waits until every client has it. */
  async toggle({ name, change }: Side): Promise<Change> {
    const sent = await change();
    await this.#arrived(name, sent.revision);
    return sent;
  }

  /** Takes turns: one change of the service, one of the reference. */
  async oneAtATime(rounds: number): Promise<Map<Side['name'], FanOut>> {
    const sent = new Map(this.sides.map((side): [Side, Change[]] => [side, []]));
    const processor = new Map(this.sides.map((side): [Side, number] => [side, 0]));
    for (let round = 0; round < rounds; round++) {
      for (const side of this.sides) {
        const before = processorMs(side.pid);
        sent.get(side)?.push(await this.toggle(side));
        processor.set(side, (processor.get(side) as number) + processorMs(side.pid) - before);
        await delay(20);
      }
    }
    const results = new Map<Side['name'], FanOut>();
    for (const [side, changes] of sent) {
      results.set(side.name, await this.summarize(side, changes, processor.get(side) as number));
    }
    return results;
  }

  /** Sends changes at a steady pace, whatever becomes of those before. */
  async steadily(side: Side, perSecond: number, seconds: number): Promise<FanOut> {
    const before = processorMs(side.pid);
    const startedAt = performance.now();
    const pending: Promise<Change>[] = [];
    while (pending.length < perSecond * seconds) {
      const due = ((performance.now() - startedAt) / 1000) * perSecond;
      while (pending.length < Math.min(due, perSecond * seconds)) pending.push(side.change());
      await delay(1);
    }
    const changes = await Promise.all(pending);
    const newest = Math.max(...changes.map(({ revision }) => revision));
    await this.#arrived(side.name, newest);
    const elapsed = (performance.now() - startedAt) / 1000;
    return this.summarize(side, changes, processorMs(side.pid) - before, changes.length / elapsed);
  }

  /**
   * How changes that have arrived everywhere came in. What is known of others is forgotten.
   *
   * @param processor - Milliseconds that they took of the side's processor.
   */
  async summarize(
    side: Side,
    changes: Change[],
    processor = Number.NaN,
    changesPerSecond = Number.NaN,
  ): Promise<FanOut> {
    const durations = new Durations();
    const sent = changes.map(({ revision, sentAt }) => [revision, sentAt]);
    for (const client of this.#clients) durations.merge(await client.call<number[]>('latencies', side.name, sent));
    return {
      p50Ms: durations.percentile(0.5) / 1000,
      p99Ms: durations.percentile(0.99) / 1000,
      changesPerSecond,
      microsecondsPerWrite: (processor * 1000) / (changes.length * this.streams),
    };
  }

  /** How long other requests take while changes go out, in milliseconds. */
  async meanwhile(
    changes: number,
  ): Promise<{ readonly request: string; readonly slowestMs: number; readonly count: number }[]> {
    const side = this.sides[0] as Side;
    const { origin } = this.service;
    const headers = { authorization: SDK_KEY, 'content-type': 'application/json' };
    const events = JSON.stringify([
      { kind: 'identify', creationDate: Date.now(), context: { kind: 'user', key: 'bench' } },
    ]);
    const requests: [string, () => Promise<{ tookMs: number }>][] = [
      ['GET /healthz', () => send(`${origin}/healthz`)],
      ['GET /api/v1/settings', () => this.service.admin('GET', 'settings')],
      ['POST /bulk', () => send(`${origin}/bulk`, { method: 'POST', headers, body: events })],
    ];
    const slowest = new Map(requests.map(([name]): [string, number[]] => [name, []]));
    for (let index = 0; index < changes; index++) {
      let out = false;
      const toggled = this.toggle(side).then(() => {
        out = true;
      });
      while (!out) {
        for (const [name, ask] of requests) slowest.get(name)?.push((await ask()).tookMs);
        await delay(2);
      }
      await toggled;
    }
    return [...slowest].map(([request, times]) => ({ request, slowestMs: Math.max(...times), count: times.length }));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients, this.#reference].map((worker) => worker.end()));
    await this.service.remove();
  }

  async #openSide(name: Side['name'], pid: number, port: number, change: Side['change']): Promise<void> {
    const before = residentBytes(pid);
    const each = Math.ceil(this.streams / this.#clients.length);
    const target = { port, sdkKey: SDK_KEY };
    const counts = this.#clients.map((_, index) => Math.min(each, this.streams - index * each));
    await Promise.all(this.#clients.map((client, index) => client.call('open', name, target, counts[index])));
    await delay(1500);
    this.sides.push({ name, pid, change, residentBytesPerStream: (residentBytes(pid) - before) / this.streams });
  }

  async #arrived(name: string, revision: number): Promise<void> {
    const deadline = performance.now() + ARRIVE_WITHIN_MS;
    for (;;) {
      const counts = await Promise.all(this.#clients.map((client) => client.call<number>('arrived', name, revision)));
      if (counts.reduce((sum, count) => sum + count, 0) >= this.streams) return;
      if (performance.now() > deadline)
        throw new Error(`${counts} of ${this.streams} streams have revision ${revision}`);
      await delay(LOOK_EVERY_MS);
    }
  }
}

/** Turns the setting on or off, and differs from every other patch: several may be under way at once. */
function patchNumber(number: number): object {
  const variations = [
    { variation: 0, weight: number },
    { variation: 1, weight: 100_000 - number },
  ];
  return { on: number % 2 === 1, fallthrough: { rollout: { variations } } };
}
