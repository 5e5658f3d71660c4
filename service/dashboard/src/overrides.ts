// Overrides of a setting: which context keys are listed for which variation. Pure.
import type { SettingItem, Target } from './model.js';

/** Keys of one kind that get one variation, ahead of all rules. */
export interface Override {
  kind: string;
  variation: number;
  keys: string[];
}

/** In the order in which they are looked at: a placeholder stands for the users of its variation. */
export function overridesOf({ targets, contextTargets }: Pick<SettingItem, 'targets' | 'contextTargets'>): Override[] {
  const users = new Map(targets.map(({ variation, values }) => [variation, values ?? []]));
  const result: Override[] = [];
  for (const { contextKind, variation, values } of contextTargets) {
    const kind = contextKind || 'user';
    const waiting = kind === 'user' && (values?.length ?? 0) === 0 ? users.get(variation) : undefined;
    if (waiting) users.delete(variation);
    add(result, kind, variation, waiting ?? values ?? []);
  }
  for (const [variation, keys] of users) add(result, 'user', variation, keys);
  return result;
}

/** The same as `contextTargets` alone, which the service takes apart. */
export function toTargets(overrides: readonly Override[]): Target[] {
  return overrides
    .filter(({ keys }) => keys.length > 0)
    .map(({ kind, variation, keys }) => ({ contextKind: kind, variation, values: keys }));
}

/** Lists exactly these keys of a kind for a variation, and for no other one. */
export function setKeys(
  overrides: readonly Override[],
  kind: string,
  variation: number,
  keys: readonly string[],
): Override[] {
  const listed = new Set(keys);
  const result = overrides.map((override): Override => {
    if (override.kind !== kind) return override;
    if (override.variation === variation) return { ...override, keys: [...keys] };
    return override.keys.some((key) => listed.has(key))
      ? { ...override, keys: override.keys.filter((key) => !listed.has(key)) }
      : override;
  });
  const isThere = result.some((override) => override.kind === kind && override.variation === variation);
  return isThere ? result : [...result, { kind, variation, keys: [...keys] }];
}

/** Gives one key a variation, or none of its own. */
export function setKey(
  overrides: readonly Override[],
  kind: string,
  key: string,
  variation: number | undefined,
): Override[] {
  const without = overrides.map((override) =>
    override.kind === kind ? { ...override, keys: override.keys.filter((other) => other !== key) } : override,
  );
  if (variation === undefined) return without;
  const present = without.find((override) => override.kind === kind && override.variation === variation);
  return setKeys(without, kind, variation, [...(present?.keys ?? []), key]);
}

/** From `<kind> <key>` to the variation; the first list that has a key decides. */
export function variationByContext(overrides: readonly Override[]): Map<string, number> {
  const result = new Map<string, number>();
  for (const { kind, variation, keys } of overrides) {
    for (const key of keys) if (!result.has(`${kind} ${key}`)) result.set(`${kind} ${key}`, variation);
  }
  return result;
}

function add(overrides: Override[], kind: string, variation: number, keys: readonly string[]): void {
  if (keys.length === 0) return;
  const known = overrides.find((override) => override.kind === kind && override.variation === variation);
  if (known) known.keys = [...new Set([...known.keys, ...keys])];
  else overrides.push({ kind, variation, keys: [...keys] });
}
