import { afterTrack, evaluateWithHooks, type Hook, type VariationDetail } from '../lib/hooks.js';

const context = { flagKey: 'a', context: { key: 'ada' }, defaultValue: false, method: 'FeatheryClient.variation' };
const detail: VariationDetail = { value: true, variationIndex: 0, reason: { kind: 'FALLTHROUGH' } };
const named = (name: string, stages: Partial<Hook> = {}): Hook => ({ getMetadata: () => ({ name }), ...stages });

describe('hooks', () => {
  let reported: string[];
  const report = (message: string) => void reported.push(message);
  beforeEach(() => {
    reported = [];
  });

  it('run before in order and after in reverse order, each with its own data', () => {
    const calls: unknown[] = [];
    const tracing = (name: string) =>
      named(name, {
        beforeEvaluation(series, data) {
          calls.push([`before ${name}`, series === context, data]);
          return { from: name };
        },
        afterEvaluation(_series, data, result) {
          calls.push([`after ${name}`, data, result]);
          return data;
        },
      });
    const result = evaluateWithHooks([tracing('one'), tracing('two')], context, () => detail, report);
    expect(result).toBe(detail);
    expect(calls).toEqual([
      ['before one', true, {}],
      ['before two', true, {}],
      ['after two', { from: 'two' }, detail],
      ['after one', { from: 'one' }, detail],
    ]);
  });

  it('may write into the data they are given without others seeing it', () => {
    const seen: unknown[] = [];
    const writing = (name: string) =>
      named(name, {
        beforeEvaluation: (_series, data) => Object.assign(data, { [name]: true }),
        afterEvaluation: (_series, data) => seen.push(data),
      });
    evaluateWithHooks([writing('one'), writing('two')], context, () => detail, report);
    expect(seen).toEqual([{ two: true }, { one: true }]);
    expect(reported).toEqual([]);
  });

  it('that throw are reported by stage and name, and their after stage still runs with empty data', () => {
    const after: unknown[] = [];
    const broken = named('broken', {
      beforeEvaluation() {
        throw new Error('no');
      },
      afterEvaluation(_series, data) {
        after.push(data);
        throw new Error('neither');
      },
    });
    expect(evaluateWithHooks([broken], context, () => detail, report)).toBe(detail);
    expect(after).toEqual([{}]);
    expect(reported).toEqual([
      'Stage beforeEvaluation of hook "broken" failed: no',
      'Stage afterEvaluation of hook "broken" failed: neither',
    ]);
  });

  it('may lack stages, data and even a name', () => {
    const seen: unknown[] = [];
    const nameless = {
      beforeEvaluation: () => undefined,
      afterEvaluation(_series: unknown, data: unknown) {
        seen.push(data);
        throw new Error('x');
      },
    } as unknown as Hook;
    evaluateWithHooks([named('empty'), nameless], context, () => detail, report);
    expect(seen).toEqual([{}]);
    expect(reported).toEqual(['Stage afterEvaluation of hook "unknown" failed: x']);
  });

  it('that are asynchronous cannot end the process by failing', async () => {
    const late = named('late', { beforeEvaluation: (async () => Promise.reject(new Error('late'))) as never });
    evaluateWithHooks([late], context, () => detail, report);
    await new Promise(setImmediate);
    expect(reported).toEqual(['Stage beforeEvaluation of hook "late" failed: late']);
  });

  it('hear of tracking in order, with only the fields that were given', () => {
    const heard: unknown[] = [];
    const listening = (name: string) =>
      named(name, {
        afterTrack(series) {
          heard.push([name, series]);
          if (name === 'one') throw new Error('no');
        },
      });
    const fields = { key: 'e', context: { key: 'ada' }, data: undefined, metricValue: 0, environmentId: undefined };
    afterTrack([listening('one'), named('deaf'), listening('two')], fields, report);
    const series = { key: 'e', context: { key: 'ada' }, metricValue: 0 };
    expect(heard).toEqual([
      ['one', series],
      ['two', series],
    ]);
    expect(reported).toEqual(['Stage afterTrack of hook "one" failed: no']);
  });
});
