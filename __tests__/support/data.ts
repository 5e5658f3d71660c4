import type { Context } from '../../lib/context.js';
import { type Detail, evaluate, type OnPrerequisite } from '../../lib/evaluate.js';
import type { DataSet, Segment, Setting } from '../../lib/protocol.js';
import { Store } from '../../lib/store.js';

/** A setting that is on and serves its first variation, `a`, unless told otherwise. */
export function settingOf(key: string, fields: Partial<Setting> = {}): Setting {
  return {
    key,
    version: 1,
    on: true,
    variations: ['a', 'b', 'c'],
    offVariation: 2,
    fallthrough: { variation: 0 },
    ...fields,
  };
}

export function segmentOf(key: string, fields: Partial<Segment> = {}): Segment {
  return { key, version: 1, ...fields };
}

export function dataSetOf(settings: readonly Setting[], segments: readonly Segment[] = []): DataSet {
  return {
    settings: Object.fromEntries(settings.map((setting) => [setting.key, setting])),
    segments: Object.fromEntries(segments.map((segment) => [segment.key, segment])),
  };
}

export function storeOf(settings: readonly Setting[], segments: readonly Segment[] = []): Store {
  const store = new Store();
  store.replaceAll(dataSetOf(settings, segments));
  return store;
}

/** Evaluates a setting that is known to exist. */
export function evaluateIn(store: Store, key: string, context: Context, onPrerequisite?: OnPrerequisite): Detail {
  const setting = store.setting(key);
  if (setting === undefined) throw new Error(`no setting ${key}`);
  return evaluate(store, setting, context, onPrerequisite);
}
