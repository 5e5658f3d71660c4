// A change of one item in a few words, for the people who watch. Pure.
import { isDeepStrictEqual } from 'node:util';
import type { Item } from './storage/items.js';

/** What each part of an item is called; parts not listed go by their own name. */
const PART_NAMES: Readonly<Record<string, string>> = {
  targets: 'overrides',
  contextTargets: 'overrides',
  offVariation: 'off variation',
  included: 'members',
  excluded: 'members',
  includedContexts: 'members',
  excludedContexts: 'members',
  clientSide: 'availability',
  clientSideAvailability: 'availability',
  debugEventsUntilDate: 'debugging',
  trackEvents: 'tracking',
  trackEventsFallthrough: 'tracking',
};

/** Fields whose change says nothing. */
const SILENT = new Set(['version', 'key', 'deleted', 'on']);

/** For example "turned on, rules changed". `null` is a deleted item, `undefined` one that was not there. */
export function changeSummary(before: Item | null | undefined, after: Item | null): string {
  if (after === null) return 'deleted';
  if (before === undefined || before === null) return 'created';
  const said = [...switched(before, after), ...changedParts(before, after)];
  return said.length === 0 ? 'saved without a difference' : said.join(', ');
}

function switched(before: Item, after: Item): string[] {
  const was = 'on' in before && before.on === true;
  const is = 'on' in after && after.on === true;
  if (was === is) return [];
  return [is ? 'turned on' : 'turned off'];
}

function changedParts(before: Item, after: Item): string[] {
  const [old, now] = [before, after] as unknown as Record<string, unknown>[] as [
    Record<string, unknown>,
    Record<string, unknown>,
  ];
  const parts = new Set<string>();
  for (const field of new Set([...Object.keys(old), ...Object.keys(now)])) {
    if (SILENT.has(field) || isDeepStrictEqual(old[field], now[field])) continue;
    parts.add(PART_NAMES[field] ?? field);
  }
  return [...parts].map((part) => `${part} changed`);
}
