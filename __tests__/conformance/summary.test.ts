// docs/protocol.md, sections 6.4, 6.5 and 6.9, as a service sees them.
import { CLOCK, flushed, Outsider, ofKind, putOf, type Received, serving, settle, until } from '../support/outsider.js';
import { type Answer, status as answer, event, open, send } from '../support/sse-server.js';

const ALICE = { kind: 'user', key: 'alice', plan: 'gold' };
const BOB = { key: 'bob' };
const DAY = 86_400_000;

describe('summaries and when events are sent', () => {
  let outside: Outsider;

  beforeEach(() => {
    outside = new Outsider();
  });

  afterEach(async () => {
    jest.useRealTimers();
    await outside.close();
  });

  describe('summary (6.4)', () => {
    it('has one counter for each variation and version, and nothing but its fields', async () => {
      const { client, server } = await outside.connected({
        theme: {
          on: true,
          version: 17,
          variations: ['dark', 'light'],
          fallthrough: { variation: 1 },
          targets: [{ variation: 0, values: ['alice'] }],
        },
        off: { on: false, version: 2, variations: [] },
        broken: { on: true, version: 5, variations: [] },
        hidden: serving(1, { excludeFromSummaries: true }),
        onHidden: serving(1, { prerequisites: [{ key: 'hidden', variation: 0 }] }),
      });
      const before = Date.now();
      client.variation('theme', ALICE, 'first');
      client.variation('theme', BOB, 'second');
      client.variation('theme', { kind: 'multi', user: { key: 'x' }, org: { key: 'acme' } }, 'third');
      client.variation('off', ALICE, 'd');
      client.variation('broken', ALICE, 1);
      client.variation('no-such', { kind: 'org', key: 'acme' }, 'x');
      client.variation('no-such', ALICE, 'y');
      client.variation('hidden', ALICE, 0);
      client.variation('onHidden', ALICE, 0);
      client.stringVariation('onHidden', ALICE, 'text');
      const events = await flushed(client, server);
      const [summary] = ofKind(events, 'summary');
      expect(events.at(-1)).toBe(summary);
      summary.features.theme.contextKinds.sort();
      summary.features['no-such'].contextKinds.sort();
      expect(summary).toEqual({
        kind: 'summary',
        startDate: expect.any(Number),
        endDate: expect.any(Number),
        features: {
          theme: {
            default: 'first',
            contextKinds: ['org', 'user'],
            counters: expect.arrayContaining([
              { variation: 0, version: 17, value: 'dark', count: 1 },
              { variation: 1, version: 17, value: 'light', count: 2 },
            ]),
          },
          off: { default: 'd', contextKinds: ['user'], counters: [{ version: 2, value: 'd', count: 1 }] },
          broken: { default: 1, contextKinds: ['user'], counters: [{ version: 5, value: 1, count: 1 }] },
          'no-such': {
            default: 'x',
            contextKinds: ['org', 'user'],
            counters: [{ unknown: true, value: 'x', count: 2 }],
          },
          onHidden: {
            default: 0,
            contextKinds: ['user'],
            counters: expect.arrayContaining([
              { variation: 0, version: 1, value: 1, count: 1 },
              { version: 1, value: 'text', count: 1 },
            ]),
          },
        },
      });
      expect(summary.startDate).toBeGreaterThanOrEqual(before);
      expect(summary.endDate).toBeLessThanOrEqual(Date.now());
      expect(summary.endDate).toBeGreaterThanOrEqual(summary.startDate);
    });

    it('counts apart what changed within the period, and keeps the first default', async () => {
      let release = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      const patch = { path: '/flags/a', data: { key: 'a', ...serving('new', { version: 2 }) } };
      const first = putOf({ a: serving('old'), b: serving(true, { prerequisites: [{ key: 'a', variation: 0 }] }) });
      const server = await outside.serve([[open(), send(first), () => held, send(event('patch', patch))]]);
      const client = outside.client(server);
      await client.waitForInitialization({ timeoutMs: 4000 });
      client.variation('b', ALICE, 'd');
      client.variation('a', ALICE, 'later');
      release();
      await until(() => client.allSettings(ALICE).getSettingValue('a') === 'new');
      client.variation('a', ALICE, 'last');
      const [{ features }] = ofKind(await flushed(client, server), 'summary');
      expect(features.a.default).toBeNull();
      features.a.counters.sort((one: Received, other: Received) => one.version - other.version);
      expect(features.a.counters).toEqual([
        { variation: 0, version: 1, value: 'old', count: 2 },
        { variation: 0, version: 2, value: 'new', count: 1 },
      ]);
    });

    it('begins anew with each flush', async () => {
      const { client, server } = await outside.connected({ a: serving(1) });
      client.variation('a', ALICE, 'one');
      await client.flush();
      client.variation('a', BOB, 'two');
      const [summary] = ofKind(await flushed(client, server), 'summary');
      expect(summary.features.a).toMatchObject({ default: 'two', counters: [{ count: 1 }] });
      client.identify(BOB);
      expect(ofKind(await flushed(client, server), 'summary')).toEqual([]);
    });

    it('is not sent when only excluded settings were asked for', async () => {
      const { client, server } = await outside.connected({ hidden: serving(1, { excludeFromSummaries: true }) });
      client.variation('hidden', ALICE, 0);
      expect((await flushed(client, server)).map(({ kind }) => kind)).toEqual(['index']);
    });
  });

  describe('rules of emission (6.5)', () => {
    const settings = { a: serving(1), tracked: serving(1, { trackEvents: true }) };
    const keysOf = (events: Received[]) => ofKind(events, 'index').map(({ context }) => context.key);

    it('sends one index event for each canonical key', async () => {
      const { client, server } = await outside.connected(settings);
      client.variation('a', ALICE, 0);
      client.variation('a', { ...ALICE, plan: 'other' }, 0);
      client.variation('a', { key: 'alice' }, 0);
      client.track('x', { kind: 'multi', user: { key: 'alice' } });
      client.track('x', { kind: 'org', key: 'alice' });
      client.variation('no-such', BOB, 0);
      client.identify({ key: 'carol' });
      client.variation('a', { key: 'carol' }, 0);
      client.variation('a', { kind: 'multi', org: { key: 'b' }, user: { key: 'a' } }, 0);
      client.variation('a', { kind: 'multi', user: { key: 'a' }, org: { key: 'b' } }, 0);
      const events = await flushed(client, server);
      expect(ofKind(events, 'index').map(({ context }) => context.key ?? 'multi')).toEqual([
        'alice',
        'alice',
        'bob',
        'multi',
      ]);
      expect(ofKind(events, 'identify')).toHaveLength(1);
    });

    it('forgets the least recently seen beyond the capacity, where a hit counts as seen', async () => {
      const { client, server } = await outside.connected(settings, { contextKeysCapacity: 2 });
      for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) client.variation('a', { key }, 0);
      expect(keysOf(await flushed(client, server))).toEqual(['a', 'b', 'c', 'b']);
    });

    it('forgets all after the interval', async () => {
      jest.useFakeTimers(CLOCK);
      const { client, server } = await outside.connected(settings, {
        contextKeysFlushIntervalMs: 10_000,
        flushIntervalMs: 1_000_000,
      });
      client.variation('a', BOB, 0);
      await jest.advanceTimersByTimeAsync(9900);
      client.variation('a', BOB, 0);
      await jest.advanceTimersByTimeAsync(200);
      client.variation('a', BOB, 0);
      expect(keysOf(await flushed(client, server))).toEqual(['bob', 'bob']);
    });

    it('keeps the oldest events within the capacity, counts on, and adds the summary on top', async () => {
      const { client, server } = await outside.connected(settings, { capacity: 3 });
      client.variation('tracked', BOB, 0);
      client.identify(ALICE);
      client.track('dropped', BOB);
      client.variation('tracked', BOB, 0);
      client.variation('a', { key: 'unseen' }, 0);
      const events = await flushed(client, server);
      expect(events.map(({ kind }) => kind)).toEqual(['index', 'feature', 'identify', 'summary']);
      expect(events[3].features.tracked.counters[0].count).toBe(2);
      expect(outside.warnings()).toHaveLength(1);
      client.identify(ALICE);
      expect(await flushed(client, server)).toHaveLength(1);
    });

    describe('debug events (6.5.4)', () => {
      const dated = (ms: number): Answer => [answer(202, { Date: new Date(Date.now() + ms).toUTCString() })];
      const debugged = (ms: number, fields = {}) => ({
        d: serving(1, { version: 8, debugEventsUntilDate: Date.now() + ms, ...fields }),
        over: serving(1, { prerequisites: [{ key: 'd', variation: 0 }] }),
      });

      it('come while the date is in the future, beside full events, without prereqOf and with the whole context', async () => {
        const { client, server } = await outside.answered([[answer(202)]], {}, debugged(DAY, { trackEvents: true }));
        const anonymous = { kind: 'user', key: 'x', anonymous: true, plan: 'gold' };
        client.variation('d', anonymous, 0);
        client.variation('over', anonymous, 0);
        const events = await flushed(client, server);
        expect(events.map(({ kind }) => kind)).toEqual(['index', 'feature', 'debug', 'feature', 'debug', 'summary']);
        const debug = {
          kind: 'debug',
          creationDate: expect.any(Number),
          key: 'd',
          version: 8,
          variation: 0,
          value: 1,
          context: anonymous,
        };
        expect(ofKind(events, 'debug')).toEqual([
          { ...debug, default: 0 },
          { ...debug, default: null },
        ]);
      });

      it('do not come when the date is past', async () => {
        const { client, server } = await outside.answered([[answer(202)]], {}, debugged(-1));
        client.variation('d', ALICE, 0);
        expect(ofKind(await flushed(client, server), 'debug')).toEqual([]);
      });

      it('end when the clock of the service says so, from the moment its headers are there', async () => {
        const never: Answer = [
          ({ response }) => {
            response.writeHead(202, { Date: new Date(Date.now() + 2 * DAY).toUTCString() });
            response.flushHeaders();
          },
        ];
        const { client, server } = await outside.answered([never, [answer(202)]], {}, debugged(DAY));
        client.identify(BOB);
        void client.flush();
        await server.post(0);
        await settle(15);
        client.variation('d', ALICE, 0);
        const events = await flushed(client, server);
        expect(events.map(({ kind }) => kind)).toEqual(['index', 'summary']);
      });

      it('are not prolonged by a service whose clock is behind', async () => {
        const { client, server } = await outside.answered([dated(-DAY)], {}, debugged(-1000));
        client.identify(BOB);
        await client.flush();
        client.variation('d', ALICE, 0);
        expect(ofKind(await flushed(client, server), 'debug')).toEqual([]);
      });
    });

    it('samples full events and debug events, not the counts (6.9)', async () => {
      const sampled = (samplingRatio: unknown) =>
        serving(1, { trackEvents: true, samplingRatio, debugEventsUntilDate: Date.now() + DAY });
      const { client, server } = await outside.connected({
        never: sampled(0),
        negative: sampled(-5),
        always: sampled(1),
        rarely: sampled(1_000_000_000),
        half: sampled(2),
      });
      for (const key of ['never', 'negative', 'always', 'rarely']) client.variation(key, ALICE, 0);
      for (let n = 0; n < 60; n++) client.variation('half', ALICE, 0);
      const events = await flushed(client, server);
      const full = events.filter(({ kind }) => kind === 'feature' || kind === 'debug');
      expect(full.filter(({ key }) => key !== 'half').map(({ key, samplingRatio }) => [key, samplingRatio])).toEqual([
        ['always', undefined],
        ['always', undefined],
      ]);
      const halves = full.filter(({ key }) => key === 'half');
      expect(halves.length).toBeGreaterThan(20);
      expect(halves.length).toBeLessThan(100);
      expect(new Set(halves.map(({ samplingRatio }) => samplingRatio))).toEqual(new Set([2]));
      const { features } = events.at(-1);
      expect(Object.keys(features)).toHaveLength(5);
      expect(ofKind(events, 'index')).toHaveLength(1);
    });
  });
});
