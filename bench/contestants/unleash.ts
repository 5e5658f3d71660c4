import type { Clause, Setting } from 'feathery-server-sdk/protocol';
import { type Context, startUnleash, type Unleash } from 'unleash-client';
import { createSingleSettings } from '../support/scenarios.js';
import type { Contestant } from './contestant.js';

const MEMBERS = 1;

/** Where its SDK asks for its settings, below the origin. */
export const UNLEASH_PATH = '/unleash/client/features';

export function createContestant(): Contestant {
  let client: Unleash;
  return {
    analytics: 'counts',
    cannot: { S6: 'no call for all settings' },
    start: async ({ origin }) => {
      client = await startUnleash({ url: `${origin}/unleash/`, appName: 'bench', disableMetrics: false });
    },
    user: ({ key, email, country, plan, appVersion }) => ({
      userId: key,
      properties: { email, country, plan, appVersion },
    }),
    evaluate: (key, user) => {
      const context = user as Context;
      if (key === 'five-rules' || key === 'split') return client.getVariant(key, context).name;
      // Its documents are texts, for the caller to parse.
      if (key === 'document') return JSON.parse(client.getVariant(key, context).payload?.value ?? 'null');
      return client.isEnabled(key, context);
    },
    close: () => client.destroy(),
  };
}

/** What its service would answer. */
export function unleashFeatures(): string {
  const { settings, segments } = createSingleSettings();
  const constraints = [{ contextName: 'userId', operator: 'IN', values: segments.members?.included }];
  const features = Object.values(settings).map(translate);
  return JSON.stringify({ version: 2, features, segments: [{ id: MEMBERS, name: 'members', constraints }] });
}

function translate(setting: Setting): object {
  return {
    name: setting.key,
    type: 'release',
    enabled: true,
    strategies: strategiesOf(setting),
    variants: variantsOf(setting),
  };
}

function strategiesOf({ key, targets, rules, variations }: Setting): object[] {
  const [target] = targets ?? [];
  const strategy = (constraints: object[], more: object = {}) => ({
    name: 'default',
    parameters: {},
    constraints,
    ...more,
  });
  if (target !== undefined) return [strategy([{ contextName: 'userId', operator: 'IN', values: target.values }])];
  if (key === 'segment') {
    const staff = [{ contextName: 'plan', operator: 'IN', values: ['internal'] }];
    return [strategy([], { segments: [MEMBERS] }), strategy(staff)];
  }
  if (rules == null || rules.length === 0) return [strategy([])];
  return rules.map(({ clauses, variation }, index) => {
    const variants = [
      { name: variations?.[variation ?? 0], weight: 1000, weightType: 'variable', stickiness: 'default' },
    ];
    const parameters = { rollout: '100', stickiness: 'userId', groupId: `${key}-${index}` };
    return { name: 'flexibleRollout', parameters, constraints: (clauses ?? []).map(translateClause), variants };
  });
}

function translateClause({ attribute, op, values }: Clause): object {
  if (op === 'semVerLessThan') {
    return { contextName: attribute, operator: 'SEMVER_LT', value: values?.[0], inverted: true, values: [] };
  }
  return { contextName: attribute, operator: 'IN', values };
}

function variantsOf({ key, variations, fallthrough }: Setting): object[] {
  const all = { weightType: 'variable', stickiness: 'userId' };
  if (key === 'document') {
    return [
      { name: 'document', weight: 1000, ...all, payload: { type: 'json', value: JSON.stringify(variations?.[0]) } },
    ];
  }
  const weighted = fallthrough?.rollout?.variations ?? [];
  return weighted.map(({ variation, weight }) => ({ name: variations?.[variation], weight: weight / 100, ...all }));
}
