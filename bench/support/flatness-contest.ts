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

const CASES: readonly { title: string; few: DataSet; many: DataSet }[] = [
  { title: 'listed keys: 100, 100,000', few: listed(100), many: listed(100_000) },
  { title: 'keys of a segment: 100, 100,000', few: segment(100), many: segment(100_000) },
  { title: 'settings: 10, 10,000', few: settings(10), many: settings(10_000) },
];

export async function runFlatness(rounds: number): Promise<LoadedData[]> {
  const results: LoadedData[] = [];
  for (const { title, few, many } of CASES) {
    const clients = [await load(few), await load(many)];
    const times = clients.map((): number[] => []);
    for (const client of clients) time(client);
    for (let round = 0; round < rounds; round++) {
      for (const [index, client] of clients.entries()) times[index]?.push(time(client));
    }
    results.push({ title, few: median(times[0] as number[]), many: median(times[1] as number[]) });
    await Promise.all(clients.map((client) => client.close()));
  }
  return results;
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

function time(client: FeatheryClient): number {
  const before = process.cpuUsage();
  for (let index = 0; index < CALLS; index++) client.variation(KEY, users[index % PEOPLE] as { key: string }, false);
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / CALLS;
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
