// Whom a change would give another value, found by evaluating before and after it. Pure.
import {
  affectedSettings,
  type Detail,
  evaluate,
  PreparedSegment,
  PreparedSetting,
  type Segment,
  type Setting,
  type StoreView,
  type View,
} from 'feathery-server-sdk/protocol';
import { isSameJson } from './merge-patch.js';
import type { RecentContext } from './recent-contexts.js';
import type { LoggedChange } from './storage/change-log.js';

/** Settings looked at; a segment may be used by very many. */
const MAX_SETTINGS = 100;
const MAX_EXAMPLES = 100;

/** A context that gets another value of a setting. */
export interface Effect {
  readonly setting: string;
  readonly kind: string;
  readonly key: string;
  readonly name: string | null;
  readonly before: Detail;
  readonly after: Detail;
}

export interface Effects {
  /** Contexts looked at, by kind. */
  readonly considered: Record<string, number>;
  /** Those that get another value of at least one setting, by kind. */
  readonly changed: Record<string, number>;
  /** From one value of a setting to another: how many contexts of a kind. */
  readonly transitions: readonly (Pick<Effect, 'setting' | 'kind' | 'before' | 'after'> & { readonly count: number })[];
  /** Some of them by name. */
  readonly examples: readonly Effect[];
}

export function effectsOf(
  before: StoreView,
  changes: readonly LoggedChange[],
  contexts: readonly RecentContext[],
): Effects {
  const after = viewAfter(before, changes);
  const keys = [...affectedSettings(before, changes)].slice(0, MAX_SETTINGS);
  const considered: Record<string, number> = {};
  const changed: Record<string, number> = {};
  const transitions = new Map<string, Effect & { count: number }>();
  const examples: Effect[] = [];
  for (const { seen, context } of contexts) {
    count(considered, seen.kind);
    let differs = false;
    for (const setting of keys) {
      const was = before.setting(setting);
      const is = after.setting(setting);
      if (was === undefined || is === undefined) continue;
      const [old, now] = [evaluate(before, was, context), evaluate(after, is, context)];
      if (isSameJson(old.value, now.value)) continue;
      differs = true;
      const effect = { setting, kind: seen.kind, key: seen.key, name: seen.name, before: old, after: now };
      if (examples.length < MAX_EXAMPLES) examples.push(effect);
      const id = JSON.stringify([setting, seen.kind, old.variationIndex, now.variationIndex]);
      const transition = transitions.get(id) ?? { ...effect, count: 0 };
      transition.count++;
      transitions.set(id, transition);
    }
    if (differs) count(changed, seen.kind);
  }
  return { considered, changed, transitions: [...transitions.values()].sort((a, b) => b.count - a.count), examples };
}

/** The items as they would be, without copying those that stay. */
function viewAfter(view: StoreView, changes: readonly LoggedChange[]): View {
  const settings = new Map<string, PreparedSetting | undefined>();
  const segments = new Map<string, PreparedSegment | undefined>();
  for (const { kind, key, item } of changes) {
    if (kind === 'setting') settings.set(key, item === null ? undefined : new PreparedSetting(key, item as Setting));
    else segments.set(key, item === null ? undefined : new PreparedSegment(key, item as Segment));
  }
  return {
    setting: (key) => (settings.has(key) ? settings.get(key) : view.setting(key)),
    segment: (key) => (segments.has(key) ? segments.get(key) : view.segment(key)),
  };
}

function count(counts: Record<string, number>, kind: string): void {
  counts[kind] = (counts[kind] ?? 0) + 1;
}
