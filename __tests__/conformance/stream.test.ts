// docs/protocol.md, sections 1.1, 1.4 and 4, as a service sees them.

import { data, live, Outsider, payloadsOf, putOf, SDK_KEY, serving, settle } from '../support/outsider.js';
import { close, comment, event, open, send } from '../support/sse-server.js';

const ALICE = { key: 'alice' };
const patchOf = (key: string, item: object) => event('patch', { path: `/flags/${key}`, data: { key, ...item } });

describe('the stream', () => {
  let outside: Outsider;

  beforeEach(() => {
    outside = new Outsider();
  });

  afterEach(async () => {
    jest.useRealTimers();
    await outside.close();
  });

  /** A client of a stream that begins with these texts, and the value of a setting to it. */
  async function receiving(...texts: (string | Uint8Array)[]) {
    const server = await outside.serve([[open(), ...texts.map(send)]]);
    const client = outside.client(server);
    await client.waitForInitialization({ timeoutMs: 4000 });
    await settle();
    return { client, server, value: (key: string) => client.variation(key, ALICE, 'default') };
  }

  describe('request (4.1)', () => {
    it('is a GET with exactly the headers of the protocol, and no body', async () => {
      const { server } = await outside.connected();
      const { method, path, headers } = await server.exchange(0);
      expect({ method, path }).toEqual({ method: 'GET', path: '/all' });
      const {
        host: _host,
        connection: _connection,
        'x-launchdarkly-instance-id': instance,
        'user-agent': agent,
        ...rest
      } = headers;
      expect(rest).toEqual({
        authorization: SDK_KEY,
        accept: 'text/event-stream',
        'cache-control': 'no-cache',
        'x-feathery-protocol': '1',
      });
      expect(agent).toMatch(/^[A-Za-z]+\/\d+\.\d+\.\d+/);
      expect(instance).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(headers['transfer-encoding'] ?? headers['content-length']).toBeUndefined();
    });

    it('keeps a path prefix and drops trailing slashes of the address', async () => {
      const server = await outside.serve([live()]);
      const client = outside.client(undefined, {
        streamUri: `${server.uri}/some/prefix//`,
        pollUri: server.uri,
        eventsUri: server.uri,
      });
      await client.waitForInitialization({ timeoutMs: 4000 });
      expect((await server.exchange(0)).path).toBe('/some/prefix/all');
    });

    it.each(['a', 'main.EU-1_x', '9'])('has a query for the filter %p', async (payloadFilterKey) => {
      const { server } = await outside.connected({}, { payloadFilterKey });
      expect((await server.exchange(0)).path).toBe(`/all?filter=${payloadFilterKey}`);
    });

    it.each(['', 'a b', 'a/b', '"a"', '.a', '-a', 'ä'])(
      'ignores the bad filter %p with a warning',
      async (payloadFilterKey) => {
        const { server } = await outside.connected({}, { payloadFilterKey });
        expect((await server.exchange(0)).path).toBe('/all');
        expect(outside.warnings().join()).toContain('payloadFilterKey');
      },
    );

    it('sends no Last-Event-ID to a service that has not shown the capability', async () => {
      const server = await outside.serve([[open(), send(`id: e:7\n${putOf()}`), close()], live()]);
      outside.client(server);
      expect((await server.exchange(1)).headers).not.toHaveProperty('last-event-id');
    });
  });

  describe('events (4.2, 1.4)', () => {
    it('replaces everything with a put, whatever the versions', async () => {
      const { value } = await receiving(
        putOf({ a: serving('old', { version: 9 }), gone: serving('x') }),
        putOf({ a: serving('new', { version: 2 }) }),
      );
      expect([value('a'), value('gone')]).toEqual(['new', 'default']);
    });

    it('takes a put without a path, and one without collections', async () => {
      const { value } = await receiving(event('put', { data: data({ a: serving(1) }) }));
      expect(value('a')).toBe(1);
      const empty = await receiving(putOf({ a: serving(1) }), event('put', { path: '/', data: {} }));
      expect(empty.value('a')).toBe('default');
    });

    it('applies a patch only when its version is greater', async () => {
      const { value } = await receiving(
        putOf({ a: serving(1, { version: 5 }), b: serving(1, { version: 5 }), c: serving(1, { version: 5 }) }),
        patchOf('a', serving(2, { version: 6 })) +
          patchOf('b', serving(2, { version: 5 })) +
          patchOf('c', serving(2, { version: 4 })),
        patchOf('new', serving(2, { version: 1 })),
      );
      expect(['a', 'b', 'c', 'new'].map(value)).toEqual([2, 1, 1, 2]);
    });

    it('keeps a tombstone, also of a key it never knew', async () => {
      const { value } = await receiving(
        putOf({ a: serving(1, { version: 5 }), old: serving(1, { version: 5 }) }),
        event('delete', { path: '/flags/a', version: 6 }) + event('delete', { path: '/flags/old', version: 5 }),
        event('delete', { path: '/flags/later', version: 3 }) + patchOf('later', serving(2, { version: 3 })),
        patchOf('a', serving(2, { version: 6 })),
      );
      expect(['a', 'old', 'later'].map(value)).toEqual(['default', 1, 'default']);
    });

    it('brings an item back with a version above its tombstone', async () => {
      const { value } = await receiving(
        putOf({ a: serving(1, { version: 5 }), dead: { deleted: true, version: 5 } }),
        event('delete', { path: '/flags/a', version: 6 }) + patchOf('a', serving(2, { version: 7 })),
        patchOf('dead', serving(2, { version: 5 })),
      );
      expect(['a', 'dead'].map(value)).toEqual([2, 'default']);
    });

    it('takes a patch with deleted: true as a deletion', async () => {
      const { value } = await receiving(putOf({ a: serving(1) }), patchOf('a', { version: 2, deleted: true }));
      expect(value('a')).toBe('default');
    });

    it('takes all of the path behind the collection for the key, undecoded', async () => {
      const { value } = await receiving(putOf(), patchOf('x/y%2Fz', serving(2, { version: 1 })));
      expect(value('x/y%2Fz')).toBe(2);
    });

    it('counts versions of a setting and a segment with the same key apart', async () => {
      const inSegment = serving(true, {
        rules: [{ clauses: [{ op: 'segmentMatch', attribute: '', values: ['same'] }], variation: 0 }],
        fallthrough: { variation: 1 },
        variations: [true, false],
      });
      const { value } = await receiving(
        event('put', {
          path: '/',
          data: data({ same: serving(1, { version: 50 }), f: inSegment }, { same: { version: 2 } }),
        }),
        event('patch', { path: '/segments/same', data: { key: 'same', version: 3, included: ['alice'] } }),
      );
      expect([value('f'), value('same')]).toEqual([true, 1]);
    });
  });

  describe('what is ignored and what breaks it (4.3)', () => {
    it('ignores unknown names unread, unknown collections and unknown fields', async () => {
      const { value, server } = await receiving(
        event('put', {
          path: '/',
          data: { ...data({ a: serving(1, { news: { x: [1] } }) }), metrics: [1], configOverrides: {} },
          more: 1,
        }),
        `${event('reboot', '{ this is no JSON') + event('message', '<xml/>')}data: nameless\n\n`,
        event('patch', { path: '/metrics/a', data: 5 }) + event('delete', { path: '/', version: 'x' }),
        patchOf('a', serving(2, { version: 2 })),
      );
      expect(value('a')).toBe(2);
      expect(server.exchanges).toHaveLength(1);
    });

    it.each<[string, string]>([
      ['put that is no JSON', event('put', '{"path":"/","data":{')],
      ['put that is an array', event('put', [])],
      ['put that is null', event('put', 'null')],
      ['put without data', event('put', { path: '/' })],
      ['put whose data is an array', event('put', { path: '/', data: [] })],
      ['put whose flags are an array', event('put', { path: '/', data: { flags: [] } })],
      ['put whose segments are a string', event('put', { path: '/', data: { flags: {}, segments: 'x' } })],
      ['put with an item that is a number', event('put', { path: '/', data: { flags: { a: 3 } } })],
      ['put with an item that is null', event('put', { path: '/', data: { segments: { a: null } } })],
      ['patch that is no JSON', event('patch', 'x')],
      ['patch without a path', event('patch', { data: {} })],
      ['patch whose path is a number', event('patch', { path: 1, data: {} })],
      ['patch without data', event('patch', { path: '/flags/a' })],
      ['patch whose data is a string', event('patch', { path: '/flags/a', data: 'x' })],
      ['delete that is a string', event('delete', '"x"')],
      ['delete without a version', event('delete', { path: '/flags/a' })],
      ['delete whose version is a string', event('delete', { path: '/segments/a', version: '3' })],
    ])('drops the connection on a %s, keeps the data and connects again', async (_what, bad) => {
      const server = await outside.serve([
        [open(), send(putOf({ a: serving('kept') }) + bad + patchOf('a', serving('late', { version: 9 })))],
        [open()],
      ]);
      const client = outside.client(server);
      await client.waitForInitialization({ timeoutMs: 4000 });
      const first = await server.exchange(0);
      await server.exchange(1);
      await first.closed;
      expect(client.initialized()).toBe(true);
      expect(client.variation('a', ALICE, 'default')).toBe('kept');
    });

    it('applies an update before the first put, but is not initialized by it', async () => {
      const server = await outside.serve([[open(), send(patchOf('a', serving(2))), comment()]]);
      const client = outside.client(server);
      await settle();
      expect(client.initialized()).toBe(false);
      expect(client.variationDetail('a', ALICE, 'default').reason).toEqual({
        kind: 'ERROR',
        errorKind: 'CLIENT_NOT_READY',
      });
    });

    it('loads the good settings beside strange ones', async () => {
      const strange = {
        nothing: {},
        nulls: {
          on: null,
          variations: null,
          rules: null,
          targets: null,
          fallthrough: null,
          prerequisites: null,
          contextTargets: null,
        },
        types: { on: true, variations: 'x', rules: {}, targets: 3, fallthrough: 'y', prerequisites: {}, version: 'z' },
        weights: serving(1, { fallthrough: { rollout: { variations: [{ variation: -4, weight: -1 }] } } }),
      };
      const { client, server, value } = await receiving(
        putOf({ ...strange, '': serving(1), fine: serving('yes') }, { odd: { rules: 5, included: {} } }),
      );
      for (const key of Object.keys(strange)) expect(value(key)).toBe('default');
      expect(value('fine')).toBe('yes');
      expect(() => client.allSettings(ALICE).toJSON()).not.toThrow();
      await client.flush();
      const [summary] = (await payloadsOf(server)).flat().filter(({ kind }) => kind === 'summary');
      expect(Object.keys(summary.features).sort()).toEqual(['fine', 'nothing', 'nulls', 'types', 'weights']);
      expect(outside.errors()).toEqual([]);
    });
  });
});
