// All settings of an environment at a glance, from memory: what is read often is read from the database only when it
// may be different.
import type { Json, Setting, VariationOrRollout } from 'feathery-server-sdk/protocol';
import type { Config } from './config.js';
import type { Feed } from './feed.js';
import type { Database } from './storage/database.js';
import { type Definition, listDefinitions, type SettingType } from './storage/definitions.js';
import { definitionsStamp, type LastChange, readLastChanges } from './storage/last-changes.js';

/** Commits get their audit ids in one order and may end in another; this many are looked at again. */
const AUDIT_OVERLAP = 500;
const MAX_DESCRIPTION = 200;
const MAX_VALUE_TEXT = 80;

export interface TargetCount {
  readonly contextKind: string;
  readonly variation: number;
  readonly count: number;
}

/** What a setting serves, without the lists of whom. */
export interface Serving {
  readonly on: boolean;
  readonly offVariation: number | null;
  readonly fallthrough: VariationOrRollout;
  readonly prerequisites: readonly string[];
  readonly targets: readonly TargetCount[];
  readonly rules: readonly VariationOrRollout[];
}

export interface SettingOverview {
  readonly key: string;
  readonly name: string;
  readonly description: string;
  readonly type: SettingType;
  readonly tags: readonly string[];
  readonly version: number;
  readonly variations: readonly { readonly name: string; readonly value: Json }[];
  readonly serving: Serving;
  readonly lastChange: LastChange | undefined;
}

export class Overview {
  readonly #database: Database;
  readonly #feed: Feed;
  readonly #config: Pick<Config, 'maxSettings'>;
  #definitions: { readonly stamp: number; readonly list: readonly Definition[] } = { stamp: -1, list: [] };
  /** By environment, null for all of them, and key. */
  readonly #lastChanges = new Map<string, LastChange>();
  #lastAuditId = 0;

  constructor({ database, feed, config }: { database: Database; feed: Feed; config: Pick<Config, 'maxSettings'> }) {
    this.#database = database;
    this.#feed = feed;
    this.#config = config;
  }

  /** In the order of the keys. @throws Problem 404 */
  async read(environment: string): Promise<{ revision: number; settings: SettingOverview[] }> {
    await this.#refresh();
    const { revision, settings } = this.#feed.environment(environment);
    return {
      revision,
      settings: this.#definitions.list.flatMap((definition) => {
        const item = settings.get(definition.key);
        return item === undefined ? [] : [this.#overviewOf(environment, definition, item)];
      }),
    };
  }

  async #refresh(): Promise<void> {
    const stamp = await definitionsStamp(this.#database);
    if (stamp !== this.#definitions.stamp) {
      const list = await listDefinitions(this.#database, { limit: this.#config.maxSettings });
      this.#definitions = { stamp, list };
      const known = new Set(list.map(({ key }) => key));
      for (const [id, { key }] of this.#lastChanges) if (!known.has(key)) this.#lastChanges.delete(id);
    }
    for (const change of await readLastChanges(this.#database, this.#lastAuditId - AUDIT_OVERLAP)) {
      const id = changeId(change.environment, change.key);
      if ((this.#lastChanges.get(id)?.auditId ?? 0) < change.auditId) this.#lastChanges.set(id, change);
      this.#lastAuditId = Math.max(this.#lastAuditId, change.auditId);
    }
  }

  #overviewOf(environment: string, definition: Definition, item: Setting): SettingOverview {
    const { key, name, type, tags, variations } = definition;
    const own = this.#lastChanges.get(changeId(environment, key));
    const everywhere = this.#lastChanges.get(changeId(null, key));
    return {
      key,
      name,
      description: definition.description.slice(0, MAX_DESCRIPTION),
      type,
      tags,
      version: item.version,
      variations: variations.map((variation) => ({ name: variation.name, value: shortValue(variation.value) })),
      serving: servingOf(item),
      lastChange: (own?.auditId ?? 0) >= (everywhere?.auditId ?? 0) ? own : everywhere,
    };
  }
}

/** A value as it is if it is short, else the beginning of its text. */
export function shortValue(value: Json): Json {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= MAX_VALUE_TEXT ? value : `${text.slice(0, MAX_VALUE_TEXT)}…`;
}

export function servingOf(item: Setting): Serving {
  return {
    on: item.on ?? false,
    offVariation: item.offVariation ?? null,
    fallthrough: item.fallthrough ?? {},
    prerequisites: (item.prerequisites ?? []).map(({ key }) => key),
    targets: targetCounts(item),
    rules: (item.rules ?? []).map(outcomeOf),
  };
}

/** User targets stand in `targets`; their placeholders among the `contextTargets` are empty. */
function targetCounts({ targets, contextTargets }: Setting): TargetCount[] {
  return [...(contextTargets ?? []), ...(targets ?? [])].flatMap(({ contextKind, variation, values }) => {
    const count = values?.length ?? 0;
    return count === 0 ? [] : [{ contextKind: contextKind || 'user', variation, count }];
  });
}

function outcomeOf({ variation, rollout }: VariationOrRollout): VariationOrRollout {
  if (variation !== undefined && variation !== null) return { variation };
  return rollout ? { rollout } : {};
}

function changeId(environment: string | null, key: string): string {
  return `${environment ?? ''} ${key}`;
}
