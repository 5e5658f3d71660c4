import { affectedSettings } from '../lib/dependents.js';
import type { Setting } from '../lib/protocol.js';
import type { ChangedItem } from '../lib/store.js';
import { segmentOf, settingOf, storeOf } from './support/data.js';

// Far more than it takes, for machines with much else to do.
jest.setTimeout(60_000);

const requires = (...keys: string[]): Partial<Setting> => ({
  prerequisites: keys.map((key) => ({ key, variation: 0 })),
});
const asks = (...keys: string[]) => ({ rules: [{ clauses: [{ op: 'segmentMatch', values: keys }] }] });
const setting = (key: string): ChangedItem => ({ kind: 'setting', key });
const segment = (key: string): ChangedItem => ({ kind: 'segment', key });

describe('affectedSettings', () => {
  const store = storeOf(
    [
      settingOf('base'),
      settingOf('middle', requires('base')),
      settingOf('top', requires('middle', 'unknown')),
      settingOf('alone'),
      settingOf('by-segment', asks('inner')),
      settingOf('by-outer-segment', asks('outer')),
      settingOf('above-segment', requires('by-outer-segment')),
      settingOf('cycle-a', requires('cycle-b')),
      settingOf('cycle-b', requires('cycle-a')),
      settingOf('same-name', asks('base')),
    ],
    [
      segmentOf('inner'),
      segmentOf('outer', asks('inner')),
      segmentOf('loop-a', asks('loop-b')),
      segmentOf('loop-b', asks('loop-a')),
    ],
  );

  it.each<[string, ChangedItem[], string[]]>([
    ['nothing', [], []],
    ['a setting nobody uses', [setting('alone')], ['alone']],
    ['a prerequisite, through all levels', [setting('base')], ['base', 'middle', 'top']],
    ['a setting in the middle', [setting('middle')], ['middle', 'top']],
    [
      'a segment, through segments and prerequisites',
      [segment('inner')],
      ['above-segment', 'by-outer-segment', 'by-segment'],
    ],
    ['an outer segment', [segment('outer')], ['above-segment', 'by-outer-segment']],
    ['a segment with the key of a setting', [segment('base')], ['same-name']],
    ['a setting in a cycle', [setting('cycle-a')], ['cycle-a', 'cycle-b']],
    ['a segment in a cycle that nobody uses', [segment('loop-a')], []],
    ['a deleted setting that others still require', [setting('unknown')], ['top', 'unknown']],
    [
      'several at once',
      [setting('alone'), setting('middle'), segment('outer')],
      ['above-segment', 'alone', 'by-outer-segment', 'middle', 'top'],
    ],
  ])('of %s', (_name, changed, expected) => {
    expect([...affectedSettings(store, changed)].sort()).toEqual(expected);
  });

  it('sees references as they are now', () => {
    const changing = storeOf([settingOf('a'), settingOf('b', requires('a'))]);
    expect(affectedSettings(changing, [setting('a')]).has('b')).toBe(true);
    changing.apply([{ kind: 'setting', key: 'b', version: 2, item: settingOf('b', { version: 2 }) }]);
    expect(affectedSettings(changing, [setting('a')]).has('b')).toBe(false);
  });

  it('is not disturbed by malformed items', () => {
    const odd = storeOf([
      settingOf('a', {
        prerequisites: [null, 5, { key: 7 }, { key: 'b' }] as never,
        rules: [null, { clauses: [null, { op: 'segmentMatch', values: [5, 's'] }] }] as never,
      }),
      settingOf('c', { prerequisites: 'x', rules: 'y' } as never),
    ]);
    expect([...affectedSettings(odd, [setting('b')])].sort()).toEqual(['a', 'b']);
    expect([...affectedSettings(odd, [segment('s')])]).toEqual(['a']);
  });

  it('follows a chain of 100,000', () => {
    const chain = Array.from({ length: 100_000 }, (_, index) => settingOf(`s${index}`, requires(`s${index + 1}`)));
    expect(affectedSettings(storeOf(chain), [setting('s100000')]).size).toBe(100_001);
  });
});
