import { MAX_BATCH_AGE_MS } from '../lib/batch.js';
import { MAX_BATCHES, MAX_BATCHES_CHARACTERS, MAX_STRIKES } from '../lib/delivery.js';
import { batch, createDelivery, idOf, isDone } from './support/delivery.js';

beforeEach(() => jest.useFakeTimers({ now: 1_000_000 }));
afterEach(() => jest.useRealTimers());

describe('a batch', () => {
  it('is delivered by one request with schema and payload id', async () => {
    const { delivery, service, settled } = createDelivery();
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
    const { delivery, service } = createDelivery();
    service.answer = () => {};
    const sending = delivery.send(batch({ size: 2 }));
    expect(delivery.counts).toMatchObject({ delivered: 0, queued: 2 });
    service.request(0).answer(200);
    await sending;
    expect(delivery.counts).toMatchObject({ delivered: 2, queued: 0 });
  });

  it.each([400, 408, 429, 500, 503])(
    'is sent again after 1 s, under the same id, when the status is %i',
    async (status) => {
      const { answers, delivery, ids, service } = createDelivery();
      answers(status, 202);
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
    const { delivery, service } = createDelivery();
    service.answer = (request) =>
      service.requests.length === 1 ? request.fail(new Error('reset')) : request.answer(202);
    const sending = delivery.send(batch());
    await jest.advanceTimersByTimeAsync(1000);
    await sending;
    expect(service.requests).toHaveLength(2);
  });

  it('is dropped as refused when it is too large, without another attempt', async () => {
    const { answers, delivery, service } = createDelivery();
    answers(413);
    await delivery.send(batch({ size: 5 }));
    expect(delivery.counts).toEqual({ delivered: 0, queued: 0, refused: 5, expired: 0 });
    await jest.advanceTimersByTimeAsync(60_000);
    expect(service.requests).toHaveLength(1);
    await delivery.send(batch());
    expect(delivery.counts.delivered).toBe(1);
  });

  it('is dropped as refused when it is too large at the second attempt', async () => {
    const { answers, delivery } = createDelivery();
    answers(503, 413);
    const sending = delivery.send(batch());
    await jest.advanceTimersByTimeAsync(1000);
    await sending;
    expect(delivery.counts).toMatchObject({ refused: 1, queued: 0 });
  });

  it('does not wait for another batch that is in flight', async () => {
    const { delivery, service } = createDelivery();
    service.answer = (request) => {
      if (service.requests.length > 1) request.answer(202);
    };
    void delivery.send(batch());
    await delivery.send(batch());
    expect(delivery.counts).toMatchObject({ delivered: 1, queued: 1 });
  });
});

describe('a batch whose two attempts failed', () => {
  it('is kept: its promise resolves, it stays queued and is tried again with growing delays', async () => {
    const { answers, delivery, gaps, ids, service } = createDelivery();
    service.answer = (request) => request.answer(503);
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
    const { answers, delivery, service } = createDelivery();
    service.answer = (request) => request.answer(503);
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
    const { answers, delivery, ids, service } = createDelivery();
    answers(503, 503, 503, 503, 503);
    void delivery.send(batch({ id: 'first' }));
    await jest.advanceTimersByTimeAsync(15_000);
    expect(service.requests).toHaveLength(5);
    await delivery.send(batch({ id: 'second' }));
    await jest.advanceTimersByTimeAsync(0);
    expect(ids().slice(5)).toEqual(['second', 'first']);
    expect(delivery.counts).toMatchObject({ delivered: 2, queued: 0 });
  });

  it('expires after a day', async () => {
    const { delivery, service } = createDelivery();
    service.answer = (request) => request.fail(new Error('down'));
    void delivery.send(batch({ size: 4 }));
    await jest.advanceTimersByTimeAsync(MAX_BATCH_AGE_MS + 31_000);
    expect(delivery.counts).toEqual({ delivered: 0, queued: 0, refused: 0, expired: 4 });
    expect(jest.getTimerCount()).toBe(0);
  });

  it('does not hold up the others when it is itself at fault, and is dropped as refused in the end', async () => {
    const { delivery, service } = createDelivery();
    service.answer = (request) => request.answer(idOf(request) === 'bad' ? 400 : 202);
    void delivery.send(batch({ id: 'bad', size: 9 }));
    await jest.advanceTimersByTimeAsync(1000);
    for (let i = 0; i < MAX_STRIKES; i++) {
      await delivery.send(batch());
      await jest.advanceTimersByTimeAsync(60_000);
    }
    expect(delivery.counts).toEqual({ delivered: MAX_STRIKES, queued: 0, refused: 9, expired: 0 });
  });

  it('is not held against it that the service takes nothing at all', async () => {
    const { delivery, service } = createDelivery();
    service.answer = (request) => request.answer(500);
    void delivery.send(batch());
    await jest.advanceTimersByTimeAsync(MAX_STRIKES * 60_000);
    expect(delivery.counts).toMatchObject({ queued: 1, refused: 0 });
  });

  it('is among so many that no further one should be made', async () => {
    const { answers, delivery, service } = createDelivery();
    service.answer = (request) => request.answer(503);
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
    const { delivery, service } = createDelivery();
    service.answer = () => {};
    void delivery.send(batch({ body: 'x'.repeat(MAX_BATCHES_CHARACTERS) }));
    expect(delivery.blocked).toBe(true);
  });
});

describe('trouble', () => {
  it('is told when it begins and when it is over', async () => {
    const { answers, delivery, log } = createDelivery();
    answers(503, 503, 503);
    void delivery.send(batch());
    await jest.advanceTimersByTimeAsync(10_000);
    expect(log.warnings).toEqual([expect.stringContaining('status 503')]);
    expect(log.infos).toEqual(['Events are delivered again.']);
  });
});

describe('a diagnostic event', () => {
  it('is posted without schema and payload id', async () => {
    const { delivery, service } = createDelivery();
    await delivery.sendDiagnostic({ kind: 'diagnostic' });
    expect(service.request(0)).toMatchObject({
      url: 'http://events.test/diagnostic',
      init: { body: '{"kind":"diagnostic"}' },
    });
    expect(Object.keys(service.request(0).init.headers ?? {})).toEqual(['Authorization', 'Content-Type']);
  });

  it('is tried twice, then forgotten', async () => {
    const { delivery, gaps, service } = createDelivery();
    service.answer = (request) => request.answer(503);
    void delivery.sendDiagnostic({});
    await jest.advanceTimersByTimeAsync(100_000);
    expect(gaps()).toEqual([1000]);
    expect(delivery.counts).toEqual({ delivered: 0, queued: 0, refused: 0, expired: 0 });
  });

  it('that is refused does not keep events from being sent', async () => {
    const { answers, delivery } = createDelivery();
    answers(404);
    await delivery.sendDiagnostic({});
    await delivery.send(batch());
    expect(delivery.counts.delivered).toBe(1);
  });
});

describe('batches of an earlier process', () => {
  it('are sent at once, one after the other, under their ids', async () => {
    const { delivery, ids, settled } = createDelivery();
    delivery.adopt([batch({ id: 'old-1', size: 2 }), batch({ id: 'old-2', size: 3 })]);
    expect(delivery.counts.queued).toBe(5);
    await jest.advanceTimersByTimeAsync(0);
    expect(ids()).toEqual(['old-1', 'old-2']);
    expect(delivery.counts).toMatchObject({ delivered: 5, queued: 0 });
    expect(settled.map(({ id }) => id)).toEqual(['old-1', 'old-2']);
  });

  it('are none: nothing is sent and nothing waits', () => {
    const { delivery, service } = createDelivery();
    delivery.adopt([]);
    expect(service.requests).toHaveLength(0);
    expect(jest.getTimerCount()).toBe(0);
  });
});
