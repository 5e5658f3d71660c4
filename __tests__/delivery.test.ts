import { type Batch, MAX_BATCH_AGE_MS } from '../lib/batch.js';
import { Delivery, MAX_BATCHES, MAX_BATCHES_CHARACTERS, MAX_STRIKES } from '../lib/delivery.js';
import type { Fetch, FetchResponse } from '../lib/http.js';
import { type ClientOptions, resolveOptions } from '../lib/options.js';
import { FakeLog } from './support/fake-log.js';
import { type FakeRequest, FakeService } from './support/fake-service.js';

/** Chance takes the longest delays, so that times are round. */
const random = () => 0;

let service: FakeService;
let log: FakeLog;
let settled: Batch[];

beforeEach(() => {
  jest.useFakeTimers({ now: 1_000_000 });
  service = new FakeService((request) => request.answer(202));
  log = new FakeLog();
  settled = [];
});

afterEach(() => jest.useRealTimers());

function createDelivery(options: ClientOptions = {}, fetch: Fetch = service.fetch): Delivery {
  return new Delivery({
    options: resolveOptions({ serviceUri: 'http://events.test', ...options }, log),
    sdkKey: 'key-1',
    headers: {},
    fetch,
    now: Date.now,
    random,
    log,
    onSettled: (batch) => settled.push(batch),
  });
}

let batches = 0;
function batch(fields: Partial<Batch> = {}): Batch {
  batches++;
  return { id: `id-${batches}`, body: `[${batches}]`, size: 1, createdAt: Date.now(), ...fields };
}

/** Whether the promise is settled by now. */
async function isDone(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  void promise.then(() => {
    done = true;
  });
  await jest.advanceTimersByTimeAsync(0);
  return done;
}

const idOf = (request: FakeRequest) => request.init.headers?.['X-LaunchDarkly-Payload-ID'];
const ids = () => service.requests.map(idOf);

/** Milliseconds between each request and the one before. */
const gaps = () => service.times.slice(1).map((time, i) => time - (service.times[i] as number));

const answers = (...statuses: number[]) => {
  const left = [...statuses];
  service.answer = (request) => request.answer(left.shift() ?? 202);
};

describe('a batch', () => {
  it('is delivered by one request with schema and payload id', async () => {
    const delivery = createDelivery();
    const sent = batch({ size: 3 });
    await delivery.send(sent);
    expect(service.requests).toHaveLength(1);
    expect(service.request(0)).toMatchObject({
      url: 'http://events.test/bulk',
      init: { body: sent.body, headers: { 'X-LaunchDarkly-Event-Schema': '4', 'X-LaunchDarkly-Payload-ID': sent.id } },
    });
    expect(delivery.counts).toEqual({ delivered: 3, queued: 0, refused: 0, expired: 0 });
    expect(settled).toEqual([sent]);
  });

  it('counts as queued while it is in flight', async () => {
    service.answer = () => {};
    const delivery = createDelivery();
    const sending = delivery.send(batch({ size: 2 }));
    expect(delivery.counts).toMatchObject({ delivered: 0, queued: 2 });
    service.request(0).answer(200);
    await sending;
    expect(delivery.counts).toMatchObject({ delivered: 2, queued: 0 });
  });

  it.each([400, 408, 429, 500, 503])(
    'is sent again after 1 s, under the same id, when the status is %i',
    async (status) => {
      answers(status, 202);
      const delivery = createDelivery();
      const sending = delivery.send(batch({ id: 'same' }));
      await jest.advanceTimersByTimeAsync(999);
      expect(service.requests).toHaveLength(1);
      await jest.advanceTimersByTimeAsync(1);
      await sending;
      expect(ids()).toEqual(['same', 'same']);
      expect(delivery.counts.delivered).toBe(1);
    },
  );

  it('is sent again after 1 s when the connection breaks', async () => {
    service.answer = (request) =>
      service.requests.length === 1 ? request.fail(new Error('reset')) : request.answer(202);
    const delivery = createDelivery();
    const sending = delivery.send(batch());
    await jest.advanceTimersByTimeAsync(1000);
    await sending;
    expect(service.requests).toHaveLength(2);
  });

  it('is dropped as refused when it is too large, without another attempt', async () => {
    answers(413);
    const delivery = createDelivery();
    await delivery.send(batch({ size: 5 }));
    expect(delivery.counts).toEqual({ delivered: 0, queued: 0, refused: 5, expired: 0 });
    await jest.advanceTimersByTimeAsync(60_000);
    expect(service.requests).toHaveLength(1);
    await delivery.send(batch());
    expect(delivery.counts.delivered).toBe(1);
  });

  it('is dropped as refused when it is too large at the second attempt', async () => {
    answers(503, 413);
    const delivery = createDelivery();
    const sending = delivery.send(batch());
    await jest.advanceTimersByTimeAsync(1000);
    await sending;
    expect(delivery.counts).toMatchObject({ refused: 1, queued: 0 });
  });

  it('does not wait for another batch that is in flight', async () => {
    service.answer = (request) => {
      if (service.requests.length > 1) request.answer(202);
    };
    const delivery = createDelivery();
    void delivery.send(batch());
    await delivery.send(batch());
    expect(delivery.counts).toMatchObject({ delivered: 1, queued: 1 });
  });
});

describe('a batch whose two attempts failed', () => {
  it('is kept: its promise resolves, it stays queued and is tried again with growing delays', async () => {
    service.answer = (request) => request.answer(503);
    const delivery = createDelivery();
    const sending = delivery.send(batch({ id: 'kept' }));
    await jest.advanceTimersByTimeAsync(1000);
    expect(await isDone(sending)).toBe(true);
    expect(delivery.counts).toEqual({ delivered: 0, queued: 1, refused: 0, expired: 0 });
    await jest.advanceTimersByTimeAsync(200_000);
    expect(gaps().slice(0, 8)).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    expect(new Set(ids())).toEqual(new Set(['kept']));
    answers(202);
    await jest.advanceTimersByTimeAsync(30_000);
    expect(delivery.counts).toMatchObject({ delivered: 1, queued: 0 });
  });

  it('is one of several that are tried one at a time, not all at once', async () => {
    service.answer = (request) => request.answer(503);
    const delivery = createDelivery();
    for (let i = 0; i < 10; i++) void delivery.send(batch());
    await jest.advanceTimersByTimeAsync(1000);
    const before = service.requests.length;
    await jest.advanceTimersByTimeAsync(2000);
    expect(service.requests.length - before).toBe(1);
    answers();
    await jest.advanceTimersByTimeAsync(4000);
    expect(delivery.counts).toMatchObject({ delivered: 10, queued: 0 });
    expect(delivery.behind).toBe(false);
  });

  it('is sent at once when another batch is delivered', async () => {
    answers(503, 503, 503, 503, 503);
    const delivery = createDelivery();
    void delivery.send(batch({ id: 'first' }));
    await jest.advanceTimersByTimeAsync(15_000);
    expect(service.requests).toHaveLength(5);
    await delivery.send(batch({ id: 'second' }));
    await jest.advanceTimersByTimeAsync(0);
    expect(ids().slice(5)).toEqual(['second', 'first']);
    expect(delivery.counts).toMatchObject({ delivered: 2, queued: 0 });
  });

  it('expires after a day', async () => {
    service.answer = (request) => request.fail(new Error('down'));
    const delivery = createDelivery();
    void delivery.send(batch({ size: 4 }));
    await jest.advanceTimersByTimeAsync(MAX_BATCH_AGE_MS + 31_000);
    expect(delivery.counts).toEqual({ delivered: 0, queued: 0, refused: 0, expired: 4 });
    expect(jest.getTimerCount()).toBe(0);
  });

  it('does not hold up the others when it is itself at fault, and is dropped as refused in the end', async () => {
    service.answer = (request) => request.answer(idOf(request) === 'bad' ? 400 : 202);
    const delivery = createDelivery();
    void delivery.send(batch({ id: 'bad', size: 9 }));
    await jest.advanceTimersByTimeAsync(1000);
    for (let i = 0; i < MAX_STRIKES; i++) {
      await delivery.send(batch());
      await jest.advanceTimersByTimeAsync(60_000);
    }
    expect(delivery.counts).toEqual({ delivered: MAX_STRIKES, queued: 0, refused: 9, expired: 0 });
  });

  it('is not held against it that the service takes nothing at all', async () => {
    service.answer = (request) => request.answer(500);
    const delivery = createDelivery();
    void delivery.send(batch());
    await jest.advanceTimersByTimeAsync(MAX_STRIKES * 60_000);
    expect(delivery.counts).toMatchObject({ queued: 1, refused: 0 });
  });

  it('is among so many that no further one should be made', async () => {
    service.answer = (request) => request.answer(503);
    const delivery = createDelivery();
    for (let i = 0; i < MAX_BATCHES; i++) {
      expect(delivery.blocked).toBe(false);
      void delivery.send(batch());
    }
    expect(delivery.blocked).toBe(true);
    answers();
    await jest.advanceTimersByTimeAsync(3000);
    expect(delivery.blocked).toBe(false);
  });

  it('is so large that no further one should be made', () => {
    service.answer = () => {};
    const delivery = createDelivery();
    void delivery.send(batch({ body: 'x'.repeat(MAX_BATCHES_CHARACTERS) }));
    expect(delivery.blocked).toBe(true);
  });
});

describe.each([401, 403, 404])('a refusal of the key by status %i', (status) => {
  it('keeps the batch and tries it again at the extended pace, never giving up', async () => {
    service.answer = (request) => request.answer(status);
    const delivery = createDelivery();
    await delivery.send(batch());
    expect(delivery.blocked).toBe(true);
    await jest.advanceTimersByTimeAsync(299_000);
    expect(service.requests).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(9_000_000);
    expect(gaps()).toEqual([300_000, 600_000, 1_200_000, 2_400_000, 3_600_000]);
    answers();
    await jest.advanceTimersByTimeAsync(3_600_000);
    expect(delivery.counts).toMatchObject({ delivered: 1, queued: 0 });
    expect(delivery.blocked).toBe(false);
  });
});

describe('while the key is refused', () => {
  async function refusedDelivery(): Promise<Delivery> {
    service.answer = (request) => request.answer(401);
    const delivery = createDelivery();
    await delivery.send(batch({ id: 'first' }));
    return delivery;
  }

  it('no other batch is tried either', async () => {
    const delivery = await refusedDelivery();
    await delivery.send(batch());
    await delivery.sendDiagnostic({});
    await jest.advanceTimersByTimeAsync(200_000);
    expect(service.requests).toHaveLength(1);
    expect(delivery.counts.queued).toBe(2);
  });

  it('a second attempt that is due is left out', async () => {
    service.answer = (request) => request.answer(service.requests.length === 1 ? 503 : 401);
    const delivery = createDelivery();
    void delivery.send(batch());
    void delivery.send(batch());
    await jest.advanceTimersByTimeAsync(200_000);
    expect(service.requests).toHaveLength(2);
  });

  it('a batch that was kept before waits for the extended pace, too', async () => {
    answers(503, 503, 401, 401);
    const delivery = createDelivery();
    void delivery.send(batch());
    await jest.advanceTimersByTimeAsync(1000);
    await delivery.send(batch());
    await jest.advanceTimersByTimeAsync(290_000);
    expect(service.requests).toHaveLength(3);
    await jest.advanceTimersByTimeAsync(20_000);
    expect(service.requests).toHaveLength(4);
  });

  it('a rotation of the key sends everything at once', async () => {
    const delivery = await refusedDelivery();
    await delivery.send(batch({ id: 'second' }));
    answers();
    delivery.rotate('key-2');
    await jest.advanceTimersByTimeAsync(0);
    expect(ids().slice(1)).toEqual(['first', 'second']);
    expect(service.request(1).init.headers).toMatchObject({ Authorization: 'key-2' });
    expect(delivery.counts).toMatchObject({ delivered: 2, queued: 0 });
  });

  it('a rotation to a key that works in vain for now goes back to the normal pace', async () => {
    const delivery = await refusedDelivery();
    service.answer = (request) => request.answer(503);
    delivery.rotate('key-2');
    await jest.advanceTimersByTimeAsync(3000);
    expect(service.requests.length).toBeGreaterThanOrEqual(3);
  });

  it('an operator is told once', async () => {
    await refusedDelivery();
    await jest.advanceTimersByTimeAsync(10_000_000);
    expect(log.errors).toHaveLength(1);
    expect(log.errors[0]).toMatch(/status 401/);
    expect(log.errors[0]).not.toContain('key-1');
  });

  it('a refusal is forgotten with the last batch that could have found out', async () => {
    const delivery = await refusedDelivery();
    await jest.advanceTimersByTimeAsync(MAX_BATCH_AGE_MS + 3_600_001);
    expect(delivery.counts).toMatchObject({ queued: 0, expired: 1 });
    answers();
    await delivery.send(batch());
    expect(delivery.counts.delivered).toBe(1);
  });
});

describe('trouble', () => {
  it('is told when it begins and when it is over', async () => {
    answers(503, 503, 503);
    const delivery = createDelivery();
    void delivery.send(batch());
    await jest.advanceTimersByTimeAsync(10_000);
    expect(log.warnings).toEqual([expect.stringContaining('status 503')]);
    expect(log.infos).toEqual(['Events are delivered again.']);
  });
});

describe('a diagnostic event', () => {
  it('is posted without schema and payload id', async () => {
    await createDelivery().sendDiagnostic({ kind: 'diagnostic' });
    expect(service.request(0)).toMatchObject({
      url: 'http://events.test/diagnostic',
      init: { body: '{"kind":"diagnostic"}' },
    });
    expect(Object.keys(service.request(0).init.headers ?? {})).toEqual(['Authorization', 'Content-Type']);
  });

  it('is tried twice, then forgotten', async () => {
    service.answer = (request) => request.answer(503);
    const delivery = createDelivery();
    void delivery.sendDiagnostic({});
    await jest.advanceTimersByTimeAsync(100_000);
    expect(gaps()).toEqual([1000]);
    expect(delivery.counts).toEqual({ delivered: 0, queued: 0, refused: 0, expired: 0 });
  });

  it('that is refused does not keep events from being sent', async () => {
    answers(404);
    const delivery = createDelivery();
    await delivery.sendDiagnostic({});
    await delivery.send(batch());
    expect(delivery.counts.delivered).toBe(1);
  });
});

describe('finishing', () => {
  it('waits for what is in flight', async () => {
    service.answer = () => {};
    const delivery = createDelivery();
    void delivery.send(batch());
    const finishing = delivery.finish(5000);
    await jest.advanceTimersByTimeAsync(100);
    service.request(0).answer(202);
    expect(await finishing).toEqual([]);
    expect(delivery.counts).toMatchObject({ delivered: 1, queued: 0 });
    expect(jest.getTimerCount()).toBe(0);
  });

  it('tries kept batches at once and goes on until they are delivered', async () => {
    answers(503, 503, 503, 503, 503);
    const delivery = createDelivery();
    void delivery.send(batch());
    await jest.advanceTimersByTimeAsync(8000);
    expect(service.requests).toHaveLength(4);
    const finishing = delivery.finish(5000);
    await jest.advanceTimersByTimeAsync(0);
    expect(service.requests).toHaveLength(5);
    await jest.advanceTimersByTimeAsync(1000);
    expect(await finishing).toEqual([]);
    expect(delivery.counts.delivered).toBe(1);
  });

  it('gives back what could not be delivered in time, and stops everything', async () => {
    service.answer = (request) => request.answer(503);
    const delivery = createDelivery();
    const [kept, stuck] = [batch({ size: 2 }), batch({ size: 3 })];
    void delivery.send(kept);
    await jest.advanceTimersByTimeAsync(1000);
    service.answer = () => {};
    void delivery.send(stuck);
    const finishing = delivery.finish(5000);
    await jest.advanceTimersByTimeAsync(5000);
    expect((await finishing).sort((a, b) => a.size - b.size)).toEqual([kept, stuck]);
    expect(service.requests.at(-1)?.isAborted).toBe(true);
    expect(delivery.counts.queued).toBe(5);
    delivery.expire(kept);
    delivery.expire(stuck);
    expect(delivery.counts).toEqual({ delivered: 0, queued: 0, refused: 0, expired: 5 });
    const before = service.requests.length;
    await jest.advanceTimersByTimeAsync(1_000_000);
    expect(service.requests).toHaveLength(before);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('asks a service that refuses the key once more, and does not wait for nothing', async () => {
    service.answer = (request) => request.answer(401);
    const delivery = createDelivery();
    for (let i = 0; i < 3; i++) await delivery.send(batch());
    expect(service.requests).toHaveLength(1);
    const finishing = delivery.finish(60_000);
    expect(await isDone(finishing)).toBe(true);
    expect(service.requests).toHaveLength(2);
    expect(await finishing).toHaveLength(3);
  });

  it('neither hangs on a request that ignores its end nor counts an answer that comes later', async () => {
    let answer: (response: FetchResponse) => void = () => {};
    const deaf = () =>
      new Promise<FetchResponse>((resolve) => {
        answer = resolve;
      });
    const delivery = createDelivery({}, deaf);
    const sent = batch();
    void delivery.send(sent);
    const finishing = delivery.finish(100);
    await jest.advanceTimersByTimeAsync(100);
    expect(await finishing).toEqual([sent]);
    delivery.expire(sent);
    answer({ status: 202, headers: { get: () => null }, body: null });
    await jest.advanceTimersByTimeAsync(0);
    expect(delivery.counts).toEqual({ delivered: 0, queued: 0, refused: 0, expired: 1 });
  });
});

describe('batches of an earlier process', () => {
  it('are sent at once, one after the other, under their ids', async () => {
    const delivery = createDelivery();
    delivery.adopt([batch({ id: 'old-1', size: 2 }), batch({ id: 'old-2', size: 3 })]);
    expect(delivery.counts.queued).toBe(5);
    await jest.advanceTimersByTimeAsync(0);
    expect(ids()).toEqual(['old-1', 'old-2']);
    expect(delivery.counts).toMatchObject({ delivered: 5, queued: 0 });
    expect(settled.map(({ id }) => id)).toEqual(['old-1', 'old-2']);
  });

  it('are none: nothing is sent and nothing waits', () => {
    createDelivery().adopt([]);
    expect(service.requests).toHaveLength(0);
    expect(jest.getTimerCount()).toBe(0);
  });
});
