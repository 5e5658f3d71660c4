import { isDeepStrictEqual } from 'node:util';
import type { Context } from '../lib/context.js';
import { type Detail, evaluate } from '../lib/evaluate.js';
import { parseDataSet } from '../lib/protocol.js';
import { Store } from '../lib/store.js';
import { generate } from './support/generate.js';
import { evaluateLiterally } from './support/literal-evaluator.js';

const SEEDS = 250;

/** Far more than it takes, for machines with much else to do. */
const TIMEOUT_MS = 60_000;

function evaluateWithEvents(store: Store, key: string, context: Context) {
  const prerequisites: { key: string; detail: Detail; requiredBy: string }[] = [];
  const setting = store.setting(key);
  if (setting === undefined) throw new Error(`no setting ${key}`);
  const detail = evaluate(store, setting, context, (prerequisite, served, requiredBy) => {
    prerequisites.push({ key: prerequisite.key, detail: served, requiredBy });
  });
  return { detail, prerequisites };
}

describe.each([
  { odd: false, name: 'well-formed data' },
  { odd: true, name: 'odd and malformed data' },
])('compiled evaluation of $name', ({ odd }) => {
  it(
    'gives the same details and prerequisites as a literal reading of the protocol',
    () => {
      const reasons = new Set<string>();
      for (let seed = 1; seed <= SEEDS; seed++) {
        const { data, contexts } = generate(seed, { odd });
        const store = new Store();
        const dataSet = parseDataSet(JSON.stringify(data));
        store.replaceAll(dataSet);
        for (const key of store.settingKeys()) {
          for (const context of contexts) {
            const expected = evaluateLiterally(dataSet, key, context);
            const actual = evaluateWithEvents(store, key, context);
            // Compared once more for its message: 20,000 expectations take longer than all evaluations.
            if (!isDeepStrictEqual(actual, expected)) {
              expect({ seed, key, context, ...actual }).toEqual({ seed, key, context, ...expected });
            }
            reasons.add(actual.detail.reason.errorKind ?? actual.detail.reason.kind);
          }
        }
      }
      const always = ['FALLTHROUGH', 'OFF', 'PREREQUISITE_FAILED', 'RULE_MATCH', 'TARGET_MATCH'];
      expect([...reasons].sort()).toEqual(odd ? [...always, 'MALFORMED_FLAG'].sort() : always);
    },
    TIMEOUT_MS,
  );
});
