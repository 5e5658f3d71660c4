import type { SettingItem } from '../../dashboard/src/model.js';
import { baseOf, changesOf, type Draft, differences, merge } from '../../dashboard/src/pages/setting/draft.js';
import type { Definition } from '../../dashboard/src/settings.js';

const ITEM = {
  key: 'a',
  version: 7,
  on: true,
  variations: [true, false],
  offVariation: 1,
  fallthrough: { variation: 1 },
  prerequisites: [],
  targets: [{ variation: 0, values: ['ada'] }],
  contextTargets: [
    { contextKind: 'organization', variation: 0, values: ['acme'] },
    { contextKind: 'user', variation: 0, values: [] },
  ],
  rules: [],
  salt: '',
} satisfies SettingItem;
const DEFINITION = {
  version: 3,
  variations: [{ value: true }, { value: false }],
  valueSchema: null,
} as unknown as Definition;
const base = baseOf(ITEM, DEFINITION);
const draft = (parts: Partial<Draft>): Draft => ({ ...base.draft, ...parts });

describe('a draft', () => {
  it('of nothing changed asks for nothing', () => {
    expect(changesOf(base, draft({}))).toEqual([]);
  });

  it('asks for the fields that differ, for the version it was made from', () => {
    expect(changesOf(base, draft({ offVariation: 0 }))).toEqual([
      { setting: 'a', patch: { offVariation: 0 }, version: 7 },
    ]);
  });

  it('asks for a new value together with what serves it', () => {
    const variations = [...base.draft.variations, { value: null }];
    expect(changesOf(base, draft({ variations, offVariation: 2 }))).toEqual([
      { definition: 'a', patch: { variations }, version: 3 },
      { setting: 'a', patch: { offVariation: 2 }, version: 7 },
    ]);
  });

  it('sends overrides of users and others as one list', () => {
    const overrides = [{ kind: 'user', variation: 1, keys: ['ada'] }];
    expect(changesOf(base, draft({ overrides }))[0]?.patch).toEqual({
      targets: [],
      contextTargets: [{ contextKind: 'user', variation: 1, values: ['ada'] }],
    });
  });

  it('is the same with an override list that became empty', () => {
    expect(
      differences(
        base.draft,
        draft({ overrides: [...base.draft.overrides, { kind: 'user', variation: 1, keys: [] }] }),
      ),
    ).toEqual([]);
  });
});

describe('merging a draft with what somebody else saved', () => {
  it('keeps both where they touch different fields', () => {
    const merged = merge(base.draft, draft({ offVariation: 0 }), draft({ fallthrough: { variation: 0 } }));
    expect(merged).toEqual({ draft: draft({ offVariation: 0, fallthrough: { variation: 0 } }), conflicts: [] });
  });

  it('names the field that both changed, and keeps mine', () => {
    const merged = merge(
      base.draft,
      draft({ fallthrough: { variation: 0 } }),
      draft({ fallthrough: { variation: 2 } }),
    );
    expect(merged.conflicts).toEqual(['fallthrough']);
    expect(merged.draft.fallthrough).toEqual({ variation: 0 });
  });

  it('is no conflict when both did the same', () => {
    expect(merge(base.draft, draft({ offVariation: 0 }), draft({ offVariation: 0 })).conflicts).toEqual([]);
  });

  it('merges overrides key by key', () => {
    const [organizations, users] = base.draft.overrides;
    if (!organizations || !users) throw new Error('there are two');
    const mine = draft({ overrides: [{ ...organizations, keys: ['acme', 'globex'] }, users] });
    const theirs = draft({ overrides: [{ ...organizations, keys: ['initech'] }, users] });
    const merged = merge(base.draft, mine, theirs);
    expect(merged.conflicts).toEqual([]);
    expect(merged.draft.overrides[0]).toEqual({ ...organizations, keys: ['initech', 'globex'] });
  });

  it('is a conflict when both give one key another variation', () => {
    const mine = draft({ overrides: [{ kind: 'user', variation: 1, keys: ['ada'] }] });
    const theirs = draft({ overrides: [{ kind: 'user', variation: 2, keys: ['ada'] }] });
    expect(merge(base.draft, mine, theirs).conflicts).toEqual(['overrides']);
  });
});
