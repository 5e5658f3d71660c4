// A setting as somebody is about to make it, apart from how it is. Pure.
import type { Change } from '../../changes.js';
import { isSameJson } from '../../json.js';
import type { Json, SettingItem, Variation } from '../../model.js';
import { type Override, overridesOf, setKey, toTargets, variationByContext } from '../../overrides.js';
import type { Definition } from '../../settings.js';

/** What can be edited, of one environment and of all of them. */
export interface Draft {
  offVariation: number | null;
  fallthrough: SettingItem['fallthrough'];
  prerequisites: SettingItem['prerequisites'];
  overrides: Override[];
  rules: SettingItem['rules'];
  /** The same in every environment. */
  variations: Variation[];
  valueSchema: Json;
}

export const FIELDS = [
  'prerequisites',
  'overrides',
  'rules',
  'fallthrough',
  'offVariation',
  'variations',
  'valueSchema',
] as const satisfies (keyof Draft)[];
export type Field = (typeof FIELDS)[number];

/** What a draft was made from. */
export interface Base {
  item: SettingItem;
  definition: Definition;
  draft: Draft;
}

export function baseOf(item: SettingItem, definition: Definition): Base {
  const { offVariation, fallthrough, prerequisites, rules } = item;
  const { variations, valueSchema } = definition;
  const overrides = overridesOf(item);
  return {
    item,
    definition,
    draft: { offVariation, fallthrough, prerequisites, overrides, rules, variations, valueSchema },
  };
}

/** The fields in which two drafts differ. */
export function differences(a: Draft, b: Draft): Field[] {
  return FIELDS.filter((field) => !isSameJson(plain(a, field), plain(b, field)));
}

/** What the service is asked for, so that what it has becomes the draft. Nothing when they are the same. */
export function changesOf({ item, definition, draft: before }: Base, draft: Draft): Change[] {
  const fields = new Set(differences(before, draft));
  const changes: Change[] = [];
  const shared: Record<string, unknown> = {};
  if (fields.has('variations')) shared.variations = draft.variations;
  if (fields.has('valueSchema')) shared.valueSchema = draft.valueSchema;
  if (Object.keys(shared).length > 0) {
    changes.push({ definition: item.key, patch: shared, version: definition.version });
  }
  const own: Record<string, unknown> = {};
  for (const field of ['offVariation', 'fallthrough', 'prerequisites', 'rules'] as const) {
    if (fields.has(field)) own[field] = draft[field];
  }
  if (fields.has('overrides')) Object.assign(own, { targets: [], contextTargets: toTargets(draft.overrides) });
  if (Object.keys(own).length > 0) changes.push({ setting: item.key, patch: own, version: item.version });
  return changes;
}

export interface Merged {
  draft: Draft;
  /** Fields that both sides changed, each in another way; the draft has mine. */
  conflicts: Field[];
}

/** Puts what I changed since `base` on top of `theirs`. Overrides are merged key by key. */
export function merge(base: Draft, mine: Draft, theirs: Draft): Merged {
  const draft: Draft = { ...theirs };
  const conflicts: Field[] = [];
  for (const field of differences(base, mine)) {
    const theyChanged = !isSameJson(plain(base, field), plain(theirs, field));
    const agree = isSameJson(plain(mine, field), plain(theirs, field));
    if (field === 'overrides' && theyChanged && !agree) {
      const { overrides, isConflict } = mergeOverrides(base.overrides, mine.overrides, theirs.overrides);
      draft.overrides = overrides;
      if (isConflict) conflicts.push(field);
      continue;
    }
    Object.assign(draft, { [field]: mine[field] });
    if (theyChanged && !agree) conflicts.push(field);
  }
  return { draft, conflicts };
}

function mergeOverrides(base: Override[], mine: Override[], theirs: Override[]) {
  const [was, my, their] = [base, mine, theirs].map(variationByContext) as [Lists, Lists, Lists];
  let overrides = theirs;
  let isConflict = false;
  for (const id of new Set([...was.keys(), ...my.keys()])) {
    if (was.get(id) === my.get(id)) continue;
    if (was.get(id) !== their.get(id) && my.get(id) !== their.get(id)) isConflict = true;
    const [kind, key] = [id.slice(0, id.indexOf(' ')), id.slice(id.indexOf(' ') + 1)];
    overrides = setKey(overrides, kind, key, my.get(id));
  }
  return { overrides, isConflict };
}

type Lists = Map<string, number>;

/** Without lists that became empty, and other forms of the same. */
function plain(draft: Draft, field: Field): Json {
  if (field !== 'overrides') return draft[field] as unknown as Json;
  return Object.fromEntries([...variationByContext(draft.overrides)].sort(([a], [b]) => (a < b ? -1 : 1)));
}
