import { Tally } from '../src/analytics.js';

const NOW = Date.UTC(2030, 0, 15, 12, 30, 20);
const OPTIONS = { receivedAt: NOW, maxAgeMs: 86_400_000 };

function tallyOf(...events: unknown[]): Tally {
  const tally = new Tally();
  for (const event of events) tally.add(event, OPTIONS);
  return tally;
}

function summary(counters: unknown[]) {
  return { kind: 'summary', startDate: NOW, endDate: NOW, features: { a: { counters } } };
}

describe('Tally', () => {
  it('adds up counters of the same setting, variation, version and minute', () => {
    const one = summary([{ variation: 0, version: 3, count: 2 }]);
    const [count, ...others] = tallyOf(one, one).evaluations.values();
    expect(count).toEqual({ start: Date.UTC(2030, 0, 15, 12, 30), setting: 'a', variation: 0, version: 3, count: 4 });
    expect(others).toEqual([]);
  });

  it('merges into the same as if all had been added to one', () => {
    const events = [
      summary([{ variation: 0, version: 3, count: 2 }]),
      { kind: 'custom', key: 'buy', creationDate: NOW, metricValue: 1, context: { kind: 'user', key: 'u' } },
      { kind: 'index', creationDate: NOW, context: { kind: 'user', key: 'u', plan: 'gold' } },
      7,
    ];
    const merged = tallyOf(...events);
    merged.merge(tallyOf(...events));
    expect(merged).toEqual(tallyOf(...events, ...events));
  });

  it.each([0, -1, 1.5, '3', null, Number.MAX_VALUE])('ignores a count of %p', (count) => {
    const tally = tallyOf(summary([{ variation: 0, version: 1, count }]));
    expect([tally.evaluations.size, tally.ignored]).toEqual([0, 1]);
  });

  it('counts what was served from the caller under no variation, and the unknown under no version', () => {
    const [malformed, unknown] = tallyOf(
      summary([{ version: 5, count: 1 }]),
      summary([{ unknown: true, count: 1 }]),
    ).evaluations.values();
    expect(malformed).toMatchObject({ variation: -1, version: 5 });
    expect(unknown).toMatchObject({ variation: -1, version: -1 });
  });

  it('does not count full events, whose evaluations the summary counts', () => {
    const event = {
      kind: 'feature',
      key: 'a',
      variation: 0,
      version: 1,
      creationDate: NOW,
      context: { kind: 'user', key: 'u' },
    };
    expect(tallyOf(event).evaluations.size).toBe(0);
  });

  it('sees each kind of a context, and its companions', () => {
    const context = { kind: 'multi', user: { key: 'u' }, organization: { key: 'acme', plan: 'gold' } };
    const seen = [...tallyOf({ kind: 'index', creationDate: NOW, context }).contexts.values()];
    expect(seen).toMatchObject([
      { kind: 'user', key: 'u', companions: { organization: 'acme' } },
      { kind: 'organization', key: 'acme', attributes: '{"plan":"gold"}', companions: { user: 'u' } },
    ]);
  });

  it('keeps the newest attributes, and those it has when only the key comes', () => {
    const tally = tallyOf(
      { kind: 'index', creationDate: NOW, context: { kind: 'user', key: 'u', name: 'New' } },
      { kind: 'index', creationDate: NOW - 5, context: { kind: 'user', key: 'u', name: 'Old' } },
      { kind: 'feature', key: 'a', creationDate: NOW, contextKeys: { user: 'u' } },
    );
    expect([...tally.contexts.values()]).toMatchObject([{ name: 'New', attributes: '{"name":"New"}', at: NOW }]);
  });

  it('sees no anonymous context, whose key means nothing', () => {
    const context = { kind: 'multi', user: { key: 'made-up', anonymous: true }, organization: { key: 'acme' } };
    const seen = [...tallyOf({ kind: 'index', creationDate: NOW, context }).contexts.values()];
    expect(seen).toMatchObject([{ kind: 'organization', companions: {} }]);
  });

  it('keeps of a context with very many attributes only key and name', () => {
    const context = { kind: 'user', key: 'u', name: 'Una', text: 'x'.repeat(10_000) };
    expect([...tallyOf({ kind: 'index', creationDate: NOW, context }).contexts.values()]).toMatchObject([
      { attributes: '{"name":"Una"}' },
    ]);
  });

  it.each([
    ['without a key', { kind: 'user' }],
    ['of no kind that could be', { kind: 'kind', key: 'u' }],
    ['that is text', 'u'],
  ])('ignores a context %s', (_what, context) => {
    const tally = tallyOf({ kind: 'index', creationDate: NOW, context });
    expect([tally.contexts.size, tally.ignored]).toEqual([0, 1]);
  });

  it('keeps only key and name of a context that is nested too deep to be written', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 50_000; level++) deep = [deep];
    const context = { kind: 'user', key: 'u', name: 'Una\ud800', deep };
    expect([...tallyOf({ kind: 'index', creationDate: NOW, context }).contexts.values()]).toMatchObject([
      { name: 'Una', attributes: '{"name":"Una"}' },
    ]);
  });

  it('counts a custom event without its number where sums could not hold it', () => {
    const huge = { kind: 'custom', key: 'k', creationDate: NOW, metricValue: Number.MAX_VALUE, context: { key: 'u' } };
    expect([...tallyOf(huge, { ...huge, metricValue: 2 }).custom.values()]).toMatchObject([{ count: 2, sum: 2 }]);
  });

  it('takes dates as whole milliseconds', () => {
    const event = { kind: 'index', creationDate: NOW - 0.5, context: { key: 'u' } };
    expect([...tallyOf(event).contexts.values()]).toMatchObject([{ at: NOW - 1 }]);
  });

  it('takes no key that a database cannot keep', () => {
    const tally = tallyOf(
      { kind: 'custom', key: 'a\ud800', creationDate: NOW, context: { kind: 'user', key: 'u\udc00' } },
      { kind: 'custom', key: 'a\0b', creationDate: NOW, context: { kind: 'user', key: 'u\0' } },
      { kind: 'summary', endDate: NOW, features: { 'x\0': { counters: [{ variation: 0, version: 1, count: 1 }] } } },
    );
    expect(tally.size).toBe(0);
  });
});
