import { FeatheryError, ProtocolError } from '../lib/errors.js';
import { parseDataSet, parseMessage } from '../lib/protocol.js';

const json = JSON.stringify;
const item = { key: 'a', version: 2 };

describe('parseMessage', () => {
  describe('put', () => {
    it('is a full data set', () => {
      const data = { flags: { a: item }, segments: { s: { key: 's', version: 8 } } };
      expect(parseMessage('put', json({ path: '/', data }))).toEqual({
        type: 'put',
        data: { settings: data.flags, segments: data.segments },
      });
    });

    it.each([
      ['no path', { data: { flags: {}, segments: {} } }],
      ['path null', { path: null, data: { flags: {}, segments: {} } }],
      ['no segments', { path: '/', data: { flags: {} } }],
      ['no collections', { path: '/', data: {} }],
      ['collections null', { path: '/', data: { flags: null, segments: null } }],
      ['other collections and fields', { path: '/', more: 1, data: { metrics: 'x', configOverrides: [1], flags: {} } }],
    ])('takes %s', (_name, body) => {
      expect(parseMessage('put', json(body))).toEqual({ type: 'put', data: { settings: {}, segments: {} } });
    });

    it('is ignored with another path', () => {
      expect(parseMessage('put', json({ path: '/elsewhere', data: {} }))).toBeUndefined();
    });

    it('does not look into items', () => {
      const flags = { a: { rules: 'none', variations: 7, version: 'x', on: null }, '': {}, b: item };
      expect(parseMessage('put', json({ data: { flags } }))).toMatchObject({ data: { settings: flags } });
    });

    it('keeps keys called __proto__', () => {
      const message = parseMessage('put', '{"data":{"flags":{"__proto__":{"key":"__proto__","version":1}}}}');
      expect(message?.type === 'put' && Object.keys(message.data.settings)).toEqual(['__proto__']);
    });

    it.each([
      ['no data', { path: '/' }],
      ['data null', { path: '/', data: null }],
      ['data that is an array', { path: '/', data: [] }],
      ['data that is a string', { path: '/', data: 'x' }],
      ['flags that are an array', { data: { flags: [] } }],
      ['flags that are a string', { data: { flags: 'x' } }],
      ['flags that are a number', { data: { flags: 0 } }],
      ['segments that are a boolean', { data: { segments: false } }],
      ['an item null', { data: { flags: { a: null } } }],
      ['an item that is a string', { data: { flags: { a: 'x' } } }],
      ['an item that is an array', { data: { segments: { a: [] } } }],
    ])('is a protocol error with %s', (_name, body) => {
      expect(() => parseMessage('put', json(body))).toThrow(ProtocolError);
    });
  });

  describe('patch', () => {
    it.each([
      ['/flags/a', 'setting', 'a'],
      ['/segments/a', 'segment', 'a'],
      ['/flags/a/b', 'setting', 'a/b'],
      ['/flags/a%20b', 'setting', 'a%20b'],
      ['/flags//segments/a', 'setting', '/segments/a'],
      ['/flags/', 'setting', ''],
      ['/flags/__proto__', 'setting', '__proto__'],
    ])('at %s changes the %s %j', (path, kind, key) => {
      expect(parseMessage('patch', json({ path, data: item }))).toEqual({
        type: 'changes',
        changes: [{ kind, key, version: 2, item }],
      });
    });

    it('of a deleted item is a deletion', () => {
      const data = { ...item, deleted: true };
      expect(parseMessage('patch', json({ path: '/flags/a', data }))).toEqual({
        type: 'changes',
        changes: [{ kind: 'setting', key: 'a', version: 2, item: null }],
      });
    });

    it('without a version has version 0', () => {
      expect(parseMessage('patch', json({ path: '/flags/a', data: {} }))).toMatchObject({ changes: [{ version: 0 }] });
    });

    it.each(['/', '', '/metrics/a', 'flags/a', '/flags', '/Flags/a'])('at %j is ignored, whatever its data', (path) => {
      expect(parseMessage('patch', json({ path, data: 'anything' }))).toBeUndefined();
      expect(parseMessage('patch', json({ path }))).toBeUndefined();
    });

    it.each([
      ['no path', { data: item }],
      ['path null', { path: null, data: item }],
      ['a path that is a number', { path: 7, data: item }],
      ['no data', { path: '/flags/a' }],
      ['data null', { path: '/flags/a', data: null }],
      ['data that is an array', { path: '/segments/a', data: [item] }],
      ['data that is a string', { path: '/flags/a', data: 'x' }],
    ])('is a protocol error with %s', (_name, body) => {
      expect(() => parseMessage('patch', json(body))).toThrow(ProtocolError);
    });
  });

  describe('delete', () => {
    it('is a change without item', () => {
      expect(parseMessage('delete', json({ path: '/segments/s', version: 5 }))).toEqual({
        type: 'changes',
        changes: [{ kind: 'segment', key: 's', version: 5, item: null }],
      });
    });

    it('of an unknown collection is ignored', () => {
      expect(parseMessage('delete', json({ path: '/metrics/a' }))).toBeUndefined();
    });

    it.each([
      ['no path', { version: 5 }],
      ['no version', { path: '/flags/a' }],
      ['version null', { path: '/flags/a', version: null }],
      ['a version that is a string', { path: '/flags/a', version: '5' }],
    ])('is a protocol error with %s', (_name, body) => {
      expect(() => parseMessage('delete', json(body))).toThrow(ProtocolError);
    });
  });

  describe('changes', () => {
    it('is several changes and the revision they lead to', () => {
      const body = {
        revision: 12,
        put: [
          { path: '/flags/a', data: item },
          { path: '/segments/s', data: { key: 's', version: 12 } },
          { path: '/metrics/x', data: 1 },
        ],
        delete: [{ path: '/flags/b', version: 12 }],
      };
      expect(parseMessage('changes', json(body))).toEqual({
        type: 'changes',
        revision: 12,
        changes: [
          { kind: 'setting', key: 'a', version: 2, item },
          { kind: 'segment', key: 's', version: 12, item: { key: 's', version: 12 } },
          { kind: 'setting', key: 'b', version: 12, item: null },
        ],
      });
    });

    it('may have no list', () => {
      expect(parseMessage('changes', json({ revision: 12 }))).toEqual({ type: 'changes', revision: 12, changes: [] });
    });

    it.each([
      ['no revision', { put: [] }],
      ['a revision that is a string', { revision: '12' }],
      ['put that is an object', { revision: 12, put: {} }],
      ['put of strings', { revision: 12, put: ['x'] }],
      ['one broken element', { revision: 12, put: [{ path: '/flags/a', data: item }, { path: '/flags/b' }] }],
      ['a deletion without version', { revision: 12, delete: [{ path: '/flags/b' }] }],
    ])('is a protocol error with %s', (_name, body) => {
      expect(() => parseMessage('changes', json(body))).toThrow(ProtocolError);
    });
  });

  it('reads synced with its revision', () => {
    expect(parseMessage('synced', '{"revision":7}')).toEqual({ type: 'synced', revision: 7 });
    expect(() => parseMessage('synced', '{}')).toThrow(ProtocolError);
  });

  it.each(['put', 'patch', 'delete', 'changes', 'synced'])(
    'takes %s with anything but a JSON object for a protocol error',
    (name) => {
      for (const data of ['', '{', 'null', '[]', '"x"', '7', 'true', '{"path":"/"} x']) {
        expect(() => parseMessage(name, data)).toThrow(ProtocolError);
      }
    },
  );

  it.each(['message', 'reconnect', 'ping', 'PUT', 'toString', '__proto__', ''])(
    'does not look at the data of %j',
    (name) => {
      expect(parseMessage(name, '{ not JSON')).toBeUndefined();
    },
  );

  it('gives errors a code to branch on', () => {
    try {
      parseMessage('put', '{');
    } catch (error) {
      expect(error).toBeInstanceOf(FeatheryError);
      expect((error as FeatheryError).code).toBe('PROTOCOL');
      expect((error as FeatheryError).cause).toBeInstanceOf(SyntaxError);
      return;
    }
    throw new Error('nothing thrown');
  });
});

describe('parseDataSet', () => {
  it('reads an unwrapped body', () => {
    const flags = { a: item };
    expect(parseDataSet(json({ flags }))).toEqual({ settings: flags, segments: {} });
    expect(parseDataSet('{}')).toEqual({ settings: {}, segments: {} });
  });

  it.each(['', 'x', 'null', '[]', '{"flags":[]}', '{"segments":{"s":null}}'])('refuses %j', (body) => {
    expect(() => parseDataSet(body)).toThrow(ProtocolError);
  });
});
