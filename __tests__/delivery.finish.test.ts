import type { FetchResponse } from '../lib/http.js';
import { batch, createDelivery, isDone } from './support/delivery.js';

beforeEach(() => jest.useFakeTimers({ now: 1_000_000 }));
afterEach(() => jest.useRealTimers());

describe('finishing', () => {
  it('waits for what is in flight', async () => {
    const { delivery, service } = createDelivery();
    service.answer = () => {};
    void delivery.send(batch());
    const finishing = delivery.finish(5000);
    await jest.advanceTimersByTimeAsync(100);
    service.request(0).answer(202);
    expect(await finishing).toEqual([]);
    expect(delivery.counts).toMatchObject({ delivered: 1, queued: 0 });
    expect(jest.getTimerCount()).toBe(0);
  });

  it('tries kept batches at once and goes on until they are delivered', async () => {
    const { answers, delivery, service } = createDelivery();
    answers(503, 503, 503, 503, 503);
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
    const { delivery, service } = createDelivery();
    service.answer = (request) => request.answer(503);
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
    const { delivery, service } = createDelivery();
    service.answer = (request) => request.answer(401);
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
    const { delivery } = createDelivery(deaf);
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
