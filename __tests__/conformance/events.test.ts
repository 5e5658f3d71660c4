// docs/protocol.md, sections 6.2 to 6.4, as a service sees them.
import { flushed, Outsider, ofKind, requestsTo, serving } from '../support/outsider.js';
import { stall } from '../support/sse-server.js';

const ALICE = { kind: 'user', key: 'alice', plan: 'gold' };
const BOB = { key: 'bob' };

describe('events', () => {
  let outside: Outsider;

  beforeEach(() => {
    outside = new Outsider();
  });

  afterEach(async () => {
    jest.useRealTimers();
    await outside.close();
  });

  const settings = {
    plain: serving('v', { version: 3 }),
    tracked: serving('v', { version: 4, trackEvents: true }),
    off: { on: false, version: 5, variations: ['x'], trackEvents: true },
    nothing: serving(null, { trackEvents: true }),
    broken: { on: true, version: 6, trackEvents: true, variations: [] },
    text: serving('text', { version: 7, trackEvents: true }),
  };
  const context = { kind: 'user', key: 'alice', plan: 'gold' };
  const now = expect.any(Number);

  it('index and identify have kind, date and context', async () => {
    const { client, server } = await outside.connected(settings);
    const before = Date.now();
    client.variation('plain', ALICE, 0);
    client.identify(ALICE);
    const events = await flushed(client, server);
    expect(events.slice(0, 2)).toEqual([
      { kind: 'index', creationDate: now, context },
      { kind: 'identify', creationDate: now, context },
    ]);
    for (const { creationDate } of events.slice(0, 2)) {
      expect(Number.isInteger(creationDate)).toBe(true);
      expect(creationDate).toBeGreaterThanOrEqual(before);
      expect(creationDate).toBeLessThanOrEqual(Date.now());
    }
  });

  it('custom has data and metric only where given', async () => {
    const { client, server } = await outside.connected(settings);
    client.identify(ALICE);
    client.track('bare', ALICE);
    client.track('null', ALICE, null);
    client.track('zero', ALICE, { items: [3, null] }, 0);
    client.track('false', ALICE, false, 41.5);
    client.track('undefined', ALICE, undefined, 1);
    const events = await flushed(client, server);
    const common = { kind: 'custom', creationDate: now, context };
    expect(ofKind(events, 'custom')).toEqual([
      { ...common, key: 'bare' },
      { ...common, key: 'null' },
      { ...common, key: 'zero', data: { items: [3, null] }, metricValue: 0 },
      { ...common, key: 'false', data: false, metricValue: 41.5 },
      { ...common, key: 'undefined', metricValue: 1 },
    ]);
  });

  it('warns of a metric that is no number (6.2)', async () => {
    const { client, server } = await outside.connected(settings);
    client.track('odd', ALICE, undefined, '5' as never);
    expect(outside.warnings()).toHaveLength(1);
    expect(ofKind(await flushed(client, server), 'custom')).toHaveLength(1);
  });

  it('feature has exactly its fields', async () => {
    const { client, server } = await outside.connected(settings);
    client.identify(ALICE);
    client.variation('tracked', ALICE, 'd');
    client.variationDetail('tracked', ALICE, null as never);
    client.variation('off', ALICE, 'd');
    client.variation('nothing', ALICE, 'd');
    client.variationDetail('broken', ALICE, 'd');
    client.numberVariation('text', ALICE, 9);
    client.numberVariationDetail('text', ALICE, 9);
    const events = ofKind(await flushed(client, server), 'feature');
    const common = { kind: 'feature', creationDate: now, context };
    expect(events).toEqual([
      { ...common, key: 'tracked', version: 4, variation: 0, value: 'v', default: 'd' },
      {
        ...common,
        key: 'tracked',
        version: 4,
        variation: 0,
        value: 'v',
        default: null,
        reason: { kind: 'FALLTHROUGH' },
      },
      { ...common, key: 'off', version: 5, value: 'd', default: 'd' },
      { ...common, key: 'nothing', version: 1, variation: 0, value: null, default: 'd' },
      {
        ...common,
        key: 'broken',
        version: 6,
        value: 'd',
        default: 'd',
        reason: { kind: 'ERROR', errorKind: 'MALFORMED_FLAG' },
      },
      { ...common, key: 'text', version: 7, value: 9, default: 9 },
      {
        ...common,
        key: 'text',
        version: 7,
        value: 9,
        default: 9,
        reason: { kind: 'ERROR', errorKind: 'WRONG_TYPE' },
      },
    ]);
  });

  it('prerequisites come first, with prereqOf, their own tracking, and the caller’s wish for reasons', async () => {
    const chain = {
      top: serving(true, {
        trackEvents: true,
        prerequisites: [
          { key: 'left', variation: 0 },
          { key: 'right', variation: 0 },
          { key: 'never', variation: 0 },
        ],
      }),
      left: serving(1, { version: 2, trackEvents: true, prerequisites: [{ key: 'deep', variation: 0 }] }),
      deep: serving(1, { version: 3, trackEvents: true }),
      right: serving(1, { version: 4, on: false, trackEvents: true }),
      never: serving(1, { trackEvents: true }),
    };
    const { client, server } = await outside.connected(chain);
    client.variationDetail('top', BOB, 'd');
    const events = await flushed(client, server);
    const rest = { creationDate: now, context: { kind: 'user', key: 'bob' } };
    const fallthrough = { reason: { kind: 'FALLTHROUGH' } };
    expect(events.slice(0, -1)).toEqual([
      { ...rest, kind: 'index' },
      {
        ...rest,
        kind: 'feature',
        key: 'deep',
        version: 3,
        variation: 0,
        value: 1,
        default: null,
        prereqOf: 'left',
        ...fallthrough,
      },
      {
        ...rest,
        kind: 'feature',
        key: 'left',
        version: 2,
        variation: 0,
        value: 1,
        default: null,
        prereqOf: 'top',
        ...fallthrough,
      },
      {
        ...rest,
        kind: 'feature',
        key: 'right',
        version: 4,
        variation: 0,
        value: 1,
        default: null,
        prereqOf: 'top',
        reason: { kind: 'OFF' },
      },
      {
        ...rest,
        kind: 'feature',
        key: 'top',
        version: 1,
        variation: 0,
        value: true,
        default: 'd',
        reason: { kind: 'PREREQUISITE_FAILED', prerequisiteKey: 'right' },
      },
    ]);
    const { features } = events.at(-1);
    expect(Object.keys(features).sort()).toEqual(['deep', 'left', 'right', 'top']);
    expect(features.deep).toEqual({
      default: null,
      contextKinds: ['user'],
      counters: [{ variation: 0, version: 3, value: 1, count: 1 }],
    });
  });

  it('an experiment gives a full event with its reason, whatever the setting says (3.9.6)', async () => {
    const rollout = (kind: string, untracked = false) => ({
      rollout: { kind, variations: [{ variation: 0, weight: 100_000, untracked }] },
    });
    const rule = (fields: object) => serving(1, { rules: [{ id: 'r', clauses: [], variation: 0, ...fields }] });
    const { client, server } = await outside.connected({
      exposed: serving(1, { fallthrough: rollout('experiment') }),
      untracked: serving(1, { fallthrough: rollout('experiment', true) }),
      split: serving(1, { fallthrough: rollout('rollout') }),
      fell: serving(1, { trackEventsFallthrough: true }),
      rule: rule({ trackEvents: true }),
      quiet: rule({}),
      offNow: serving(1, { on: false, trackEventsFallthrough: true }),
    });
    for (const key of ['exposed', 'untracked', 'split', 'fell', 'rule', 'quiet', 'offNow'])
      client.variation(key, ALICE, 0);
    const events = ofKind(await flushed(client, server), 'feature');
    expect(events.map(({ key, reason }) => [key, reason])).toEqual([
      ['exposed', { kind: 'FALLTHROUGH', inExperiment: true }],
      ['fell', { kind: 'FALLTHROUGH' }],
      ['rule', { kind: 'RULE_MATCH', ruleIndex: 0, ruleId: 'r' }],
    ]);
  });

  it('evaluations that are not ready, offline or about nobody give no events; the state of all settings neither', async () => {
    const server = await outside.serve([[stall()]]);
    const waiting = outside.client(server);
    waiting.variation('a', ALICE, 0);
    await waiting.flush();
    expect(requestsTo(server, '/bulk')).toEqual([]);
    const connected = await outside.connected(settings);
    connected.client.variation('plain', { key: '', kind: 'user' }, 0);
    connected.client.variation('plain', undefined as never, 0);
    connected.client.allSettings(ALICE).toJSON();
    await connected.client.flush();
    expect(requestsTo(connected.server, '/bulk')).toEqual([]);
  });

  it('identify and track of an invalid context warn and record nothing', async () => {
    const { client, server } = await outside.connected(settings);
    for (const bad of [
      undefined,
      null,
      5,
      {},
      { kind: 'user', key: '' },
      { kind: 'multi' },
      { kind: null, key: 'x' },
    ]) {
      client.identify(bad as never);
      client.track('x', bad as never);
    }
    expect(outside.warnings()).toHaveLength(14);
    await client.flush();
    expect(requestsTo(server, '/bulk')).toEqual([]);
  });
});
