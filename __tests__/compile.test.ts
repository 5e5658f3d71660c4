import { PreparedSegment, PreparedSetting } from '../lib/compile.js';
import { segmentOf, settingOf } from './support/data.js';

const NEVER = {
  key: 'f',
  version: 1,
  variations: 'none',
  rules: [{ clauses: 'none' }],
  targets: [null],
  prerequisites: 5,
};

describe('PreparedSetting', () => {
  it('is prepared when first asked for, and once', () => {
    const source = settingOf('f', { variations: [{ a: 1 }] });
    const setting = new PreparedSetting('f', source);
    expect(Object.isFrozen(source.variations?.[0])).toBe(false);
    expect(setting.plan()).toBe(setting.plan());
    expect(Object.isFrozen(source.variations?.[0])).toBe(true);
  });

  it('leaves its source as it was received', () => {
    const source = settingOf('f', { targets: [{ variation: 1, values: ['a'] }], rules: [{ variation: 1 }] });
    const before = structuredClone(source);
    new PreparedSetting('f', source).plan();
    expect(source).toEqual(before);
    expect(Object.isFrozen(source)).toBe(false);
  });

  it('is prepared whatever the data is like', () => {
    expect(() => new PreparedSetting('f', NEVER as never).plan()).not.toThrow();
    expect(() => new PreparedSetting('f', {} as never).plan()).not.toThrow();
  });

  it.each([
    ['nothing matters but being on', {}, true],
    ['it is off', { on: false, rules: [{ variation: 1 }] }, true],
    ['the fallthrough is malformed', { fallthrough: null }, true],
    ['targets list nobody', { targets: [{ variation: 1, values: [] }] }, true],
    ['a target lists somebody', { targets: [{ variation: 1, values: ['a'] }] }, false],
    ['there is a rule', { rules: [{ variation: 1 }] }, false],
    ['there is a prerequisite', { prerequisites: [{ key: 'p', variation: 0 }] }, false],
    [
      'the fallthrough is a rollout',
      { fallthrough: { rollout: { variations: [{ variation: 0, weight: 1 }] } } },
      false,
    ],
  ])('knows what everyone gets when %s: %#', (_name, fields, known) => {
    expect(new PreparedSetting('f', settingOf('f', fields)).plan().constant !== undefined).toBe(known);
  });

  it('goes by the key it is stored under', () => {
    const rollout = {
      variations: [
        { variation: 0, weight: 2564 },
        { variation: 1, weight: 97_436 },
      ],
    };
    const source = { ...settingOf('other', { salt: '9f2c1a', fallthrough: { rollout } }), key: undefined } as never;
    const { fallthrough } = new PreparedSetting('new-checkout', source).plan();
    expect('serve' in fallthrough && fallthrough.serve({ key: 'alice' }).variationIndex).toBe(0);
  });
});

describe('PreparedSegment', () => {
  it('is prepared when first asked for, and once', () => {
    const segment = new PreparedSegment('s', segmentOf('s', { included: ['a'] }));
    expect(segment.plan()).toBe(segment.plan());
  });

  it('is prepared whatever the data is like', () => {
    expect(() => new PreparedSegment('s', { key: 's', included: 5, rules: [null, 7] } as never).plan()).not.toThrow();
  });

  it('knows whether its rules ask for segments', () => {
    const asking = segmentOf('s', { rules: [{ clauses: [] }, { clauses: [{ op: 'segmentMatch', values: [] }] }] });
    expect(new PreparedSegment('s', asking).plan().asksSegments).toBe(true);
    expect(new PreparedSegment('s', segmentOf('s', { rules: [{ clauses: [] }] })).plan().asksSegments).toBe(false);
  });
});
