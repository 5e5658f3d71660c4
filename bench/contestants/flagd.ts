import { FlagdCore } from '@openfeature/flagd-core';
import type { Clause, Json, Setting } from 'feathery-server-sdk/protocol';
import { createManySettings, createSingleSettings } from '../support/scenarios.js';
import type { Contestant } from './contestant.js';

type Context = Readonly<Record<string, string>>;
type Logic = unknown;

/** The evaluator of flagd's in-process provider, fed in process: targeting is JSON Logic. */
export function createContestant(): Contestant {
  const single = new FlagdCore();
  const many = new FlagdCore();
  const { segments, settings } = createSingleSettings();
  return {
    analytics: 'none',
    cannot: {},
    start: async () => {
      const members = or([{ in: [KEY, segments.members?.included ?? []] }, { '==': [{ var: 'plan' }, 'internal'] }]);
      single.setConfigurations(JSON.stringify({ flags: translate(settings, members) }));
      many.setConfigurations(JSON.stringify({ flags: translate(createManySettings().settings, false) }));
    },
    user: ({ key, email, country, plan, appVersion }) => ({ targetingKey: key, email, country, plan, appVersion }),
    evaluate: (key, user, fallback) => {
      const context = user as Context;
      if (key === 'document') return single.resolveObjectEvaluation(key, fallback as null, context).value;
      if (typeof fallback === 'string') return single.resolveStringEvaluation(key, fallback, context).value;
      return single.resolveBooleanEvaluation(key, fallback as boolean, context).value;
    },
    all: (user) => {
      const values: Record<string, unknown> = {};
      for (const { flagKey, value } of many.resolveAll(user as Context)) values[flagKey] = value;
      return values;
    },
    close: () => {},
  };
}

const KEY = { var: 'targetingKey' };

function translate(settings: Readonly<Record<string, Setting>>, members: Logic): object {
  return Object.fromEntries(
    Object.values(settings).map((setting) => {
      const variants = Object.fromEntries((setting.variations ?? []).map((value, index) => [nameOf(index), value]));
      const targeting = targetingOf(setting, members);
      const defaultVariant = nameOf(setting.fallthrough?.variation ?? 0);
      return [
        setting.key,
        { state: 'ENABLED', variants, defaultVariant, ...(targeting !== undefined && { targeting }) },
      ];
    }),
  );
}

function targetingOf({ targets, rules, fallthrough }: Setting, members: Logic): Logic {
  const [target] = targets ?? [];
  const rest = nameOf(fallthrough?.variation ?? 0);
  if (target !== undefined) return { if: [{ in: [KEY, target.values ?? []] }, nameOf(target.variation), rest] };
  const weighted = fallthrough?.rollout?.variations;
  if (weighted != null)
    return { fractional: weighted.map(({ variation, weight }) => [nameOf(variation), weight / 1000]) };
  if (rules == null || rules.length === 0) return undefined;
  const branches = rules.flatMap(({ clauses, variation }) => [
    { and: (clauses ?? []).map((clause) => translateClause(clause, members)) },
    nameOf(variation ?? 0),
  ]);
  return { if: [...branches, rest] };
}

function translateClause({ attribute, op, values }: Clause, members: Logic): Logic {
  if (op === 'segmentMatch') return members;
  const [first] = (values ?? []) as Json[];
  if (op === 'semVerLessThan') return { sem_ver: [{ var: attribute }, '>=', first] };
  return values?.length === 1 ? { '==': [{ var: attribute }, first] } : { in: [{ var: attribute }, values] };
}

function or(conditions: readonly Logic[]): Logic {
  return { or: conditions };
}

function nameOf(variation: number): string {
  return `variation-${variation}`;
}
