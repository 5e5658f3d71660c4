// docs/protocol.md, sections 7 and 8.7, as an application sees them.

import { data, Outsider, serving, settle } from '../support/outsider.js';
import { event, open, send } from '../support/sse-server.js';

const ALICE = { key: 'alice' };
const error = (errorKind: string) => ({ kind: 'ERROR', errorKind });
const clause = (attribute: string, op: string, values: unknown[], fields = {}) => ({
  attribute,
  op,
  values,
  ...fields,
});

describe('all settings', () => {
  let outside: Outsider;

  beforeEach(() => {
    outside = new Outsider();
  });

  afterEach(async () => {
    await outside.close();
  });

  describe('the state of all settings (7)', () => {
    const later = Date.now() + 1e8;
    const settings = {
      'new-checkout': serving(true, {
        version: 17,
        trackEvents: true,
        trackEventsFallthrough: true,
        prerequisites: [{ key: 'payments', variation: 0 }],
        clientSideAvailability: { usingEnvironmentId: true },
      }),
      payments: serving(1, { version: 4, prerequisites: [{ key: 'deep', variation: 0 }] }),
      deep: serving(1),
      theme: serving('dark', { version: 2, debugEventsUntilDate: 1000, clientSide: true }),
      debugged: serving('x', {
        debugEventsUntilDate: later,
        clientSide: true,
        clientSideAvailability: { usingMobileKey: true },
      }),
      broken: { on: true, version: 5, variations: [] },
      off: { on: false, version: 6, variations: [1], prerequisites: [{ key: 'deep', variation: 0 }] },
      failing: serving(1, {
        prerequisites: [
          { key: 'no-such', variation: 0 },
          { key: 'deep', variation: 0 },
        ],
      }),
      failed: serving(1, {
        prerequisites: [
          { key: 'deep', variation: 1 },
          { key: 'theme', variation: 0 },
        ],
      }),
      tombstone: { deleted: true },
    };

    it('has exactly the fields of the protocol', async () => {
      const { client } = await outside.connected(settings);
      const state = client.allSettings(ALICE);
      expect(JSON.parse(JSON.stringify(state))).toEqual({
        'new-checkout': true,
        payments: 1,
        deep: 1,
        theme: 'dark',
        debugged: 'x',
        broken: null,
        off: null,
        failing: 1,
        failed: 1,
        $flagsState: {
          'new-checkout': {
            variation: 0,
            version: 17,
            trackEvents: true,
            trackReason: true,
            reason: { kind: 'FALLTHROUGH' },
            prerequisites: ['payments'],
          },
          payments: { variation: 0, version: 4, prerequisites: ['deep'] },
          deep: { variation: 0, version: 1 },
          theme: { variation: 0, version: 2, debugEventsUntilDate: 1000 },
          debugged: { variation: 0, version: 1, debugEventsUntilDate: later },
          broken: { version: 5 },
          off: { version: 6 },
          failing: { variation: 0, version: 1 },
          failed: { variation: 0, version: 1, prerequisites: ['deep'] },
        },
        $valid: true,
      });
      expect(state.valid).toBe(true);
      expect(state.getSettingValue('theme')).toBe('dark');
      expect(state.getSettingValue('no-such')).toBeUndefined();
      expect(state.getSettingReason('off')).toEqual({ kind: 'OFF' });
      expect(Object.keys(state.allValues()).sort()).toEqual([
        'broken',
        'debugged',
        'deep',
        'failed',
        'failing',
        'new-checkout',
        'off',
        'payments',
        'theme',
      ]);
    });

    it('has its three options', async () => {
      const { client } = await outside.connected(settings);
      const shown = (options: object) =>
        client.allSettings(ALICE, options).toJSON().$flagsState as Record<string, object>;
      expect(Object.keys(shown({ clientSideOnly: true })).sort()).toEqual(['new-checkout', 'theme']);
      expect(shown({ clientSideOnly: true })['new-checkout']).toHaveProperty('prerequisites', ['payments']);
      const reasons = shown({ withReasons: true });
      expect(reasons.broken).toEqual({ version: 5, reason: error('MALFORMED_FLAG') });
      expect(reasons.off).toEqual({ version: 6, reason: { kind: 'OFF' } });
      const less = shown({ withReasons: true, detailsOnlyForTrackedSettings: true });
      expect(less.deep).toEqual({ variation: 0 });
      expect(less.theme).toEqual({ variation: 0, debugEventsUntilDate: 1000 });
      expect(less.debugged).toEqual({
        variation: 0,
        version: 1,
        reason: { kind: 'FALLTHROUGH' },
        debugEventsUntilDate: later,
      });
      expect(less['new-checkout']).toHaveProperty('reason');
    });
  });

  it('tells of changes through prerequisites and segments, after they are stored (8.7)', async () => {
    const inSegment = (key: string) => [{ clauses: [clause('', 'segmentMatch', [key])], variation: 0 }];
    const settings = {
      base: serving(1),
      middle: serving(1, { prerequisites: [{ key: 'base', variation: 0 }] }),
      top: serving(1, { prerequisites: [{ key: 'middle', variation: 0 }] }),
      segmented: serving(1, { rules: inSegment('outer') }),
      loop: serving(1, { prerequisites: [{ key: 'loop', variation: 0 }] }),
      apart: serving(1),
    };
    const segments = { outer: { rules: inSegment('inner') }, inner: { rules: inSegment('outer') } };
    let release = () => {};
    const go = new Promise<void>((resolve) => {
      release = resolve;
    });
    const server = await outside.serve([
      [
        open(),
        send(event('put', { data: data(settings, segments) })),
        () => go,
        send(event('patch', { path: '/flags/base', data: { key: 'base', ...serving(2, { version: 2 }) } })),
        send(event('patch', { path: '/flags/apart', data: { key: 'apart', ...serving(2, { version: 1 }) } })),
        send(event('patch', { path: '/segments/inner', data: { key: 'inner', version: 2, included: ['alice'] } })),
        send(event('delete', { path: '/flags/loop', version: 2 })),
        send(
          event('put', {
            data: data({ ...settings, base: serving(3, { version: 2 }), apart: serving(3, { version: 3 }) }, segments),
          }),
        ),
      ],
    ]);
    const client = outside.client(server);
    await client.waitForInitialization({ timeoutMs: 4000 });
    const updates: string[] = [];
    client.on('update', ({ key }) => updates.push(`${key}=${client.variation('base', ALICE, 0)}`));
    const one = jest.fn();
    client.on('update:top', one);
    release();
    await settle();
    expect(updates.slice(0, 3).sort()).toEqual(['base=2', 'middle=2', 'top=2']);
    expect(updates.slice(3, 5)).toEqual(['segmented=2', 'loop=2']);
    expect(new Set(updates.slice(5))).toEqual(new Set(['apart=3', 'loop=3', 'segmented=3']));
    expect(one.mock.calls).toEqual([[{ key: 'top' }]]);
  });
});
