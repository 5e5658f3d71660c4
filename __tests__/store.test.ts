import type { Change } from '../lib/protocol.js';
import { Store } from '../lib/store.js';
import { dataSetOf, segmentOf, settingOf, storeOf } from './support/data.js';

const patch = (key: string, version: number): Change => ({
  kind: 'setting',
  key,
  version,
  item: settingOf(key, { version }),
});
const deletion = (key: string, version: number): Change => ({ kind: 'setting', key, version, item: null });
const segmentPatch = (key: string, version: number): Change => ({
  kind: 'segment',
  key,
  version,
  item: segmentOf(key, { version }),
});

describe('store', () => {
  it('is empty and not initialized at first', () => {
    const store = new Store();
    expect(store.initialized).toBe(false);
    expect(store.revision).toBeUndefined();
    expect([...store.settingKeys(), ...store.settings(), ...store.segments()]).toEqual([]);
    expect(store.setting('a')).toBeUndefined();
  });

  describe('replaceAll', () => {
    it('stores everything and initializes', () => {
      const store = new Store();
      store.replaceAll(dataSetOf([settingOf('a', { version: 3 })], [segmentOf('s', { version: 4 })]), 9);
      expect(store.initialized).toBe(true);
      expect(store.revision).toBe(9);
      expect(store.setting('a')).toMatchObject({ key: 'a', version: 3 });
      expect(store.segment('s')).toMatchObject({ key: 's', version: 4 });
      expect(store.setting('s')).toBeUndefined();
    });

    it('replaces whatever the versions are', () => {
      const store = storeOf([settingOf('a', { version: 9, salt: 'old' }), settingOf('gone', { version: 1 })]);
      store.replaceAll(dataSetOf([settingOf('a', { version: 2, salt: 'new' })]));
      expect(store.setting('a')).toMatchObject({ version: 2, source: { salt: 'new' } });
      expect(store.setting('gone')).toBeUndefined();
    });

    it('takes new content of the same version', () => {
      const store = storeOf([settingOf('a', { salt: 'old' })]);
      store.replaceAll(dataSetOf([settingOf('a', { salt: 'new' })]));
      expect(store.setting('a')?.source.salt).toBe('new');
    });

    it('returns what appeared, disappeared or has another version', () => {
      const store = storeOf(
        [settingOf('same'), settingOf('older', { version: 5 }), settingOf('gone')],
        [segmentOf('same')],
      );
      const changed = store.replaceAll(
        dataSetOf(
          [settingOf('same'), settingOf('older', { version: 4 }), settingOf('new')],
          [segmentOf('same'), segmentOf('new')],
        ),
      );
      expect(changed).toEqual([
        { kind: 'setting', key: 'older' },
        { kind: 'setting', key: 'new' },
        { kind: 'setting', key: 'gone' },
        { kind: 'segment', key: 'new' },
      ]);
    });

    it('keeps deleted items as tombstones', () => {
      const store = storeOf([settingOf('a', { version: 5, deleted: true })]);
      expect(store.setting('a')).toBeUndefined();
      expect(store.apply([patch('a', 5)])).toEqual([]);
      expect(store.apply([patch('a', 6)])).toHaveLength(1);
    });

    it('forgets older tombstones', () => {
      const store = storeOf([]);
      store.apply([deletion('a', 5)]);
      store.replaceAll(dataSetOf([]));
      expect(store.apply([patch('a', 1)])).toEqual([{ kind: 'setting', key: 'a' }]);
    });

    it('forgets the revision when the new data has none', () => {
      const store = new Store();
      store.replaceAll(dataSetOf([]), 7);
      store.replaceAll(dataSetOf([]));
      expect(store.revision).toBeUndefined();
    });

    it('takes an item without version for version 0', () => {
      const store = new Store();
      store.replaceAll({
        settings: { a: { key: 'a' } as never, b: { key: 'b', version: 'x' } as never },
        segments: {},
      });
      expect([store.setting('a')?.version, store.setting('b')?.version]).toEqual([0, 0]);
      expect(store.apply([patch('a', 0), patch('b', 1)])).toEqual([{ kind: 'setting', key: 'b' }]);
    });
  });

  describe('apply', () => {
    it.each([
      [4, false],
      [5, false],
      [6, true],
    ])('of version %i to version 5 is %s', (version, applied) => {
      const store = storeOf([settingOf('a', { version: 5 })]);
      expect(store.apply([patch('a', version)])).toHaveLength(applied ? 1 : 0);
      expect(store.setting('a')?.version).toBe(applied ? version : 5);
    });

    it.each([
      [4, false],
      [5, false],
      [6, true],
    ])('of a deletion of version %i to version 5 is %s', (version, applied) => {
      const store = storeOf([settingOf('a', { version: 5 })]);
      expect(store.apply([deletion('a', version)])).toHaveLength(applied ? 1 : 0);
      expect(store.setting('a') === undefined).toBe(applied);
    });

    it('does not let an older change bring a deleted item back', () => {
      const store = storeOf([settingOf('a', { version: 5 })]);
      store.apply([deletion('a', 8)]);
      expect(store.apply([patch('a', 8)])).toEqual([]);
      expect(store.apply([patch('a', 9)])).toEqual([{ kind: 'setting', key: 'a' }]);
      expect(store.setting('a')?.version).toBe(9);
    });

    it('remembers the deletion of an item it never had', () => {
      const store = storeOf([]);
      expect(store.apply([deletion('a', 3)])).toEqual([{ kind: 'setting', key: 'a' }]);
      expect(store.apply([patch('a', 3)])).toEqual([]);
    });

    it('lets a newer deletion replace a tombstone', () => {
      const store = storeOf([]);
      store.apply([deletion('a', 3), deletion('a', 5)]);
      expect(store.apply([patch('a', 4)])).toEqual([]);
    });

    it('keeps the versions of a setting and a segment of the same key apart', () => {
      const store = storeOf([settingOf('a', { version: 5 })]);
      expect(store.apply([segmentPatch('a', 1)])).toEqual([{ kind: 'segment', key: 'a' }]);
      expect(store.setting('a')?.version).toBe(5);
    });

    it('applies several changes and returns those that were new', () => {
      const store = storeOf([settingOf('a', { version: 5 }), settingOf('b')]);
      const applied = store.apply([patch('a', 4), patch('b', 2), deletion('c', 1), segmentPatch('s', 1)], 12);
      expect(applied).toEqual([
        { kind: 'setting', key: 'b' },
        { kind: 'setting', key: 'c' },
        { kind: 'segment', key: 's' },
      ]);
      expect(store.revision).toBe(12);
    });

    it('does not initialize', () => {
      const store = new Store();
      store.apply([patch('a', 1)]);
      expect(store.initialized).toBe(false);
      expect(store.setting('a')?.version).toBe(1);
    });

    it('keeps the revision when none comes with the changes', () => {
      const store = new Store();
      store.replaceAll(dataSetOf([]), 7);
      store.apply([patch('a', 1)]);
      expect(store.revision).toBe(7);
    });
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', ''])(
    'takes %j for a key like any other',
    (key) => {
      const store = new Store();
      expect(store.setting(key)).toBeUndefined();
      store.apply([patch(key, 1), segmentPatch(key, 1)]);
      expect(store.setting(key)?.key).toBe(key);
      expect(store.segment(key)?.key).toBe(key);
      const { settings } = store.dataSet();
      expect(Object.keys(settings)).toEqual([key]);
      expect(JSON.parse(JSON.stringify(settings))).toEqual(settings);
      store.replaceAll(store.dataSet());
      expect(store.setting(key)?.version).toBe(1);
      store.apply([deletion(key, 2)]);
      expect(store.setting(key)).toBeUndefined();
    },
  );

  it('gives out its data as it came, deleted items left out', () => {
    const data = dataSetOf([settingOf('a'), settingOf('b')], [segmentOf('s')]);
    const store = new Store();
    store.replaceAll(data);
    store.apply([deletion('b', 2)]);
    expect(store.dataSet()).toEqual({ settings: { a: data.settings.a }, segments: data.segments });
    expect(store.dataSet().settings.a).toBe(data.settings.a);
  });

  describe('a frozen view', () => {
    it('stays as it was, whatever comes', () => {
      const store = storeOf([settingOf('a', { version: 1 }), settingOf('b')], [segmentOf('s')]);
      store.apply([], 5);
      const view = store.freeze();
      store.apply(
        [patch('a', 2), deletion('b', 2), patch('c', 1), { kind: 'segment', key: 's', version: 2, item: null }],
        6,
      );
      expect([...view.settingKeys(), view.revision]).toEqual(['a', 'b', 5]);
      expect([...view.settings(), ...view.segments()].map(({ key }) => key)).toEqual(['a', 'b', 's']);
      expect([view.setting('a')?.version, view.setting('b')?.version, view.segment('s')?.version]).toEqual([1, 1, 1]);
      expect(view.setting('c')).toBeUndefined();
      expect([...store.settingKeys(), store.revision]).toEqual(['a', 'c', 6]);
      store.replaceAll(dataSetOf([]), 7);
      expect(view.setting('a')?.version).toBe(1);
    });

    it('is one of many, each of its own moment', () => {
      const store = storeOf([settingOf('a', { version: 1 })]);
      const views = [1, 2, 3].map((version) => {
        const view = store.freeze();
        store.apply([patch('a', version + 1)]);
        return view;
      });
      expect(views.map((view) => view.setting('a')?.version)).toEqual([1, 2, 3]);
      expect(store.setting('a')?.version).toBe(4);
    });

    it('shares prepared items with the store', () => {
      const store = storeOf([settingOf('a'), settingOf('b')]);
      const view = store.freeze();
      store.apply([patch('b', 2)]);
      expect(view.setting('a')).toBe(store.setting('a'));
    });
  });
});
