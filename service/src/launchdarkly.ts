// What LaunchDarkly writes → what an import brings. Pure. It knows two forms: the data set that SDKs get, and the list
// of flags of the REST API (`GET /api/v2/flags/{project}?summary=0`). Says flag where their JSON does.
import type { DataSet, Json, Rule, Segment, Setting } from 'feathery-server-sdk/protocol';
import { KEY_PATTERN } from './limits.js';
import { isObject } from './merge-patch.js';
import type { NewSetting } from './settings.js';
import type { SettingType } from './storage/definitions.js';
import type { ImportData, ImportedEnvironment } from './transfer.js';
import { completeSegment, completeSetting } from './wire.js';

type Fields = { readonly [field: string]: Json };

export interface LaunchDarklyImport extends ImportData {
  /** What was left out or needs a look, one sentence each. */
  readonly warnings: readonly string[];
}

const KEY = new RegExp(KEY_PATTERN);

/** Everything an SDK gets in one environment. Names and descriptions are not part of it. */
export function fromDataSet({ settings, segments }: DataSet, environment: string): LaunchDarklyImport {
  const warnings: string[] = [];
  const definitions: NewSetting[] = [];
  const items: Record<string, Setting> = {};
  for (const [key, setting] of Object.entries(settings)) {
    const variations = Array.isArray(setting.variations) ? (setting.variations as Json[]) : [];
    if (setting.deleted || !isImportable('flag', key, variations.length > 0, warnings)) continue;
    const item = converted('flag', key, warnings, () => completeSetting({ ...setting, key }));
    if (item === undefined) continue;
    items[key] = item;
    definitions.push({ key, type: typeOf(variations), variations: variations.map((value) => ({ value })) });
  }
  const imported = { key: environment, settings: items, segments: importSegments(segments, warnings) };
  return { settings: definitions, environments: [imported], warnings };
}

/**
 * The flags of a project with all their environments.
 *
 * @param environments - Key there → key here. Those that are not named are left out.
 */
export function fromFlagList(
  list: readonly Json[],
  environments: Readonly<Record<string, string>>,
): LaunchDarklyImport {
  const warnings: string[] = [];
  const definitions: NewSetting[] = [];
  const items = new Map(Object.values(environments).map((key) => [key, {} as Record<string, Setting>]));
  for (const flag of list) {
    if (!isObject(flag) || typeof flag.key !== 'string') continue;
    const { key } = flag;
    const variations = objectsIn(flag.variations);
    if (flag.archived === true) {
      warnings.push(`The flag "${key}" is archived and was left out.`);
      continue;
    }
    if (!isImportable('flag', key, variations.length > 0, warnings)) continue;
    definitions.push(toDefinition(key, flag, variations));
    const configs = isObject(flag.environments) ? flag.environments : {};
    for (const [there, here] of Object.entries(environments)) {
      const config = configs[there];
      if (!isObject(config)) continue;
      const item = converted('flag', key, warnings, () => toSetting(key, flag, config, variations));
      if (item !== undefined) (items.get(here) as Record<string, Setting>)[key] = item;
    }
  }
  return {
    settings: definitions,
    environments: [...items].map(([key, settings]): ImportedEnvironment => ({ key, settings, segments: {} })),
    warnings,
  };
}

/** Keys of the environments that a list of flags speaks of. */
export function environmentsIn(list: readonly Json[]): string[] {
  const keys = new Set<string>();
  for (const flag of list) {
    if (isObject(flag) && isObject(flag.environments)) for (const key of Object.keys(flag.environments)) keys.add(key);
  }
  return [...keys];
}

function toDefinition(key: string, flag: Fields, variations: readonly Fields[]): NewSetting {
  return {
    key,
    type: typeOf(variations.map(({ value }) => value ?? null)),
    name: text(flag.name) ?? key,
    description: text(flag.description) ?? '',
    tags: (Array.isArray(flag.tags) ? flag.tags : []).filter(
      (tag): tag is string => typeof tag === 'string' && KEY.test(tag),
    ),
    variations: variations.map(({ value, name, description }) => ({
      value: value ?? null,
      name: text(name) ?? '',
      description: text(description) ?? '',
    })),
  };
}

function toSetting(key: string, flag: Fields, config: Fields, variations: readonly Fields[]): Setting {
  const setting = {
    ...config,
    key,
    version: 0,
    variations: variations.map(({ value }) => value ?? null),
    rules: objectsIn(config.rules).map(toRule),
    fallthrough: isObject(config.fallthrough) ? toOutcome(config.fallthrough) : {},
    clientSideAvailability: flag.clientSideAvailability ?? null,
  };
  return completeSetting(setting as unknown as Setting);
}

/** The REST API has `_id` where the wire has `id`. */
function toRule(rule: Fields): Rule {
  return { ...toOutcome(rule), id: text(rule.id) ?? text(rule._id) ?? null } as unknown as Rule;
}

/** The REST API has `_untracked` where the wire has `untracked`. */
function toOutcome(outcome: Fields): Fields {
  const { rollout } = outcome;
  if (!isObject(rollout)) return outcome;
  const variations = objectsIn(rollout.variations).map(({ _untracked, ...weighted }) => ({
    ...weighted,
    ...(_untracked === true ? { untracked: true } : {}),
  }));
  return { ...outcome, rollout: { ...rollout, variations } };
}

function importSegments(segments: Readonly<Record<string, Segment>>, warnings: string[]): Record<string, Segment> {
  const items: Record<string, Segment> = {};
  for (const [key, segment] of Object.entries(segments)) {
    if (segment.deleted || !isImportable('segment', key, true, warnings)) continue;
    if (segment.unbounded) warnings.push(`The members of the big segment "${key}" are not part of the data.`);
    const item = converted('segment', key, warnings, () => completeSegment({ ...segment, key }));
    if (item !== undefined) items[key] = item;
  }
  return items;
}

/** Nobody has checked these shapes: an item that makes no sense must not keep the others out. */
function converted<T>(kind: 'flag' | 'segment', key: string, warnings: string[], convert: () => T): T | undefined {
  try {
    return convert();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    warnings.push(`The ${kind} "${key}" was left out: a field of it is not of its type.`);
    return undefined;
  }
}

function isImportable(kind: 'flag' | 'segment', key: string, hasVariations: boolean, warnings: string[]): boolean {
  if (!KEY.test(key)) warnings.push(`The ${kind} "${key}" was left out: its key cannot be one here.`);
  else if (!hasVariations) warnings.push(`The ${kind} "${key}" was left out: it has no variations.`);
  else return true;
  return false;
}

/** The narrowest type that all values are of. */
function typeOf(values: readonly Json[]): SettingType {
  const types = new Set(values.map((value) => typeof value));
  const [only] = types;
  return types.size === 1 && (only === 'boolean' || only === 'string' || only === 'number') ? only : 'json';
}

function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function objectsIn(list: Json | undefined): Fields[] {
  return Array.isArray(list) ? list.filter(isObject) : [];
}
