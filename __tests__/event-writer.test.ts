import type { Context } from '../lib/context.js';
import { type Evaluation, EventWriter, MAX_EVENT_CHARACTERS } from '../lib/event-writer.js';
import { detail, setting } from './support/analytics.js';

const writer = new EventWriter({ allAttributesPrivate: false, privateAttributes: ['secret'] });
const alice = { key: 'alice', secret: 1 };
const shownAlice = { kind: 'user', key: 'alice', _meta: { redactedAttributes: ['secret'] } };
const stranger = { key: 's', anonymous: true, plan: 'gold' };
const bareStranger = { kind: 'user', key: 's', anonymous: true, _meta: { redactedAttributes: ['plan'] } };
const shownStranger = { kind: 'user', key: 's', anonymous: true, plan: 'gold' };

const parse = (text: string | undefined) => JSON.parse(text as string);

function evaluation(fields: Partial<Evaluation> = {}): Evaluation {
  return {
    setting: setting('a'),
    context: alice,
    detail: detail(1, { kind: 'FALLTHROUGH' }),
    defaultValue: 'd',
    withReason: false,
    requiredBy: undefined,
    ...fields,
  };
}

const feature = (fields: Partial<Evaluation> = {}) => parse(writer.evaluation('feature', evaluation(fields), 5));
const debug = (fields: Partial<Evaluation> = {}) => parse(writer.evaluation('debug', evaluation(fields), 5));

describe('index and identify events', () => {
  it.each(['index', 'identify'] as const)('%s has kind, date and context', (kind) => {
    expect(parse(writer.contextEvent(kind, alice, 5))).toEqual({ kind, creationDate: 5, context: shownAlice });
  });

  it('show the attributes of an anonymous context', () => {
    expect(parse(writer.contextEvent('index', stranger, 5)).context).toEqual(shownStranger);
  });
});

describe('a custom event', () => {
  const custom = (data?: unknown, metric?: number, context: Context = alice) =>
    parse(writer.custom('bought', context, data, metric, 5));

  it('has no data and no metric value where none were given', () => {
    const plain = { kind: 'custom', creationDate: 5, key: 'bought', context: shownAlice };
    expect(custom()).toEqual(plain);
    expect(custom(null)).toEqual(plain);
  });

  it.each([false, 0, '', [], {}, { items: 3 }])('has data %j', (data) => {
    expect(custom(data).data).toEqual(data);
  });

  it('has a metric value, also when it is 0', () => {
    expect(custom(undefined, 0).metricValue).toBe(0);
    expect(custom(undefined, 41.5).metricValue).toBe(41.5);
  });

  it('hides the attributes of an anonymous context', () => {
    expect(custom(1, 1, stranger).context).toEqual(bareStranger);
  });

  it('leaves out data that JSON cannot carry', () => {
    expect(custom(() => 1)).not.toHaveProperty('data');
    const ring: Record<string, unknown> = { amount: 10n };
    ring.self = ring;
    expect(custom(ring).data).toEqual({ amount: '10' });
  });

  it('leaves out data that is too large, and keeps the event', () => {
    expect(custom('x'.repeat(MAX_EVENT_CHARACTERS))).toEqual({
      kind: 'custom',
      creationDate: 5,
      key: 'bought',
      context: shownAlice,
    });
  });

  it('is not written when its name is too long', () => {
    expect(writer.custom('x'.repeat(MAX_EVENT_CHARACTERS), alice, undefined, undefined, 5)).toBeUndefined();
  });
});

describe('a feature event', () => {
  it('has exactly the fields that apply', () => {
    expect(feature()).toEqual({
      kind: 'feature',
      creationDate: 5,
      key: 'a',
      version: 3,
      variation: 1,
      value: 'y',
      default: 'd',
      context: shownAlice,
    });
  });

  it('has the value the caller received, and no variation, where there was none', () => {
    const event = feature({ detail: detail(null, { kind: 'ERROR', errorKind: 'WRONG_TYPE' }), defaultValue: 7 });
    expect(event).toMatchObject({ value: 7, default: 7, version: 3 });
    expect(event).not.toHaveProperty('variation');
  });

  it('has variation 0 and version 0', () => {
    expect(feature({ setting: setting('a', { version: 0 }), detail: detail(0) })).toMatchObject({
      variation: 0,
      version: 0,
    });
  });

  it('has value and default also when they are null', () => {
    expect(feature({ detail: detail(null), defaultValue: null })).toMatchObject({ value: null, default: null });
    expect(feature({ detail: detail(null), defaultValue: undefined })).toMatchObject({ value: null, default: null });
  });

  it('has the reason when it is wanted', () => {
    expect(feature({ withReason: true }).reason).toEqual({ kind: 'FALLTHROUGH' });
  });

  it('says which setting required it', () => {
    expect(feature({ requiredBy: 'parent', defaultValue: null })).toMatchObject({ prereqOf: 'parent', default: null });
  });

  it.each([
    [undefined, undefined],
    [null, undefined],
    [1, undefined],
    [10, 10],
  ])('with a sampling ratio of %p writes %p', (samplingRatio, written) => {
    expect(feature({ setting: setting('a', { samplingRatio: samplingRatio as number }) }).samplingRatio).toBe(written);
  });

  it('hides the attributes of an anonymous context', () => {
    expect(feature({ context: stranger }).context).toEqual(bareStranger);
  });

  it('has null for a default that is too large', () => {
    expect(feature({ defaultValue: 'x'.repeat(MAX_EVENT_CHARACTERS) })).toMatchObject({ value: 'y', default: null });
  });

  it('is never much larger than its bound', () => {
    const attributes = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`attribute${i}`, 'x'.repeat(50)]));
    const text = writer.evaluation('feature', evaluation({ context: { ...attributes, key: 'big' } }), 5) as string;
    expect(text.length).toBeLessThan(MAX_EVENT_CHARACTERS * 1.1);
    expect(JSON.parse(text)).toMatchObject({ context: { key: 'big' }, key: 'a' });
  });

  it('is not written when the key of the context is too long', () => {
    const long = evaluation({ context: { key: 'x'.repeat(MAX_EVENT_CHARACTERS) } });
    expect(writer.evaluation('feature', long, 5)).toBeUndefined();
  });
});

describe('a debug event', () => {
  it('is like a feature event', () => {
    expect(debug({ withReason: true })).toEqual({ ...feature({ withReason: true }), kind: 'debug' });
  });

  it('does not say which setting required it', () => {
    expect(debug({ requiredBy: 'parent' })).not.toHaveProperty('prereqOf');
  });

  it('shows the attributes of an anonymous context', () => {
    expect(debug({ context: stranger }).context).toEqual(shownStranger);
  });
});

describe('a migration event', () => {
  const operation = {
    operation: 'read',
    context: stranger,
    evaluation: { key: 'move', value: 'shadow', default: 'off', variation: 2, version: 0, reason: { kind: 'OFF' } },
    measurements: [{ key: 'invoked', values: { old: true, new: true } }],
  };

  it('has exactly the fields that apply', () => {
    expect(parse(writer.migration(operation, 5))).toEqual({
      kind: 'migration_op',
      creationDate: 5,
      operation: 'read',
      context: bareStranger,
      evaluation: operation.evaluation,
      measurements: operation.measurements,
    });
  });

  it('has the sampling ratio when it is not 1', () => {
    expect(parse(writer.migration({ ...operation, samplingRatio: 1 }, 5))).not.toHaveProperty('samplingRatio');
    expect(parse(writer.migration({ ...operation, samplingRatio: 5 }, 5)).samplingRatio).toBe(5);
  });
});
