// Two environments side by side, and carrying over what differs.
import type { Json, Segment, Setting } from 'feathery-server-sdk/protocol';
import type { EnvironmentData } from './environment-data.js';
import { type EnvironmentDraft, NO_META } from './environment-draft.js';
import { isSameJson } from './merge-patch.js';
import { Problem } from './problems.js';
import type { ItemKind } from './storage/items.js';

type Fields = Readonly<Record<string, Json>>;

/** An item that is not the same in two environments: the fields that differ, or null where the item is missing. */
export interface Difference {
  readonly kind: ItemKind;
  readonly key: string;
  readonly here: Fields | null;
  readonly there: Fields | null;
}

/**
 * Fields in which environments may differ without serving anything else: a salt only decides who is on which side of a
 * rollout, and that is meant to be dealt anew in each environment.
 */
const OWN = new Set(['version', 'salt']);

/** What differs, settings first, in the order of the keys. Pure. */
export function compare(here: EnvironmentData, there: EnvironmentData): Difference[] {
  return [
    ...differences('setting', settingsOf(here), settingsOf(there)),
    ...differences('segment', segmentsOf(here), segmentsOf(there)),
  ];
}

export interface CopyWish {
  /** Keys; undefined: every one that differs. */
  readonly settings?: readonly string[] | undefined;
  readonly segments?: readonly string[] | undefined;
}

/**
 * Makes items of a draft as they are in another environment. Salts stay, so that nobody changes sides in a rollout;
 * segments that are missing there stay as well.
 *
 * @throws Problem 404 for a key that the other environment does not have.
 */
export function copyItems(draft: EnvironmentDraft, from: EnvironmentData, wish: CopyWish): void {
  const everything = wish.settings === undefined && wish.segments === undefined;
  for (const key of everything ? from.settings.keys() : (wish.settings ?? [])) {
    const setting = from.settings.get(key);
    if (setting === undefined) throw missing('setting', key, from);
    const { salt } = draft.setting(key) ?? setting;
    draft.setSetting({ ...setting, salt: salt ?? '' });
  }
  for (const key of everything ? from.segments.keys() : (wish.segments ?? [])) {
    const segment = from.segments.get(key);
    if (segment === undefined) throw missing('segment', key, from);
    const { salt } = draft.segment(key) ?? segment;
    draft.setSegment({ ...segment, salt: salt ?? '' }, from.segmentMeta.get(key) ?? NO_META);
  }
}

function differences(kind: ItemKind, here: Map<string, Fields>, there: Map<string, Fields>): Difference[] {
  const keys = [...new Set([...here.keys(), ...there.keys()])].sort();
  return keys.flatMap((key) => {
    const mine = here.get(key);
    const theirs = there.get(key);
    if (mine === undefined || theirs === undefined) return [{ kind, key, here: mine ?? null, there: theirs ?? null }];
    const fields = [...new Set([...Object.keys(mine), ...Object.keys(theirs)])].filter(
      (field) => !isSameJson(mine[field], theirs[field]),
    );
    return fields.length === 0 ? [] : [{ kind, key, here: pick(mine, fields), there: pick(theirs, fields) }];
  });
}

function settingsOf({ settings }: EnvironmentData): Map<string, Fields> {
  return new Map([...settings].map(([key, setting]) => [key, comparable(setting)]));
}

function segmentsOf({ segments, segmentMeta }: EnvironmentData): Map<string, Fields> {
  return new Map(
    [...segments].map(([key, segment]) => [key, comparable({ ...(segmentMeta.get(key) ?? NO_META), ...segment })]),
  );
}

function comparable(item: Setting | Segment): Fields {
  const fields = Object.entries(item).filter(([field]) => !OWN.has(field));
  return Object.fromEntries(fields.map(([field, value]) => [field, field === 'rules' ? withoutIds(value) : value]));
}

/** Rules that were made by hand in both environments say the same under different ids. */
function withoutIds(rules: Json): Json {
  return (rules as readonly Fields[]).map(({ id: _, ...rule }) => rule);
}

function pick(item: Fields, fields: readonly string[]): Fields {
  return Object.fromEntries(fields.map((field) => [field, item[field] ?? null]));
}

function missing(kind: ItemKind, key: string, { key: environment }: EnvironmentData): Problem {
  const code = kind === 'setting' ? 'setting_not_found' : 'segment_not_found';
  return new Problem(code, `There is no ${kind} "${key}" in ${environment}.`);
}
