import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Bucketing, bucketText } from '../lib/bucket.js';
import { type Context, contextProblem } from '../lib/context.js';
import { type Detail, evaluate } from '../lib/evaluate.js';
import { type Json, parseDataSet } from '../lib/protocol.js';
import { Store } from '../lib/store.js';
import { trace } from '../lib/trace.js';
import { evaluateLiterally } from './support/literal-evaluator.js';

interface CaseFile {
  description: string;
  groups?: Group[];
  clauses?: { op: string; attribute: Json; value: Json; match: boolean }[];
  buckets?: { prefix: string; value: Json; digits: string; bucket: number }[];
}

interface Group {
  name: string;
  section: string;
  flags: object;
  segments?: object;
  evaluations: {
    flag?: string;
    context: Context;
    expect: Detail;
    prerequisites?: { key: string; requiredBy: string; expect: Detail }[];
  }[];
}

const FOLDER = join(__dirname, 'cases');

function storeOf(data: object): Store {
  const store = new Store();
  store.replaceAll(parseDataSet(JSON.stringify(data)));
  return store;
}

function run(store: Store, key: string, context: Context) {
  const setting = store.setting(key);
  if (setting === undefined) throw new Error(`no setting ${key}`);
  const prerequisites: { key: string; requiredBy: string; expect: Detail }[] = [];
  const detail = evaluate(store, setting, context, (prerequisite, expect, requiredBy) => {
    prerequisites.push({ key: prerequisite.key, requiredBy, expect });
  });
  return { detail, prerequisites, traced: trace(store, setting, context).detail };
}

describe.each(readdirSync(FOLDER).filter((name) => name.endsWith('.json')))('%s', (name) => {
  const file = JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as CaseFile;

  for (const { name, section, flags, segments = {}, evaluations } of file.groups ?? []) {
    it(`${section}: ${name}`, () => {
      const data = { flags, segments };
      const store = storeOf(data);
      for (const { flag = 'f', context, expect: expected, prerequisites } of evaluations) {
        expect([context, contextProblem(context)]).toEqual([context, undefined]);
        const actual = run(store, flag, context);
        expect({ context, detail: actual.detail }).toStrictEqual({ context, detail: expected });
        expect(actual.traced).toStrictEqual(expected);
        expect(evaluateLiterally(parseDataSet(JSON.stringify(data)), flag, context).detail).toEqual(expected);
        if (prerequisites !== undefined) expect(actual.prerequisites).toStrictEqual(prerequisites);
      }
    });
  }

  for (const { op, attribute, value, match } of file.clauses ?? []) {
    it(`${JSON.stringify(attribute)} ${op} ${JSON.stringify(value)} is ${match}`, () => {
      const clause = { contextKind: 'user', attribute: 'tested', op, values: [value] };
      const flags = {
        f: {
          key: 'f',
          on: true,
          variations: [false, true],
          fallthrough: { variation: 0 },
          rules: [{ variation: 1, clauses: [clause] }],
        },
      };
      const user = { kind: 'user', key: 'alice', tested: attribute };
      expect(run(storeOf({ flags }), 'f', user).detail.value).toBe(match);
      expect(evaluateLiterally(parseDataSet(JSON.stringify({ flags })), 'f', user).detail.value).toBe(match);
    });
  }

  for (const { prefix, value, digits, bucket } of file.buckets ?? []) {
    it(`places ${JSON.stringify(value)} after ${prefix} at ${bucket}`, () => {
      expect(new Bucketing(prefix).bucket(bucketText(value) as string)).toBe(bucket);
      expect(Number(BigInt(`0x${digits}`)) / 2 ** 60).toBe(bucket);
    });
  }
});
