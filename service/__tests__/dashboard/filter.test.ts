import type { SettingType } from '../../dashboard/src/model.js';
import { type Evaluations, type Filter, filterRows } from '../../dashboard/src/pages/settings/filter.js';
import type { SettingRow } from '../../dashboard/src/settings.js';

const NOW = Date.parse('2030-03-01T00:00:00Z');

function row(key: string, parts: Partial<SettingRow> = {}): SettingRow {
  return {
    key,
    name: key.toUpperCase(),
    description: '',
    type: 'boolean' as SettingType,
    tags: [],
    version: 1,
    variations: [{ value: true }, { value: false }],
    serving: { on: false, offVariation: 1, fallthrough: { variation: 0 }, prerequisites: [], targets: [], rules: [] },
    lastChange: { at: '2030-01-01T00:00:00Z', author: 'ada', comment: '' },
    ...parts,
  };
}

const ROWS = [
  row('billing.limit', { type: 'number', tags: ['billing'] }),
  row('checkout.new', { description: 'Replaces billing', serving: { ...row('').serving, on: true } }),
  row('mail', { serving: { ...row('').serving, on: true, fallthrough: { rollout: { variations: [] } } } }),
];
const EVALUATED: Evaluations = { from: '', settings: { mail: { counts: [], last: '' } } };
const keys = (filter: Filter, evaluations?: Evaluations) =>
  filterRows(ROWS, filter, evaluations, NOW).map(({ key }) => key);

describe('the list of settings', () => {
  it.each<[Filter, string[]]>([
    [{}, ['billing.limit', 'checkout.new', 'mail']],
    [{ q: 'BILL' }, ['billing.limit', 'checkout.new']],
    [{ q: 'new bill' }, ['checkout.new']],
    [{ type: 'number' }, ['billing.limit']],
    [{ tag: 'billing' }, ['billing.limit']],
    [{ state: 'on' }, ['checkout.new', 'mail']],
    [{ state: 'off' }, ['billing.limit']],
    [{ state: 'split' }, ['mail']],
    [{ q: 'mail', state: 'off' }, []],
  ])('shows for %j only what fits', (filter, expected) => {
    expect(keys(filter)).toEqual(expected);
  });

  it('puts first what begins with the words', () => {
    const rows = [row('a.mail'), row('mail.a')];
    expect(filterRows(rows, { q: 'mail' }, undefined, NOW).map(({ key }) => key)).toEqual(['mail.a', 'a.mail']);
  });

  it('calls stale what nobody asked for or changed in 30 days, once that is known', () => {
    expect(keys({ state: 'stale' }, EVALUATED)).toEqual(['billing.limit', 'checkout.new']);
    expect(keys({ state: 'stale' })).toEqual([]);
  });
});
