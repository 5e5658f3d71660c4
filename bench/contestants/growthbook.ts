import { type FeatureDefinition, GrowthBookClient } from '@growthbook/growthbook';
import type { Clause, Setting } from 'feathery-server-sdk/protocol';
import { createSingleSettings } from '../support/scenarios.js';
import type { Contestant } from './contestant.js';

interface User {
  readonly attributes: Readonly<Record<string, string>>;
}

/** Fed in process; its callbacks count, since it reports nothing by itself. */
export function createContestant(): Contestant {
  const counts = new Map<string, number>();
  const client = new GrowthBookClient({
    trackingCallback: () => {},
    onFeatureUsage: (key) => counts.set(key, (counts.get(key) ?? 0) + 1),
  });
  const { settings, segments } = createSingleSettings();
  return {
    analytics: 'a counter in its callback',
    cannot: { S6: 'no call for all settings' },
    start: async () => {
      const features = Object.fromEntries(Object.values(settings).map((setting) => [setting.key, translate(setting)]));
      const savedGroups = { members: [...(segments.members?.included ?? [])] };
      client.initSync({ payload: { features, savedGroups } });
    },
    user: ({ key, email, country, plan, appVersion }) => ({
      attributes: { id: key, email, country, plan, appVersion },
    }),
    evaluate: (key, user, fallback) => client.getFeatureValue(key, fallback, user as User),
    close: () => client.destroy(),
  };
}

function translate({ variations = [], targets, rules, fallthrough }: Setting): FeatureDefinition<unknown> {
  const pick = (variation: number | null | undefined) => variations?.[variation ?? 0];
  const weighted = fallthrough?.rollout?.variations;
  if (weighted != null) {
    const split = {
      variations: weighted.map(({ variation }) => pick(variation)) as [unknown, unknown],
      weights: weighted.map(({ weight }) => weight / 100_000),
      hashAttribute: 'id',
      coverage: 1,
    };
    return { defaultValue: 'none', rules: [split] };
  }
  const [target] = targets ?? [];
  const listed =
    target === undefined ? [] : [{ condition: { id: { $in: target.values } }, force: pick(target.variation) }];
  const ruled = (rules ?? []).flatMap(({ clauses, variation }) => {
    if (clauses?.[0]?.op === 'segmentMatch') {
      const conditions = [{ id: { $inGroup: 'members' } }, { plan: 'internal' }];
      return conditions.map((condition) => ({ condition, force: pick(variation) }));
    }
    const condition = Object.assign({}, ...(clauses ?? []).map(translateClause));
    return [{ condition, force: pick(variation) }];
  });
  return { defaultValue: pick(fallthrough?.variation), rules: [...listed, ...ruled] } as FeatureDefinition<unknown>;
}

function translateClause({ attribute, op, values }: Clause): object {
  const [first] = values ?? [];
  if (op === 'semVerLessThan') return { [attribute as string]: { $vgte: first } };
  return { [attribute as string]: values?.length === 1 ? first : { $in: values } };
}
