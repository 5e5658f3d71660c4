// All settings of an environment at a glance, from memory: what is read often is read from the database only when it
// may be different, and each setting is written down as JSON once per version.
import type { Json, Setting, VariationOrRollout } from 'feathery-server-sdk/protocol';
import type { Config } from './config.js';
import type { EnvironmentData } from './environment-data.js';
import type { Feed } from './feed.js';
import { KeptBody } from './kept-body.js';
import type { Database } from './storage/database.js';
import {
  type Definition,
  listDefinitions,
  listDefinitionVersions,
  readDefinitions,
  type SettingType,
} from './storage/definitions.js';
import { definitionsStamp, type LastChange, newestAuditIds, readLastChanges } from './storage/last-changes.js';
import { isoTime } from './time.js';

/** Commits get their audit ids in one order and may end in another: so many of the newest are looked at. */
const AUDIT_OVERLAP = 500;
/** With more new ones, all are read in one go. */
const MAX_READ_SINGLY = 100;
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

/** As the API tells it. */
export interface SettingOverview {
  readonly key: string;
  readonly name: string;
  readonly description: string;
  readonly type: SettingType;
  readonly tags: readonly string[];
  readonly version: number;
  readonly variations: readonly { readonly name: string; readonly value: Json }[];
  readonly serving: Serving;
  readonly lastChange: { readonly at: string; readonly author: string; readonly comment: string } | null;
}

/** A setting, written down, and what of. */
interface Row {
  readonly definition: Definition;
  readonly item: Setting;
  readonly lastChange: LastChange | undefined;
  readonly text: string;
}

/** An environment, written down, and what of. */
interface Known {
  readonly data: EnvironmentData;
  readonly revision: number;
  readonly state: number;
  readonly rows: ReadonlyMap<string, Row>;
  readonly body: KeptBody;
}

export class Overview {
  readonly #database: Database;
  readonly #feed: Feed;
  readonly #config: Pick<Config, 'maxSettings'>;
  readonly #known = new Map<string, Known>();
  /** In the order of the keys. */
  #definitions = new Map<string, Definition>();
  #definitionsStamp = -1;
  /** By environment, null for all of them, and key. */
  readonly #lastChanges = new Map<string, LastChange>();
  #auditIds = new Set<number>();
  /** Grows with what is read of the database. */
  #state = 0;

  constructor({ database, feed, config }: { database: Database; feed: Feed; config: Pick<Config, 'maxSettings'> }) {
    this.#database = database;
    this.#feed = feed;
    this.#config = config;
    feed.on('removed', (key) => this.#known.delete(key));
    // After a restore, versions and ids say nothing about what was known.
    feed.on('replaced', () => this.#forget());
  }

  /** `{"environment", "revision", "settings"}`, the settings in the order of their keys. @throws Problem 404 */
  async read(environment: string): Promise<KeptBody> {
    await this.#refreshDefinitions();
    await this.#refreshLastChanges();
    const data = this.#feed.environment(environment);
    const { revision } = data;
    const state = this.#state;
    const known = this.#known.get(environment);
    if (known?.data === data && known.revision === revision && known.state === state) return known.body;
    const rows = this.#rows(data, known?.rows);
    const texts = [...rows.values()].map(({ text }) => text);
    const head = `{"environment":${JSON.stringify(environment)},"revision":${revision}`;
    const body = new KeptBody(`${head},"settings":[${texts.join(',')}]}`);
    this.#known.set(environment, { data, revision, state, rows, body });
    return body;
  }

  async #refreshDefinitions(): Promise<void> {
    const stamp = await definitionsStamp(this.#database);
    if (stamp === this.#definitionsStamp) return;
    const versions = await listDefinitionVersions(this.#database, this.#config.maxSettings);
    const fresh = versions.filter(({ key, version }) => this.#definitions.get(key)?.version !== version);
    const read =
      fresh.length > MAX_READ_SINGLY
        ? await listDefinitions(this.#database, { limit: this.#config.maxSettings })
        : await readDefinitions(
            this.#database,
            fresh.map(({ key }) => key),
          );
    const readByKey = new Map(read.map((definition) => [definition.key, definition]));
    const present = versions.map(({ key }) => readByKey.get(key) ?? this.#definitions.get(key));
    this.#definitions = new Map(present.flatMap((definition) => (definition ? [[definition.key, definition]] : [])));
    for (const [id, { key }] of this.#lastChanges) if (!this.#definitions.has(key)) this.#lastChanges.delete(id);
    this.#definitionsStamp = stamp;
    this.#state++;
  }

  async #refreshLastChanges(): Promise<void> {
    const ids = await newestAuditIds(this.#database, AUDIT_OVERLAP);
    const fresh = ids.filter((id) => !this.#auditIds.has(id));
    if (fresh.length === 0) return;
    // Without any known one among them there may be more before them.
    const from = Math.min(...(fresh.length < ids.length ? fresh : this.#auditIds.size > 0 ? this.#auditIds : [0]));
    for (const change of await readLastChanges(this.#database, from)) {
      const id = changeId(change.environment, change.key);
      if ((this.#lastChanges.get(id)?.auditId ?? 0) < change.auditId) this.#lastChanges.set(id, change);
    }
    this.#auditIds = new Set(ids);
    this.#state++;
  }

  #forget(): void {
    this.#known.clear();
    this.#definitions.clear();
    this.#definitionsStamp = -1;
    this.#lastChanges.clear();
    this.#auditIds.clear();
  }

  #rows({ key: environment, settings }: EnvironmentData, before: Known['rows'] = new Map()): Map<string, Row> {
    const rows = new Map<string, Row>();
    for (const [key, definition] of this.#definitions) {
      const item = settings.get(key);
      if (item === undefined) continue;
      const lastChange = this.#lastChangeOf(environment, key);
      const row = before.get(key);
      const isSame = row?.item === item && row.definition === definition && row.lastChange === lastChange;
      rows.set(key, isSame ? row : rowOf(definition, item, lastChange));
    }
    return rows;
  }

  #lastChangeOf(environment: string, key: string): LastChange | undefined {
    const own = this.#lastChanges.get(changeId(environment, key));
    const everywhere = this.#lastChanges.get(changeId(null, key));
    return (own?.auditId ?? 0) >= (everywhere?.auditId ?? 0) ? own : everywhere;
  }
}

function rowOf(definition: Definition, item: Setting, lastChange: LastChange | undefined): Row {
  const { key, name, type, tags, variations } = definition;
  const overview: SettingOverview = {
    key,
    name,
    description: definition.description.slice(0, MAX_DESCRIPTION),
    type,
    tags,
    version: item.version,
    variations: variations.map((variation) => ({ name: variation.name, value: shortValue(variation.value) })),
    serving: servingOf(item),
    lastChange: lastChange
      ? { at: isoTime(lastChange.at), author: lastChange.actor.name, comment: lastChange.comment }
      : null,
  };
  return { definition, item, lastChange, text: JSON.stringify(overview) };
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
