import { allSettings, noSettings } from '../lib/all-settings.js';
import type { Setting } from '../lib/protocol.js';
import { segmentOf, settingOf, storeOf } from './support/data.js';

const ALICE = { key: 'alice' };
const NOW = 1_760_000_000_000;
const EXPERIMENT = { rollout: { kind: 'experiment', variations: [{ variation: 1, weight: 100_000 }] } };

/** What the state says of one setting, apart from its value. */
function describeOne(fields: Partial<Setting>, options = {}): unknown {
  const state = allSettings(storeOf([settingOf('f', fields)]), ALICE, options, NOW).toJSON();
  return (state.$flagsState as Record<string, unknown>).f;
}

describe('allSettings', () => {
  it('gives values and what client-side code must know of each setting', () => {
    const store = storeOf([
      settingOf('a', { version: 17 }),
      settingOf('b', { version: 2, variations: [{ x: [null] }, 'y'], trackEvents: true }),
      settingOf('broken', { version: 5, fallthrough: null }),
      settingOf('off', { on: false, offVariation: null }),
    ]);
    expect(allSettings(store, ALICE, {}, NOW).toJSON()).toStrictEqual({
      a: 'a',
      b: { x: [null] },
      broken: null,
      off: null,
      $flagsState: {
        a: { variation: 0, version: 17 },
        b: { variation: 0, version: 2, trackEvents: true },
        broken: { version: 5 },
        off: { version: 1 },
      },
      $valid: true,
    });
  });

  it('leaves deleted settings out', () => {
    const store = storeOf([settingOf('a', { deleted: true }), settingOf('b')]);
    expect(allSettings(store, ALICE, {}, NOW).allValues()).toEqual({ b: 'a' });
  });

  it.each<[string, Partial<Setting>, unknown]>([
    ['tracked', { trackEvents: true }, { variation: 0, version: 1, trackEvents: true }],
    [
      'in an experiment',
      { fallthrough: EXPERIMENT },
      {
        variation: 1,
        version: 1,
        trackEvents: true,
        trackReason: true,
        reason: { kind: 'FALLTHROUGH', inExperiment: true },
      },
    ],
    [
      'served by a tracked fallthrough',
      { trackEventsFallthrough: true },
      { variation: 0, version: 1, trackEvents: true, trackReason: true, reason: { kind: 'FALLTHROUGH' } },
    ],
    [
      'served by a tracked rule',
      { rules: [{ id: 'r', variation: 2, trackEvents: true }] },
      {
        variation: 2,
        version: 1,
        trackEvents: true,
        trackReason: true,
        reason: { kind: 'RULE_MATCH', ruleIndex: 0, ruleId: 'r' },
      },
    ],
    ['debugged', { debugEventsUntilDate: NOW + 1 }, { variation: 0, version: 1, debugEventsUntilDate: NOW + 1 }],
    [
      'no longer debugged',
      { debugEventsUntilDate: NOW - 1 },
      { variation: 0, version: 1, debugEventsUntilDate: NOW - 1 },
    ],
    ['debugged until 0', { debugEventsUntilDate: 0 }, { variation: 0, version: 1 }],
  ])('describes a setting that is %s', (_name, fields, expected) => {
    expect(describeOne(fields)).toStrictEqual(expected);
  });

  describe('with reasons', () => {
    it('has the reason of every setting', () => {
      expect(describeOne({}, { withReasons: true })).toStrictEqual({
        variation: 0,
        version: 1,
        reason: { kind: 'FALLTHROUGH' },
      });
      expect(describeOne({ fallthrough: null }, { withReasons: true })).toStrictEqual({
        version: 1,
        reason: { kind: 'ERROR', errorKind: 'MALFORMED_FLAG' },
      });
    });
  });

  describe('with details only for tracked settings', () => {
    const options = { detailsOnlyForTrackedSettings: true, withReasons: true };
    const reason = { kind: 'FALLTHROUGH' };
    it.each<[string, Partial<Setting>, unknown]>([
      ['no details of others', {}, { variation: 0 }],
      ['details when tracked', { trackEvents: true }, { variation: 0, version: 1, trackEvents: true, reason }],
      [
        'details when in an experiment',
        { fallthrough: EXPERIMENT },
        {
          variation: 1,
          version: 1,
          trackEvents: true,
          trackReason: true,
          reason: { kind: 'FALLTHROUGH', inExperiment: true },
        },
      ],
      [
        'details when debugged',
        { debugEventsUntilDate: NOW + 1 },
        { variation: 0, version: 1, reason, debugEventsUntilDate: NOW + 1 },
      ],
      ['no details when debugging is over', { debugEventsUntilDate: NOW }, { variation: 0, debugEventsUntilDate: NOW }],
    ])('has %s', (_name, fields, expected) => {
      expect(describeOne(fields, options)).toStrictEqual(expected);
    });
  });

  it.each<[Partial<Setting>, boolean]>([
    [{}, false],
    [{ clientSide: true }, true],
    [{ clientSideAvailability: { usingEnvironmentId: true } }, true],
    [{ clientSideAvailability: { usingEnvironmentId: false }, clientSide: true }, false],
    [{ clientSideAvailability: { usingMobileKey: true }, clientSide: true }, false],
    [{ clientSideAvailability: null, clientSide: true }, true],
  ])('for client-side only, %j is included: %s', (fields, included) => {
    const state = allSettings(storeOf([settingOf('f', fields)]), ALICE, { clientSideOnly: true }, NOW);
    expect(Object.keys(state.allValues())).toEqual(included ? ['f'] : []);
  });

  describe('prerequisites', () => {
    const requires = (...keys: string[]): Partial<Setting> => ({
      prerequisites: keys.map((key) => ({ key, variation: 0 })),
    });
    const store = storeOf(
      [
        settingOf('f', { ...requires('one', 'two'), clientSide: true }),
        settingOf('one', requires('deep')),
        settingOf('two'),
        settingOf('deep'),
        settingOf('failing', requires('off', 'two')),
        settingOf('missing', requires('nowhere')),
        settingOf('off', { ...requires('two'), on: false }),
        settingOf('cycle', requires('cycle')),
      ],
      [segmentOf('s')],
    );
    const metadata = (options = {}) =>
      allSettings(store, ALICE, options, NOW).toJSON().$flagsState as unknown as Record<
        string,
        { prerequisites?: string[] }
      >;

    it.each([
      ['f', ['one', 'two']],
      ['one', ['deep']],
      ['two', undefined],
      ['failing', ['off']],
      ['missing', undefined],
      ['off', undefined],
      ['cycle', undefined],
    ])('of %s are those direct ones that were evaluated', (key, expected) => {
      expect(metadata()[key]?.prerequisites).toEqual(expected);
    });

    it('may be settings that client-side code does not see', () => {
      expect(metadata({ clientSideOnly: true })).toEqual({
        f: { variation: 0, version: 1, prerequisites: ['one', 'two'] },
      });
    });
  });

  it('answers for single settings', () => {
    const state = allSettings(
      storeOf([settingOf('a'), settingOf('off', { on: false, offVariation: null })]),
      ALICE,
      {},
      NOW,
    );
    expect(state.valid).toBe(true);
    expect([state.getSettingValue('a'), state.getSettingValue('off'), state.getSettingValue('toString')]).toEqual([
      'a',
      null,
      undefined,
    ]);
    expect([state.getSettingReason('a'), state.getSettingReason('toString')]).toEqual([
      { kind: 'FALLTHROUGH' },
      undefined,
    ]);
  });

  it('keeps the moment at which it was taken', () => {
    const store = storeOf([settingOf('a')]);
    const state = allSettings(store, ALICE, {}, NOW);
    store.apply([{ kind: 'setting', key: 'a', version: 2, item: null }]);
    expect(state.toJSON()).toMatchObject({ a: 'a', $valid: true });
  });

  it('carries settings called __proto__ and constructor', () => {
    const store = storeOf([settingOf('__proto__'), settingOf('constructor')]);
    const state = allSettings(store, ALICE, {}, NOW);
    expect(Object.entries(state.allValues())).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'a'],
    ]);
    expect(JSON.stringify(state)).toBe(
      '{"__proto__":"a","constructor":"a","$flagsState":{"__proto__":{"variation":0,"version":1},"constructor":{"variation":0,"version":1}},"$valid":true}',
    );
  });
});

describe('noSettings', () => {
  it('is empty and not valid', () => {
    expect(JSON.stringify(noSettings())).toBe('{"$flagsState":{},"$valid":false}');
    expect([noSettings().valid, noSettings().getSettingValue('a')]).toEqual([false, undefined]);
  });
});
