// The measurement of flatness.ts, also run by check.ts.
import { createClient, type FeatheryClient } from 'feathery-server-sdk';
import type { DataSet, Segment, Setting } from 'feathery-server-sdk/protocol';
import { setting } from './scenarios.js';
import { median } from './statistics.js';

export interface LoadedData {
  readonly title: string;
  /** Nanoseconds per call. */
  readonly few: number;
  readonly many: number;
  /** What looking the same up in a plain `Set` or `Map` takes. */
  readonly plainFew: number;
  readonly plainMany: number;
}

const PEOPLE = 1000;
const CALLS = 100_000;
const KEY = 'asked';
const OFF = { variation: 1 };
/** Every second one is listed, however few or many are: in turns one of the first 100 keys and one that is not there. */
const users = Array.from({ length: PEOPLE }, (_, index) => {
  const number = index % 2 === 0 ? index % 100 : 900_000 + index;
  return { key: JSON.parse(`"${keyOf(number)}"`) as string };
});

interface Case {
  readonly title: string;
  readonly counts: readonly [few: number, many: number];
  create(count: number): DataSet;
  /** What a call has to find among them. */
  has(count: number): Lookup;
}

type Lookup = (user: { readonly key: string }) => boolean;

const CASES: readonly Case[] = [
  { title: 'listed keys: 100, 100,000', counts: [100, 100_000], create: listed, has: hasEntry },
  { title: 'keys of a segment: 100, 100,000', counts: [100, 100_000], create: segment, has: hasKey },
  { title: 'settings: 10, 10,000', counts: [10, 10_000], create: settings, has: hasSetting },
];

export async function runFlatness(rounds: number): Promise<LoadedData[]> {
  const results: LoadedData[] = [];
  for (const { title, counts, create, has } of CASES) {
    const clients: FeatheryClient[] = [];
    for (const count of counts) clients.push(await load(create(count)));
    const ask = clients.map(
      (client): Lookup =>
        (user) =>
          client.variation(KEY, user, false) as boolean,
    );
    const [few, many, plainFew, plainMany] = timeInTurns([...ask, ...counts.map(has)], rounds);
    results.push({ title, few, many, plainFew, plainMany });
    await Promise.all(clients.map((client) => client.close()));
  }
  return results;
}

/** Median nanoseconds per call. */
function timeInTurns(lookups: readonly Lookup[], rounds: number): [number, number, number, number] {
  const times = lookups.map((): number[] => []);
  for (const lookup of lookups) time(lookup);
  for (let round = 0; round < rounds; round++) {
    for (const [index, lookup] of lookups.entries()) times[index]?.push(time(lookup));
  }
  return times.map(median) as [number, number, number, number];
}

async function load(data: DataSet): Promise<FeatheryClient> {
  const dataSource = {
    start: ({ replaceAll }: { replaceAll(data: DataSet): void }) => {
      replaceAll(JSON.parse(JSON.stringify(data)));
      return () => {};
    },
  };
  const client = createClient('bench', { dataSource, sendEvents: false });
  return client.waitForInitialization({ timeoutMs: 1000 });
}

function time(lookup: Lookup): number {
  const before = process.cpuUsage();
  for (let index = 0; index < CALLS; index++) lookup(users[index % PEOPLE] as { key: string });
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / CALLS;
}

function hasEntry(count: number): Lookup {
  const map = new Map(keys(count).map((key) => [key, 0]));
  return ({ key }) => map.get(key) !== undefined;
}

function hasKey(count: number): Lookup {
  const set = new Set(keys(count));
  return ({ key }) => set.has(key);
}

function hasSetting(count: number): Lookup {
  const map = new Map(Object.entries(settings(count).settings));
  return () => map.get(KEY) !== undefined;
}

function listed(count: number): DataSet {
  return dataOf([setting(KEY, [true, false], { targets: [{ variation: 0, values: keys(count) }], fallthrough: OFF })]);
}

function segment(count: number): DataSet {
  const clauses = [{ attribute: '', op: 'segmentMatch', values: ['members'] }];
  const members: Segment = { key: 'members', version: 1, included: keys(count) };
  const asked = setting(KEY, [true, false], { rules: [{ id: 'members', clauses, variation: 0 }], fallthrough: OFF });
  return dataOf([asked], { members });
}

function settings(count: number): DataSet {
  const others = Array.from({ length: count - 1 }, (_, index) => setting(`setting-${index}`, [true, false]));
  return dataOf([setting(KEY, [true, false]), ...others]);
}

function dataOf(items: readonly Setting[], segments: DataSet['segments'] = {}): DataSet {
  return { settings: Object.fromEntries(items.map((item) => [item.key, item])), segments };
}

function keys(count: number): string[] {
  return Array.from({ length: count }, (_, index) => keyOf(index));
}

function keyOf(number: number): string {
  return `person-${String(number).padStart(6, '0')}@customer.example`;
}
