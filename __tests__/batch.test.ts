import { createBatches, MAX_BATCH_CHARACTERS } from '../lib/batch.js';

const summary = { event: { kind: 'summary' }, count: 40 };
const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('createBatches', () => {
  it('makes none of nothing', () => {
    expect(createBatches([], undefined, 1)).toEqual([]);
  });

  it('makes one array of all events, the summary last', () => {
    const [batch, ...others] = createBatches(['{"a":1}', '{"b":2}'], summary, 5);
    expect(others).toEqual([]);
    expect(batch).toEqual({
      id: expect.stringMatching(UUID_V4),
      body: '[{"a":1},{"b":2},{"kind":"summary"}]',
      size: 42,
      createdAt: 5,
    });
  });

  it('makes one of a summary alone', () => {
    expect(createBatches([], summary, 1)).toMatchObject([{ body: '[{"kind":"summary"}]', size: 40 }]);
  });

  it('cuts what is too large for one request, each part under its own id', () => {
    const third = JSON.stringify('x'.repeat(MAX_BATCH_CHARACTERS / 3));
    const batches = createBatches([third, third, third, third], summary, 1);
    expect(batches.map(({ size }) => size)).toEqual([2, 2 + 40]);
    expect(batches.flatMap(({ body }) => JSON.parse(body))).toHaveLength(5);
    expect(new Set(batches.map(({ id }) => id)).size).toBe(2);
  });

  it('sends an event that is too large by itself', () => {
    const large = JSON.stringify('x'.repeat(MAX_BATCH_CHARACTERS));
    expect(createBatches(['1', large, '2'], undefined, 1).map(({ size }) => size)).toEqual([1, 1, 1]);
  });
});
