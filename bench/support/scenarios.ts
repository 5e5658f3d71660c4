// What is evaluated, for whom, and what the answer must be: in the model of docs/protocol.md, from which each contestant
// takes what it can express in its own.
import type { DataSet, Json, Rule, Segment, Setting } from 'feathery-server-sdk/protocol';
import { seeded } from './random.js';

export interface Person {
  readonly key: string;
  readonly email: string;
  readonly country: string;
  readonly plan: string;
  readonly appVersion: string;
}

export const SCENARIO_IDS = ['S1', 'S2 hit', 'S2 joined', 'S2 miss', 'S3', 'S4', 'S5', 'S6', 'S7'] as const;
export type ScenarioId = (typeof SCENARIO_IDS)[number];

export interface Scenario {
  readonly id: ScenarioId;
  readonly title: string;
  /** Undefined for all settings at once. */
  readonly settingKey: string | undefined;
  readonly people: readonly Person[];
  readonly fallback: Json;
  /** Undefined where it depends on the hash. */
  expected(person: Person): Json | undefined;
}

export const LISTED_KEYS = 1000;
export const SEGMENT_KEYS = 10_000;
export const ALL_SETTINGS = 500;
export const PEOPLE = 1000;
export const BRANCHES = 10;

const COUNTRIES = ['AT', 'BE', 'CH', 'DE', 'DK', 'ES', 'FI', 'FR', 'IE', 'IT'];
const OTHER_COUNTRIES = ['AR', 'BR', 'CL', 'CO', 'EC', 'MX', 'PE', 'PY', 'UY', 'VE'];
const PLAN = 'business';
const LEAST_VERSION = '4.2.0';

/** Everybody is in the tenth of the world, on the plan and above the version that the last rule of S3 asks for. */
const people = createPeople(0);
const strangers = createPeople(SEGMENT_KEYS);
/** Strings put together by a program are stored in pieces until somebody needs them whole. */
const joined = people.map((person, index) => ({ ...person, key: keyOf(index) }));
const members = people.map((person, index) => (index % 2 === 0 ? person : (strangers[index] as Person)));
export const document: Json = createDocument();

export const SCENARIOS: readonly Scenario[] = [
  scenario('S1', 'on for all', 'on-for-all', people, () => true),
  scenario('S2 hit', 'one of 1,000 listed keys', 'listed-keys', people, () => true),
  scenario('S2 joined', 'the same, the key put together by the program', 'listed-keys', joined, () => true),
  scenario('S2 miss', 'none of 1,000 listed keys', 'listed-keys', strangers, () => false),
  scenario('S3', 'five rules, the last matches', 'five-rules', people, () => 'fifth', 'none'),
  scenario('S4', '10-way split by key', 'split', people, () => undefined, 'none'),
  scenario('S5', 'segment of 10,000 keys and a rule', 'segment', members, (person) => people.includes(person)),
  scenario('S6', 'all of 500 settings', undefined, people, () => undefined, null),
  scenario('S7', 'a 2 KB document', 'document', people, () => document, null),
];

export function scenarioOf(id: ScenarioId): Scenario {
  return SCENARIOS.find((one) => one.id === id) as Scenario;
}

/** The settings of S1 to S5 and S7. */
export function createSingleSettings(): DataSet {
  const listed = people.map(({ key }) => key);
  const settings = [
    setting('on-for-all', [true, false]),
    setting('listed-keys', [true, false], {
      targets: [{ variation: 0, values: listed }],
      fallthrough: { variation: 1 },
    }),
    setting('five-rules', ['first', 'second', 'third', 'fourth', 'fifth', 'none'], {
      rules: fiveRules(),
      fallthrough: { variation: 5 },
    }),
    split('split'),
    setting('segment', [true, false], {
      rules: [{ id: 'members', clauses: [{ attribute: '', op: 'segmentMatch', values: ['members'] }], variation: 0 }],
      fallthrough: { variation: 1 },
    }),
    setting('document', [document]),
  ];
  return { settings: byKey(settings), segments: byKey([membersSegment()]) };
}

/** The 500 settings of S6: of ten, five are on for all, two list keys, two have a rule, one is a split. */
export function createManySettings(): DataSet {
  const settings = Array.from({ length: ALL_SETTINGS }, (_, index): Setting => {
    const key = `setting-${String(index).padStart(3, '0')}`;
    const kind = index % 10;
    if (kind < 4) return setting(key, [true, false]);
    if (kind === 4) return setting(key, [`text-${index}`, '']);
    if (kind < 7) {
      const values = people.slice(index, index + 20).map((person) => person.key);
      return setting(key, [true, false], { targets: [{ variation: 0, values }], fallthrough: { variation: 1 } });
    }
    if (kind < 9)
      return setting(key, [true, false], {
        rules: [rule('europe', COUNTRIES, PLAN, 0)],
        fallthrough: { variation: 1 },
      });
    return split(key);
  });
  return { settings: byKey(settings), segments: {} };
}

/** The `data` of a `put`. */
export function putData({ settings, segments }: DataSet): string {
  return JSON.stringify({ path: '/', data: { flags: settings, segments } });
}

export function setting(key: string, variations: readonly Json[], fields: Partial<Setting> = {}): Setting {
  return {
    key,
    version: 1,
    on: true,
    variations: variations as Json[],
    offVariation: variations.length - 1,
    fallthrough: { variation: 0 },
    salt: '9f2c1a7b',
    targets: [],
    rules: [],
    prerequisites: [],
    ...fields,
  };
}

function split(key: string): Setting {
  const variations = Array.from({ length: BRANCHES }, (_, index) => `branch-${index}`);
  const weighted = variations.map((_, variation) => ({ variation, weight: 100_000 / BRANCHES }));
  return setting(key, variations, { fallthrough: { rollout: { contextKind: 'user', variations: weighted } } });
}

/** The first four fail at their first, second, third and first condition. */
function fiveRules(): Rule[] {
  return [
    rule('first', OTHER_COUNTRIES, PLAN, 0, LEAST_VERSION),
    rule('second', COUNTRIES, 'starter', 1, LEAST_VERSION),
    rule('third', COUNTRIES, PLAN, 2, '9.0.0'),
    rule('fourth', OTHER_COUNTRIES, PLAN, 3, LEAST_VERSION),
    rule('fifth', COUNTRIES, PLAN, 4, LEAST_VERSION),
  ];
}

function rule(id: string, countries: readonly string[], plan: string, variation: number, leastVersion?: string): Rule {
  const clauses = [
    { contextKind: 'user', attribute: 'country', op: 'in', values: [...countries] },
    { contextKind: 'user', attribute: 'plan', op: 'in', values: [plan] },
  ];
  if (leastVersion !== undefined) {
    // At least is not less than.
    const atLeast = { op: 'semVerLessThan', values: [leastVersion], negate: true };
    clauses.push({ contextKind: 'user', attribute: 'appVersion', ...atLeast });
  }
  return { id, clauses, variation };
}

function membersSegment(): Segment {
  const included = Array.from({ length: SEGMENT_KEYS }, (_, index) => keyOf(index));
  const clauses = [{ contextKind: 'user', attribute: 'plan', op: 'in', values: ['internal'] }];
  return { key: 'members', version: 1, salt: '5d03be61', included, rules: [{ id: 'staff', clauses }] };
}

function scenario(
  id: ScenarioId,
  title: string,
  settingKey: string | undefined,
  asked: readonly Person[],
  expected: Scenario['expected'],
  fallback: Json = false,
): Scenario {
  return { id, title, settingKey, people: asked, fallback, expected };
}

function createPeople(firstNumber: number): Person[] {
  const random = seeded(firstNumber);
  const created = Array.from({ length: PEOPLE }, (_, index) => ({
    key: keyOf(firstNumber + index),
    email: keyOf(firstNumber + index),
    country: COUNTRIES[Math.floor(random() * COUNTRIES.length)] as string,
    plan: PLAN,
    appVersion: `5.${Math.floor(random() * 30)}.${Math.floor(random() * 30)}`,
  }));
  // Parsed, as what comes with a request is.
  return JSON.parse(JSON.stringify(created));
}

/** Addresses, as many applications use them for keys; all of the same length, like identifiers are. */
function keyOf(number: number): string {
  return `person-${String(number).padStart(5, '0')}@customer.example`;
}

function createDocument(): Json {
  const random = seeded(7);
  const limits = Array.from({ length: 24 }, (_, index) => ({
    name: `limit-${index}`,
    perMinute: Math.floor(random() * 10_000),
    burst: Math.floor(random() * 1000),
    unit: 'requests',
    isHard: random() < 0.5,
  }));
  return { title: 'Limits', limits };
}

function byKey<Item extends { readonly key: string }>(items: readonly Item[]): Record<string, Item> {
  return Object.fromEntries(items.map((item) => [item.key, item]));
}
