import { RecentRequests } from '../src/recent-requests.js';

const custom = (key: string, more: object = {}) => ({
  kind: 'custom',
  key,
  contextKeys: { user: 'ann', organization: 'acme' },
  creationDate: 5,
  ...more,
});

describe('recent requests', () => {
  it('are kept for every kind of the context, the newest first', () => {
    const requests = new RecentRequests();
    requests.add('production', { kind: 'index', creationDate: 1, context: { key: 'ann' } }, 'web', 10);
    requests.add('production', custom('sale', { data: { item: 1 }, metricValue: 9 }), 'web', 10);
    expect(requests.of('production', 'user', 'ann')).toEqual([
      {
        at: 5,
        kind: 'custom',
        contexts: { user: 'ann', organization: 'acme' },
        key: 'sale',
        value: { item: 1 },
        metric: 9,
        server: 'web',
      },
      { at: 1, kind: 'seen', contexts: { user: 'ann' }, key: null, value: null, metric: null, server: 'web' },
    ]);
    expect(requests.of('production', 'organization', 'acme')).toMatchObject([{ key: 'sale' }]);
    expect(requests.of('staging', 'user', 'ann')).toEqual([]);
  });

  it('hold the newest 20 of a context', () => {
    const requests = new RecentRequests();
    for (let index = 0; index < 30; index++) requests.add('production', custom(`e-${index}`), 'web', 10);
    const kept = requests.of('production', 'user', 'ann');
    expect(kept).toHaveLength(20);
    expect(kept[0]).toMatchObject({ key: 'e-29' });
  });

  it('tell what was served where a single evaluation was reported', () => {
    const requests = new RecentRequests();
    requests.add('production', { kind: 'feature', key: 's', value: 'b', context: { key: 'ann' } }, 'web', 10);
    expect(requests.of('production', 'user', 'ann')).toMatchObject([
      { at: 10, kind: 'evaluated', key: 's', value: 'b' },
    ]);
  });

  it.each([[null], ['text'], [{ kind: 'summary' }], [{ kind: 'index', context: {} }], [{ kind: 'custom', key: 'k' }]])(
    'leave out %j',
    (event) => {
      const requests = new RecentRequests();
      requests.add('production', event, 'web', 10);
      expect(requests.of('production', 'user', '')).toEqual([]);
    },
  );

  it('leave out data that is nested too deep to be written, and take no time before the first', () => {
    const requests = new RecentRequests();
    let data: unknown = 1;
    for (let level = 0; level < 50_000; level++) data = [data];
    requests.add('production', custom('sale', { data, creationDate: -5e300 }), 'web', 10);
    expect(requests.of('production', 'user', 'ann')).toMatchObject([{ at: 0, value: null }]);
  });

  it('leave out data that is long, and take no time from the future', () => {
    const requests = new RecentRequests();
    requests.add('production', custom('sale', { data: 'x'.repeat(2000), creationDate: 99 }), 'web', 10);
    expect(requests.of('production', 'user', 'ann')).toMatchObject([{ at: 10, value: null }]);
  });
});
