// Settings, segments and contexts made by chance from a seed: the same seed gives the same data, everywhere and always.
import type { Context } from '../../lib/context.js';
import type { Json } from '../../lib/protocol.js';

/** The body of a poll, as it is on the wire. */
export interface WireData {
  flags: Record<string, WireItem>;
  segments: Record<string, WireItem>;
}

export interface WireItem {
  key: string;
  version: number;
  [field: string]: Json;
}

export interface Generated {
  data: WireData;
  contexts: Context[];
}

export interface GenerateOptions {
  /**
   * True: now and then a field is absent, null, of the wrong type or out of range, there are cycles, and users are as
   * odd as applications make them. False (the default): only what all implementations of the protocol agree on.
   */
  odd?: boolean;
  settings?: number;
  segments?: number;
  contexts?: number;
}

const KEYS: Record<string, readonly string[]> = {
  user: ['alice', 'bob', 'carol', '42', 'a:b%', 'zoë', '用户', 'e'.repeat(70)],
  organization: ['acme', 'globex', '50%'],
  device: ['phone-1', 'phone-2'],
};
const KINDS = Object.keys(KEYS);

/** Values by attribute, so that clauses often hit. */
const VALUES: Record<string, readonly Json[]> = {
  plan: ['gold', 'silver', 'free', ''],
  country: ['FR', 'BE', 'DE'],
  email: ['alice@example.test', 'bob@other.test', 'Carol@Example.Test'],
  age: [17, 18, 33, 33.5, -1, 0],
  beta: [true, false],
  tags: [['a', 'b'], ['b', 3, true], [], [['a'], { a: 1 }]],
  address: [{ country: 'FR', street: { 'a/b': 'x', '~x': 'y' } }, { country: null }, ['FR'], 'FR'],
  app: ['1.0.0', '2', '2.0', '2.0.0-rc.1', '2.0.0-rc.2', '10.0.0+b7', '01.0', 'v1.0.0', '2.1.x'],
  joined: [
    '2024-02-29T12:00:00Z',
    '2024-02-29T13:00:00+01:00',
    '2023-12-31T23:59:59.123Z',
    '2024-02-29',
    1709208000000,
    0,
  ],
  'a/b': ['slash', 'gold'],
  '~x': ['tilde', 'gold'],
};
const ATTRIBUTES = Object.keys(VALUES);

const REFERENCES = [
  ...ATTRIBUTES,
  'key',
  'name',
  'kind',
  'anonymous',
  '/plan',
  '/address/country',
  '/address/street/a~1b',
  '/a~1b',
  '/key',
  '/kind',
  '/address/street/missing',
  'missing',
];
/** Invalid ones, and ones that implementations read differently. */
const ODD_REFERENCES = [
  '/~0x',
  '',
  '/',
  '//',
  '/a//b',
  '/address/',
  '/~2',
  '/a~',
  '_meta',
  '/_meta/privateAttributes',
  'constructor',
  '/address/constructor',
  '__proto__',
  'custom',
];

const OPERATORS_BY_ATTRIBUTE: Record<string, readonly string[]> = {
  age: ['in', 'lessThan', 'lessThanOrEqual', 'greaterThan', 'greaterThanOrEqual'],
  app: ['semVerEqual', 'semVerLessThan', 'semVerGreaterThan'],
  joined: ['before', 'after'],
};
const TEXT_OPERATORS = ['in', 'in', 'startsWith', 'endsWith', 'contains', 'matches'];
const PATTERNS = ['^g', 'o', 'A|B', '@.*\\.test$', '[0-9]+'];
const ODD_PATTERNS = ['(', '[', '(?=x', '\\'];
const ODD_VALUES: readonly Json[] = [null, 'x', -1, 1.5, 99, true, [], {}, [null], ['x'], { variation: 0 }];

/** @param seed - A whole number. */
export function generate(seed: number, options: GenerateOptions = {}): Generated {
  return new Generator(seed, options).generate();
}

/** Numbers from 0 to 1, evenly spread: the generator known as mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

class Generator {
  readonly #random: () => number;
  readonly #odd: boolean;
  readonly #settingKeys: readonly string[];
  readonly #segmentKeys: readonly string[];
  readonly #contexts: number;

  constructor(seed: number, { odd = false, settings = 8, segments = 5, contexts = 6 }: GenerateOptions) {
    this.#random = seededRandom(seed);
    this.#odd = odd;
    this.#settingKeys = Array.from({ length: settings }, (_, index) => `setting-${index}`);
    this.#segmentKeys = Array.from({ length: segments }, (_, index) => `segment-${index}`);
    this.#contexts = contexts;
  }

  generate(): Generated {
    const flags = Object.fromEntries(this.#settingKeys.map((key, index) => [key, this.#setting(key, index)]));
    const segments = Object.fromEntries(this.#segmentKeys.map((key, index) => [key, this.#segment(key, index)]));
    return { data: { flags, segments }, contexts: this.#many(this.#contexts, () => this.#context()) };
  }

  #setting(key: string, index: number): WireItem {
    const variations = this.#pick<Json[]>([
      [true, false],
      ['a', 'b', 'c'],
      [1, 2.5, null],
      [{ a: [1, null] }, [], 'x', 0],
    ]);
    const count = variations.length;
    const targets = this.#many(this.#int(3), () => this.#target('user', count));
    return this.#spoil({
      key,
      version: 1 + this.#int(100),
      on: this.#chance(0.85),
      variations,
      offVariation: this.#chance(0.8) ? this.#int(count) : null,
      fallthrough: this.#served(count),
      prerequisites: this.#chance(0.3) ? this.#many(1 + this.#int(2), () => this.#prerequisite(index)) : [],
      targets,
      contextTargets: this.#chance(0.4) ? this.#contextTargets(targets, count) : [],
      rules: this.#many(this.#int(4), (ruleIndex) => ({
        ...this.#served(count),
        // Whether an empty id is one is not agreed on.
        id: this.#odd && this.#chance(0.2) ? '' : `rule-${ruleIndex}`,
        clauses: this.#clauses(0),
        trackEvents: this.#chance(0.2),
      })),
      salt: this.#pick(['', '9f2c1a', 's'.repeat(70)]),
      trackEvents: this.#chance(0.2),
      trackEventsFallthrough: this.#chance(0.2),
      debugEventsUntilDate: null,
      deleted: false,
      clientSide: this.#chance(0.5),
    });
  }

  #segment(key: string, index: number): WireItem {
    const lists = (kind: string) => this.#many(this.#int(3), () => this.#pick(KEYS[kind] as readonly string[]));
    const ofOtherKinds = () =>
      this.#many(this.#int(2), () => {
        const contextKind = this.#pick(this.#odd ? KINDS : KINDS.slice(1));
        return this.#spoil({ contextKind, values: lists(contextKind) });
      });
    return this.#spoil({
      key,
      version: 1 + this.#int(100),
      deleted: this.#chance(0.05),
      salt: this.#pick(['', 's4lt']),
      included: this.#chance(0.5) ? lists('user') : [],
      excluded: this.#chance(0.3) ? lists('user') : [],
      includedContexts: ofOtherKinds(),
      excludedContexts: ofOtherKinds(),
      rules: this.#many(this.#int(3), () => this.#segmentRule(index)),
      unbounded: this.#chance(0.1),
      ...(this.#odd && this.#chance(0.2) && { unboundedContextKind: this.#pick(KINDS) }),
      generation: 3,
    });
  }

  #segmentRule(segmentIndex: number): Json {
    const clauses = this.#clauses(segmentIndex + 1);
    if (this.#chance(0.6)) return this.#spoil({ id: 'rule', clauses });
    const kind = this.#pick(KINDS);
    // Whether a context without this kind passes the weight is not agreed on.
    const hasKind = { contextKind: kind, attribute: 'key', op: 'matches', values: ['.'], negate: false };
    return this.#spoil({
      id: 'rule',
      clauses: this.#odd ? clauses : [hasKind, ...clauses],
      weight: this.#pick([0, 30_000, 60_000, 100_000]),
      rolloutContextKind: kind,
      bucketBy: this.#pick(['key', 'country', 'age']),
    });
  }

  #prerequisite(settingIndex: number): Json {
    // Without cycles: only settings further down the list are required.
    const candidates = this.#odd ? this.#settingKeys : this.#settingKeys.slice(settingIndex + 1);
    const key = this.#chance(0.95) && candidates.length > 0 ? this.#pick(candidates) : 'no-such-setting';
    return this.#spoil({ key, variation: this.#int(2) });
  }

  #target(kind: string, variations: number): { [field: string]: Json } {
    const values = this.#many(this.#int(4), () => this.#pick(KEYS[kind] as readonly string[]));
    return this.#spoil({ variation: this.#int(variations), values });
  }

  #contextTargets(userTargets: readonly { [field: string]: Json }[], variations: number): Json[] {
    const placeholders = userTargets.map(({ variation = null }) => ({ contextKind: 'user', variation, values: [] }));
    const others = this.#many(1 + this.#int(2), () => {
      const contextKind = this.#pick(KINDS.slice(1));
      return { contextKind, ...this.#target(contextKind, variations) };
    });
    return this.#shuffle([...placeholders, ...others]);
  }

  #served(variations: number): { [field: string]: Json } {
    if (this.#chance(0.6)) return this.#spoil({ variation: this.#int(variations) });
    const isExperiment = this.#chance(0.4);
    const count = 1 + this.#int(3);
    const entries = this.#many(count, () =>
      this.#spoil({
        variation: this.#int(variations),
        // Who is in an experiment where no entry has any weight is not agreed on.
        weight: this.#pick([...(this.#odd ? [0] : []), 1, 20_000, 50_000, Math.floor(100_000 / count)]),
        ...(isExperiment && this.#chance(0.3) && { untracked: true }),
      }),
    );
    const contextKind = this.#chance(0.7) ? { contextKind: this.#pick(KINDS) } : {};
    return {
      rollout: this.#spoil({
        ...contextKind,
        kind: isExperiment ? 'experiment' : 'rollout',
        variations: entries,
        ...(this.#chance(0.5) && { bucketBy: this.#pick(['key', 'country', 'age', 'beta', 'missing']) }),
        ...(this.#chance(0.3) && { seed: this.#odd ? this.#int(3) : 1 + this.#int(100) }),
      }),
    };
  }

  /** @param firstSegment - Segments from this one on may be mentioned, so that there are no cycles. */
  #clauses(firstSegment: number): Json[] {
    return this.#many(this.#chance(0.1) ? 0 : 1 + this.#int(2), () => this.#clause(firstSegment));
  }

  #clause(firstSegment: number): Json {
    const negate = this.#chance(0.25);
    const segments = this.#odd ? this.#segmentKeys : this.#segmentKeys.slice(firstSegment);
    if (this.#chance(0.3) && segments.length > 0) {
      const values = this.#many(1 + this.#int(2), () => (this.#chance(0.9) ? this.#pick(segments) : 'no-such-segment'));
      return this.#spoil({ attribute: '', op: 'segmentMatch', values, negate });
    }
    const attribute = this.#pick(this.#odd && this.#chance(0.1) ? ODD_REFERENCES : REFERENCES);
    const contextKind = this.#chance(0.7) ? { contextKind: this.#pick(KINDS) } : {};
    return this.#spoil({ ...contextKind, attribute, ...this.#comparison(attribute), negate });
  }

  #comparison(attribute: string): { op: string; values: Json[] } {
    const op = this.#pick(OPERATORS_BY_ATTRIBUTE[attribute] ?? TEXT_OPERATORS);
    if (op === 'matches') return { op, values: [this.#pick(this.#odd ? [...PATTERNS, ...ODD_PATTERNS] : PATTERNS)] };
    const known = VALUES[attribute.replace('/', '')] ?? [
      ...KINDS,
      ...Object.values(KEYS).flat(),
      'FR',
      'x',
      true,
      'gold',
    ];
    // Objects and arrays in clause values never match anything; not all implementations say so.
    const values = this.#odd ? known : known.filter((value) => typeof value !== 'object');
    return { op, values: values.length === 0 ? ['FR'] : this.#many(1 + this.#int(3), () => this.#pick(values)) };
  }

  #context(): Context {
    const shape = this.#random();
    if (shape < 0.4) return this.#user();
    if (shape < 0.6) return this.#part(this.#pick(KINDS), true) as Context;
    const kinds = this.#shuffle([...KINDS]).slice(0, 1 + this.#int(KINDS.length));
    return { kind: 'multi', ...Object.fromEntries(kinds.map((kind) => [kind, this.#part(kind, false)])) } as Context;
  }

  #part(kind: string, withKind: boolean): object {
    return {
      ...(withKind && { kind }),
      key: this.#pick(KEYS[kind] as readonly string[]),
      ...(this.#chance(0.3) && { name: this.#pick(['Alice', 'Acme']) }),
      ...(this.#chance(0.3) && { anonymous: this.#chance(0.5) }),
      ...this.#attributes(),
      ...(this.#chance(0.2) && { _meta: { privateAttributes: ['plan'] } }),
    };
  }

  #user(): Context {
    return {
      key:
        this.#odd && this.#chance(0.1)
          ? this.#pick<string>(['', 42 as never])
          : this.#pick(KEYS.user as readonly string[]),
      ...(this.#chance(0.3) && { name: 'Alice' }),
      ...(this.#chance(0.3) && { anonymous: this.#pick([true, false, null]) }),
      // At the top level, official SDKs know the standard attributes only.
      ...(this.#odd ? this.#attributes() : this.#chance(0.5) && { country: this.#pick(VALUES.country as string[]) }),
      ...(this.#chance(0.7) && { custom: this.#attributes() }),
      ...(this.#chance(0.2) && { privateAttributeNames: ['email'] }),
    };
  }

  #attributes(): { [name: string]: Json } {
    const names = ATTRIBUTES.filter(() => this.#chance(0.5));
    const attributes = names.map((name) => [name, this.#chance(0.05) ? null : this.#value(name)]);
    const odd =
      this.#odd && this.#chance(0.1)
        ? [[this.#pick(['constructor', '__proto__', 'name', 'kind', 'custom']), 'FR']]
        : [];
    return Object.fromEntries([...attributes, ...odd].filter(([name]) => name !== 'kind'));
  }

  #value(attribute: string): Json {
    // Written with an exponent, it would be hashed differently.
    if (this.#odd && attribute === 'age' && this.#chance(0.1)) return 1e21;
    return this.#pick(VALUES[attribute] as readonly Json[]);
  }

  /** Where oddities are wanted, damages one field now and then. Keys and versions stay. */
  #spoil<Item extends { [field: string]: Json }>(item: Item): Item {
    if (!this.#odd || !this.#chance(0.06)) return item;
    const field = this.#pick(Object.keys(item).filter((name) => name !== 'version' && name !== 'deleted'));
    if (field === undefined || (field === 'key' && 'version' in item)) return item;
    const { [field]: _removed, ...rest } = item;
    return (this.#chance(0.3) ? rest : { ...item, [field]: this.#pick(ODD_VALUES) }) as Item;
  }

  #chance(probability: number): boolean {
    return this.#random() < probability;
  }

  /** A whole number from 0 up to, not including, the limit. */
  #int(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[this.#int(items.length)] as Item;
  }

  #many<Item>(count: number, make: (index: number) => Item): Item[] {
    return Array.from({ length: count }, (_, index) => make(index));
  }

  #shuffle<Item>(items: Item[]): Item[] {
    for (let index = items.length - 1; index > 0; index--) {
      const other = this.#int(index + 1);
      [items[index], items[other]] = [items[other] as Item, items[index] as Item];
    }
    return items;
  }
}
