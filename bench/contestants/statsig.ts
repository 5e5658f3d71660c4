import { Statsig, StatsigUser } from '@statsig/statsig-node-core';
import type { Clause, Json, Setting } from 'feathery-server-sdk/protocol';
import { createSingleSettings } from '../support/scenarios.js';
import type { Contestant } from './contestant.js';

const SDK_KEY = 'secret-bench';

/** Where its SDK asks for its settings, below the origin. */
export const STATSIG_PATH = '/statsig/specs';

/** A Rust library: what crosses into it and back is part of the time. */
export function createContestant(): Contestant {
  let client: Statsig;
  return {
    analytics: 'an exposure for each user',
    cannot: { S6: 'only as a text for browsers' },
    start: async ({ origin }) => {
      client = new Statsig(SDK_KEY, {
        specsUrl: `${origin}${STATSIG_PATH}`,
        logEventUrl: `${origin}/statsig/events`,
        disableCountryLookup: true,
        outputLogLevel: 'none',
        specsSyncIntervalMs: 600_000,
      });
      await client.initialize();
    },
    user: ({ key, email, country, plan, appVersion }) =>
      new StatsigUser({ userID: key, email, country, appVersion, custom: { plan } }),
    evaluate: (key, user) => {
      const asked = user as StatsigUser;
      if (key === 'document') return client.getDynamicConfig(asked, key).value;
      if (key === 'five-rules' || key === 'split') return client.getDynamicConfig(asked, key).getValue('value', 'none');
      return client.checkGate(asked, key);
    },
    close: async () => {
      await client.shutdown();
    },
  };
}

interface Condition {
  readonly type: string;
  readonly targetValue: unknown;
  readonly operator?: string;
  readonly field?: string;
  readonly additionalValues?: object;
  readonly idType: string;
}

/** What its service would answer. */
export function statsigSpecs(): string {
  const { settings, segments } = createSingleSettings();
  const conditions: Record<string, Condition> = {};
  const refer = (condition: Omit<Condition, 'idType'>) => {
    const id = `condition-${Object.keys(conditions).length}`;
    conditions[id] = { ...condition, idType: 'userID' };
    return id;
  };
  const keys = { type: 'unit_id', operator: 'any_case_sensitive', targetValue: segments.members?.included };
  const staff = { type: 'user_field', field: 'plan', operator: 'any_case_sensitive', targetValue: ['internal'] };
  const members = [rule([refer(keys)], true), rule([refer(staff)], true)];
  const gates: Record<string, object> = { 'segment:members': gate(members, 'segment') };
  const configs: Record<string, object> = {};
  for (const setting of Object.values(settings)) {
    const value = (variation: number) => setting.variations?.[variation] as Json;
    if (setting.variations?.[0] === true) gates[setting.key] = gate(gateRules(setting, refer));
    else if (setting.key === 'document')
      configs[setting.key] = config([rule([refer({ type: 'public', targetValue: null })], value(0))]);
    else configs[setting.key] = config(configRules(setting, refer, (variation) => ({ value: value(variation) })));
  }
  return JSON.stringify({
    has_updates: true,
    time: 1,
    company_id: 'bench',
    feature_gates: gates,
    dynamic_configs: configs,
    layer_configs: {},
    layers: {},
    condition_map: conditions,
    experiment_to_layer: {},
    param_stores: {},
  });
}

type Refer = (condition: Omit<Condition, 'idType'>) => string;

function gateRules({ targets, rules }: Setting, refer: Refer): object[] {
  const [target] = targets ?? [];
  if (target !== undefined) {
    return [rule([refer({ type: 'unit_id', operator: 'any_case_sensitive', targetValue: target.values })], true)];
  }
  if ((rules ?? []).length > 0) return [rule([refer({ type: 'pass_gate', targetValue: 'segment:members' })], true)];
  return [rule([refer({ type: 'public', targetValue: null })], true)];
}

function configRules(
  { rules, fallthrough, salt }: Setting,
  refer: Refer,
  value: (variation: number) => object,
): object[] {
  const weighted = fallthrough?.rollout?.variations;
  if (weighted != null) {
    let sum = 0;
    return weighted.map(({ variation, weight }) => {
      // Its buckets go from 0 to 999.
      sum += weight / 100;
      const below = { type: 'user_bucket', operator: 'lt', targetValue: sum, additionalValues: { salt } };
      return rule([refer(below)], value(variation));
    });
  }
  return (rules ?? []).map(({ clauses, variation }) =>
    rule(
      (clauses ?? []).map((clause) => refer(translateClause(clause))),
      value(variation ?? 0),
    ),
  );
}

function translateClause({ attribute, op, values }: Clause): Omit<Condition, 'idType'> {
  const field = attribute ?? '';
  if (op === 'semVerLessThan') return { type: 'user_field', field, operator: 'version_gte', targetValue: values?.[0] };
  return { type: 'user_field', field, operator: 'any_case_sensitive', targetValue: values };
}

let rules = 0;

function rule(conditions: readonly string[], returnValue: Json | object): object {
  const id = `rule-${++rules}`;
  return { name: id, id, salt: id, groupName: id, passPercentage: 100, conditions, returnValue, idType: 'userID' };
}

function gate(ofGate: readonly object[], entity = 'feature_gate'): object {
  return spec('feature_gate', entity, false, ofGate);
}

function config(ofConfig: readonly object[]): object {
  return spec('dynamic_config', 'dynamic_config', {}, ofConfig);
}

function spec(type: string, entity: string, defaultValue: Json, ofSpec: readonly object[]): object {
  return { type, entity, salt: 'salt', defaultValue, enabled: true, idType: 'userID', rules: ofSpec, version: 1 };
}
