// The least code that does the same job by hand: a look-up, conditions prepared once, a counter per variation, and the
// users seen. No errors, no other kinds, no versions, no bounds: it stands for the limit, not for a product.
import type { Clause, DataSet, Json, Setting } from 'feathery-server-sdk/protocol';
import { createManySettings, createSingleSettings, type Person } from '../support/scenarios.js';
import type { Contestant } from './contestant.js';
import { fraction, prepareBlock } from './sha1.js';

interface Prepared {
  readonly key: string;
  readonly variations: readonly Json[];
  readonly counts: number[];
  /** Index of the variation. */
  decide(person: Person): number;
}

type Condition = (person: Person) => boolean;

export function createContestant(): Contestant {
  const settings = prepareAll(createSingleSettings());
  const many = prepareAll(createManySettings());
  const seen = new Set<string>();
  return {
    analytics: 'counts and seen contexts',
    cannot: {},
    start: async () => {},
    user: ({ key, email, country, plan, appVersion }) => ({ key, email, country, plan, appVersion }),
    evaluate: (key, user, fallback) => {
      const setting = settings.get(key);
      if (setting === undefined) return fallback;
      const index = setting.decide(user as Person);
      setting.counts[index] = (setting.counts[index] as number) + 1;
      if (!seen.has((user as Person).key)) seen.add((user as Person).key);
      return setting.variations[index];
    },
    all: (user) => {
      const values: Record<string, unknown> = {};
      for (const { key, variations, decide } of many.values()) values[key] = variations[decide(user as Person)];
      return values;
    },
    close: () => {},
  };
}

function prepareAll(data: DataSet): Map<string, Prepared> {
  const keys = data.segments.members?.included ?? [];
  const members = new Set(keys);
  return new Map(Object.values(data.settings).map((setting) => [setting.key, prepare(setting, members)]));
}

function prepare(setting: Setting, members: ReadonlySet<string>): Prepared {
  const variations = setting.variations ?? [];
  return { key: setting.key, variations, counts: variations.map(() => 0), decide: createDecision(setting, members) };
}

function createDecision(setting: Setting, members: ReadonlySet<string>): Prepared['decide'] {
  const [target] = setting.targets ?? [];
  const rest = setting.fallthrough?.variation ?? 0;
  if (target !== undefined) {
    const keys = new Set(target.values);
    return ({ key }) => (keys.has(key) ? target.variation : rest);
  }
  if (setting.fallthrough?.rollout != null) return createSplit(setting);
  const rules = (setting.rules ?? []).map(({ clauses, variation }) => ({
    conditions: (clauses ?? []).map((clause) => createCondition(clause, members)),
    variation: variation ?? 0,
  }));
  if (rules.length === 0) return () => rest;
  return (person) => {
    for (const { conditions, variation } of rules) {
      if (allHold(conditions, person)) return variation;
    }
    return rest;
  };
}

function allHold(conditions: readonly Condition[], person: Person): boolean {
  for (const holds of conditions) {
    if (!holds(person)) return false;
  }
  return true;
}

function createCondition({ attribute, op, values }: Clause, members: ReadonlySet<string>): Condition {
  if (op === 'segmentMatch') return ({ key, plan }) => members.has(key) || plan === 'internal';
  if (op === 'semVerLessThan') {
    const least = parse((values as string[])[0] as string);
    return ({ appVersion }) => parse(appVersion) >= least;
  }
  const set = new Set(values as string[]);
  return attribute === 'country' ? ({ country }) => set.has(country) : ({ plan }) => set.has(plan);
}

/** Enough for three numbers below a million each. */
function parse(version: string): number {
  let value = 0;
  let part = 0;
  for (let index = 0; index < version.length; index++) {
    const code = version.charCodeAt(index);
    if (code === 46) {
      value = (value + part) * 1_000_000;
      part = 0;
    } else {
      part = part * 10 + code - 48;
    }
  }
  return value + part;
}

function createSplit({ key, salt, fallthrough }: Setting): Prepared['decide'] {
  const prefix = `${key}.${salt}.`;
  const block = prepareBlock(prefix);
  let sum = 0;
  const bounds = (fallthrough?.rollout?.variations ?? []).map(({ weight }) => {
    sum += weight / 100_000;
    return sum;
  });
  return (person) => {
    const place = fraction(block, prefix.length, person.key);
    let index = 0;
    while (index < bounds.length - 1 && place >= (bounds[index] as number)) index++;
    return index;
  };
}
