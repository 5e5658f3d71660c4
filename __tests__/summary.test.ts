import { PreparedSetting } from '../lib/compile.js';
import type { Json, Setting } from '../lib/protocol.js';
import {
  MAX_COUNTED_SETTINGS,
  MAX_KINDS,
  MAX_UNKNOWN_KEY_LENGTH,
  MAX_UNKNOWN_KEYS,
  MAX_VALUES_CHARACTERS,
  Summary,
} from '../lib/summary.js';

const alice = { key: 'alice' };

function setting(key = 'a', fields: Partial<Setting> = {}): PreparedSetting {
  return new PreparedSetting(key, { key, version: 1, variations: ['x', 'y'], ...fields });
}

const at = (variationIndex: number | null) => ({ variationIndex });

interface Features {
  [key: string]: { default: Json; contextKinds: string[]; counters: Record<string, unknown>[] };
}

/** The features of the drained event, as they go out. */
function drain(summary: Summary): Features {
  const event = JSON.parse(JSON.stringify(summary.drain()?.event ?? { features: {} }));
  return event.features;
}

describe('Summary', () => {
  let now: number;
  let summary: Summary;

  beforeEach(() => {
    now = 1000;
    summary = new Summary(() => now);
  });

  it('has nothing to drain when nothing was counted', () => {
    expect(summary.drain()).toBeUndefined();
  });

  it('counts by variation, and those without one apart', () => {
    const a = setting('a', { version: 7 });
    summary.count(a, alice, at(0), 'default');
    summary.count(a, alice, at(1), 'default');
    summary.count(a, alice, at(1), 'default');
    summary.count(a, alice, at(null), 'unserved');
    summary.count(a, alice, at(null), 'other');
    expect(drain(summary)).toEqual({
      a: {
        default: 'default',
        contextKinds: ['user'],
        counters: [
          { version: 7, value: 'unserved', count: 2 },
          { variation: 0, version: 7, value: 'x', count: 1 },
          { variation: 1, version: 7, value: 'y', count: 2 },
        ],
      },
    });
  });

  it('writes no field but those of the protocol', () => {
    summary.count(setting(), alice, at(0), null);
    const drained = summary.drain();
    expect(Object.keys(drained?.event ?? {})).toEqual(['kind', 'startDate', 'endDate', 'features']);
    expect(drained?.count).toBe(1);
  });

  it('counts a setting that was replaced under both versions', () => {
    summary.count(setting('a', { version: 1 }), alice, at(0), 1);
    summary.count(setting('a', { version: 2, variations: ['new'] }), alice, at(0), 2);
    expect(drain(summary).a).toEqual({
      default: 1,
      contextKinds: ['user'],
      counters: [
        { variation: 0, version: 1, value: 'x', count: 1 },
        { variation: 0, version: 2, value: 'new', count: 1 },
      ],
    });
  });

  it('gives one counter for a setting that came again at the same version', () => {
    summary.count(setting('a'), alice, at(0), 1);
    summary.count(setting('a'), alice, at(0), 1);
    expect(drain(summary).a?.counters).toEqual([{ variation: 0, version: 1, value: 'x', count: 2 }]);
  });

  it('counts unknown keys, and those that became known later in the same period', () => {
    summary.countUnknown('a', alice, 'd');
    summary.countUnknown('a', { kind: 'org' }, 'e');
    summary.count(setting('a'), alice, at(0), 'f');
    expect(drain(summary)).toEqual({
      a: {
        default: 'd',
        contextKinds: ['user', 'org'],
        counters: [
          { unknown: true, value: 'd', count: 2 },
          { variation: 0, version: 1, value: 'x', count: 1 },
        ],
      },
    });
  });

  it('writes version 0, and value and default null', () => {
    summary.count(setting('a', { version: 0, variations: [null] }), alice, at(0), undefined);
    expect(drain(summary).a).toEqual({
      default: null,
      contextKinds: ['user'],
      counters: [{ variation: 0, version: 0, value: null, count: 1 }],
    });
  });

  it('lists each kind once, never multi', () => {
    const a = setting();
    summary.count(a, { kind: 'org' }, at(0), 1);
    summary.count(a, { kind: 'user' }, at(0), 1);
    summary.count(a, alice, at(0), 1);
    summary.count(a, { kind: 'multi', org: {}, team: {} }, at(0), 1);
    expect(drain(summary).a?.contextKinds.sort()).toEqual(['org', 'team', 'user']);
  });

  it('begins anew after a drain', () => {
    const a = setting();
    summary.count(a, { kind: 'org' }, at(0), 'first');
    summary.drain();
    expect(summary.size).toBe(0);
    expect(summary.drain()).toBeUndefined();
    summary.count(a, alice, at(1), 'second');
    expect(drain(summary).a).toEqual({
      default: 'second',
      contextKinds: ['user'],
      counters: [{ variation: 1, version: 1, value: 'y', count: 1 }],
    });
  });

  it('takes the start at the first count and the end at the drain, without asking the clock in between', () => {
    const clock = jest.fn(() => now);
    summary = new Summary(clock);
    const a = setting();
    for (let i = 0; i < 10; i++) summary.count(a, alice, at(0), 1);
    expect(clock).toHaveBeenCalledTimes(1);
    now = 4000;
    expect(summary.drain()?.event).toMatchObject({ startDate: 1000, endDate: 4000 });
  });

  it('never ends before it starts, whatever the clock does', () => {
    summary.count(setting(), alice, at(0), 1);
    now = 10;
    expect(summary.drain()?.event).toMatchObject({ startDate: 1000, endDate: 1000 });
  });

  it('leaves out a setting that is excluded', () => {
    summary.count(setting('hidden', { excludeFromSummaries: true }), alice, at(0), 1);
    expect(summary.size).toBe(0);
    expect(summary.drain()).toBeUndefined();
    now = 2000;
    summary.count(setting('shown'), alice, at(0), 1);
    expect(summary.drain()?.event).toMatchObject({ startDate: 2000, features: { shown: {} } });
  });

  it('keeps two summaries over the same settings apart', () => {
    const other = new Summary(() => now);
    const a = setting();
    summary.count(a, alice, at(0), 1);
    other.count(a, alice, at(0), 1);
    summary.count(a, alice, at(0), 1);
    expect(summary.size).toBe(2);
    expect(other.size).toBe(1);
  });

  it('writes defaults as they were when they were passed', () => {
    const given = { list: [1] };
    summary.count(setting(), alice, at(null), given);
    given.list.push(2);
    expect(drain(summary).a).toMatchObject({ default: { list: [1] }, counters: [{ value: { list: [1] } }] });
  });

  it('writes null for values JSON cannot carry', () => {
    summary.count(setting('a'), alice, at(null), () => 1);
    summary.countUnknown('b', alice, Symbol('s'));
    summary.countUnknown('c', alice, 10n);
    expect(drain(summary)).toMatchObject({ a: { default: null }, b: { default: null }, c: { default: '10' } });
  });

  it('writes null for values that find no room', () => {
    const large = 'x'.repeat(MAX_VALUES_CHARACTERS);
    summary.count(setting('a', { variations: [large] }), alice, at(0), 'small');
    summary.count(setting('b'), alice, at(0), large);
    expect(drain(summary)).toMatchObject({
      a: { default: 'small', counters: [{ value: null, count: 1 }] },
      b: { default: null, counters: [{ value: 'x', count: 1 }] },
    });
  });

  it('handles keys named like members of the prototype', () => {
    for (const key of ['__proto__', 'constructor', 'toString']) {
      summary.count(setting(key), alice, at(0), 1);
      summary.countUnknown(key, alice, 1);
    }
    const features = drain(summary);
    expect(Object.keys(features).sort()).toEqual(['__proto__', 'constructor', 'toString']);
    for (const key of Object.keys(features)) {
      expect(Object.getOwnPropertyDescriptor(features, key)?.value.counters).toHaveLength(2);
    }
  });

  it('drops evaluations of further unknown keys beyond its bound, and says how many', () => {
    for (let i = 0; i < MAX_UNKNOWN_KEYS + 5; i++) summary.countUnknown(`u${i}`, alice, 1);
    summary.countUnknown('u0', alice, 1);
    summary.countUnknown('x'.repeat(MAX_UNKNOWN_KEY_LENGTH + 1), alice, 1);
    expect(summary.dropped).toBe(6);
    expect(summary.size).toBe(MAX_UNKNOWN_KEYS + 1);
    expect(Object.keys(drain(summary))).toHaveLength(MAX_UNKNOWN_KEYS);
  });

  it('drops evaluations of further settings beyond its bound, and counts them again after a drain', () => {
    for (let i = 0; i < MAX_COUNTED_SETTINGS; i++) summary.count(setting(`s${i}`), alice, at(0), 1);
    const late = setting('late');
    summary.count(late, alice, at(0), 1);
    summary.count(late, alice, at(0), 1);
    expect(summary.dropped).toBe(2);
    expect(summary.drain()?.count).toBe(MAX_COUNTED_SETTINGS);
    summary.count(late, alice, at(0), 1);
    expect(summary.size).toBe(1);
  });

  it('lists a bounded number of kinds', () => {
    const a = setting();
    for (let i = 0; i < MAX_KINDS + 50; i++) summary.count(a, { kind: `k${i}` }, at(0), 1);
    expect(drain(summary).a?.contextKinds).toHaveLength(MAX_KINDS);
  });

  it.each<[string, Partial<Setting>]>([
    ['trackEvents', { trackEvents: true }],
    ['trackEventsFallthrough', { trackEventsFallthrough: true }],
    ['a debug date', { debugEventsUntilDate: 0 }],
    ['a tracked rule', { rules: [{}, { trackEvents: true }] }],
    ['an experiment in the fallthrough', { fallthrough: { rollout: { kind: 'experiment' } } }],
    ['an experiment in a rule', { rules: [{ rollout: { kind: 'experiment' } }] }],
  ])('says that a setting with %s may ask for events of its own', (_, fields) => {
    expect(summary.count(setting('a', fields), alice, at(0), 1).countedOnly).toBe(false);
  });

  it('says that an ordinary setting is only counted', () => {
    const fields = { rules: [{ rollout: { kind: 'rollout' } }], fallthrough: { variation: 1 }, trackEvents: null };
    expect(summary.count(setting('a', fields), alice, at(0), 1).countedOnly).toBe(true);
  });

  it('counts a setting whose lists are none', () => {
    const fields = { rules: {}, variations: { length: -1 }, fallthrough: 'x' } as unknown as Partial<Setting>;
    summary.count(setting('a', fields), alice, at(null), 'd');
    expect(drain(summary).a?.counters).toEqual([{ version: 1, value: 'd', count: 1 }]);
  });
});
