import { MAX_BATCH_AGE_MS } from '../lib/batch.js';
import { batch, createDelivery } from './support/delivery.js';

beforeEach(() => jest.useFakeTimers({ now: 1_000_000 }));
afterEach(() => jest.useRealTimers());

describe.each([401, 403, 404])('a refusal of the key by status %i', (status) => {
  it('keeps the batch and tries it again at the extended pace, never giving up', async () => {
    const { answers, delivery, gaps, service } = createDelivery();
    service.answer = (request) => request.answer(status);
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
  async function refusedDelivery() {
    const created = createDelivery();
    created.service.answer = (request) => request.answer(401);
    await created.delivery.send(batch({ id: 'first' }));
    return created;
  }

  it('no other batch is tried either', async () => {
    const { delivery, service } = await refusedDelivery();
    await delivery.send(batch());
    await delivery.sendDiagnostic({});
    await jest.advanceTimersByTimeAsync(200_000);
    expect(service.requests).toHaveLength(1);
    expect(delivery.counts.queued).toBe(2);
  });

  it('a second attempt that is due is left out', async () => {
    const { delivery, service } = createDelivery();
    service.answer = (request) => request.answer(service.requests.length === 1 ? 503 : 401);
    void delivery.send(batch());
    void delivery.send(batch());
    await jest.advanceTimersByTimeAsync(200_000);
    expect(service.requests).toHaveLength(2);
  });

  it('a batch that was kept before waits for the extended pace, too', async () => {
    const { answers, delivery, service } = createDelivery();
    answers(503, 503, 401, 401);
    void delivery.send(batch());
    await jest.advanceTimersByTimeAsync(1000);
    await delivery.send(batch());
    await jest.advanceTimersByTimeAsync(290_000);
    expect(service.requests).toHaveLength(3);
    await jest.advanceTimersByTimeAsync(20_000);
    expect(service.requests).toHaveLength(4);
  });

  it('a rotation of the key sends everything at once', async () => {
    const { answers, delivery, ids, service } = await refusedDelivery();
    await delivery.send(batch({ id: 'second' }));
    answers();
    delivery.rotate('key-2');
    await jest.advanceTimersByTimeAsync(0);
    expect(ids().slice(1)).toEqual(['first', 'second']);
    expect(service.request(1).init.headers).toMatchObject({ Authorization: 'key-2' });
    expect(delivery.counts).toMatchObject({ delivered: 2, queued: 0 });
  });

  it('a rotation to a key that works in vain for now goes back to the normal pace', async () => {
    const { delivery, service } = await refusedDelivery();
    service.answer = (request) => request.answer(503);
    delivery.rotate('key-2');
    await jest.advanceTimersByTimeAsync(3000);
    expect(service.requests.length).toBeGreaterThanOrEqual(3);
  });

  it('an operator is told once', async () => {
    const { log } = await refusedDelivery();
    await jest.advanceTimersByTimeAsync(10_000_000);
    expect(log.errors).toHaveLength(1);
    expect(log.errors[0]).toMatch(/status 401/);
    expect(log.errors[0]).not.toContain('key-1');
  });

  it('a refusal is forgotten with the last batch that could have found out', async () => {
    const { answers, delivery } = await refusedDelivery();
    await jest.advanceTimersByTimeAsync(MAX_BATCH_AGE_MS + 3_600_001);
    expect(delivery.counts).toMatchObject({ queued: 0, expired: 1 });
    answers();
    await delivery.send(batch());
    expect(delivery.counts.delivered).toBe(1);
  });
});
