import type { Batch } from '../../lib/batch.js';
import { Delivery } from '../../lib/delivery.js';
import type { Fetch } from '../../lib/http.js';
import { resolveOptions } from '../../lib/options.js';
import { FakeLog } from './fake-log.js';
import { type FakeRequest, FakeService } from './fake-service.js';

/** A delivery, the service it talks to, and what both have told. Chance takes the longest delays, so that times are round. */
export function createDelivery(fetch?: Fetch) {
  const service = new FakeService((request) => request.answer(202));
  const log = new FakeLog();
  const settled: Batch[] = [];
  const delivery = new Delivery({
    options: resolveOptions({ serviceUri: 'http://events.test' }, log),
    sdkKey: 'key-1',
    headers: {},
    fetch: fetch ?? service.fetch,
    now: Date.now,
    random: () => 0,
    log,
    onSettled: (batch) => settled.push(batch),
  });
  return {
    delivery,
    service,
    log,
    settled,
    /** These statuses in turn, then 202. */
    answers: (...statuses: number[]) => {
      service.answer = (request) => request.answer(statuses.shift() ?? 202);
    },
    /** Of each request. */
    ids: () => service.requests.map(idOf),
    /** Milliseconds between each request and the one before. */
    gaps: () => service.times.slice(1).map((time, i) => time - (service.times[i] as number)),
  };
}

export const idOf = (request: FakeRequest) => request.init.headers?.['X-LaunchDarkly-Payload-ID'];

let batches = 0;
export function batch(fields: Partial<Batch> = {}): Batch {
  batches++;
  return { id: `id-${batches}`, body: `[${batches}]`, size: 1, createdAt: Date.now(), ...fields };
}

/** Whether the promise is settled by now. */
export async function isDone(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  void promise.then(() => {
    done = true;
  });
  await jest.advanceTimersByTimeAsync(0);
  return done;
}
