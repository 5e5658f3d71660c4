import type { Segment, Setting } from 'feathery-server-sdk/protocol';
import type { LoggedChange } from '../src/storage/change-log.js';
import {
  changesEvent,
  completeSegment,
  completeSetting,
  encodeDataSet,
  inDependencyOrder,
  patchEvents,
  putEvent,
  syncedEvent,
} from '../src/wire.js';

const setting = (fields: Partial<Setting> = {}): Setting => completeSetting({ key: 's', version: 1, ...fields });

describe('a complete setting', () => {
  it('has every field that strict SDKs want (protocol.md 9.5)', () => {
    expect(setting()).toEqual({
      key: 's',
      version: 1,
      deleted: false,
      on: false,
      variations: [],
      offVariation: null,
      fallthrough: {},
      prerequisites: [],
      targets: [],
      contextTargets: [],
      rules: [],
      salt: '',
      trackEvents: false,
      trackEventsFallthrough: false,
      debugEventsUntilDate: null,
      clientSide: false,
      clientSideAvailability: { usingMobileKey: true, usingEnvironmentId: false },
    });
  });

  it('leaves out, rather than nulls, what must not be null', () => {
    const nulls = { samplingRatio: null, migration: null, excludeFromSummaries: null };
    const rule = { rollout: { seed: null, bucketBy: null, variations: [] }, variation: null, clauses: null, id: null };
    const completed = setting({ ...nulls, rules: [rule] });
    expect(Object.keys(completed)).not.toEqual(expect.arrayContaining(Object.keys(nulls)));
    expect(completed.rules).toEqual([
      { id: '', rollout: { kind: 'rollout', variations: [] }, clauses: [], trackEvents: false },
    ]);
  });

  it('keeps nulls inside variations', () => {
    expect(setting({ variations: [null, { a: null }, [null]] }).variations).toEqual([null, { a: null }, [null]]);
  });

  it('keeps seed 0 and sampling ratio 0', () => {
    const rollout = { seed: 0, variations: [{ variation: 0, weight: 100_000 }] };
    const completed = setting({ samplingRatio: 0, fallthrough: { rollout } });
    expect([completed.samplingRatio, completed.fallthrough?.rollout?.seed]).toEqual([0, 0]);
  });

  it('drops a rollout that a variation overrules', () => {
    expect(setting({ fallthrough: { variation: 1, rollout: { variations: [] } } }).fallthrough).toEqual({
      variation: 1,
    });
  });

  it('derives one half of the availability from its older name', () => {
    expect(setting({ clientSide: true })).toMatchObject({
      clientSide: true,
      clientSideAvailability: { usingMobileKey: true, usingEnvironmentId: true },
    });
  });

  it('is complete already when it is completed again', () => {
    const targets = [{ variation: 0, values: ['u'] }];
    const once = setting({ targets, contextTargets: [{ contextKind: 'org', variation: 1, values: ['acme'] }] });
    expect(completeSetting(once)).toEqual(once);
  });
});

describe('targets', () => {
  const targetsOf = (fields: Partial<Setting>) => {
    const { targets, contextTargets } = setting(fields);
    return { targets, contextTargets };
  };
  const placeholder = (variation: number) => ({ contextKind: 'user', variation, values: [] });
  const acme = { contextKind: 'org', variation: 1, values: ['acme'] };

  it('of users get a placeholder that fixes their place', () => {
    expect(targetsOf({ targets: [{ variation: 0, values: ['u'] }], contextTargets: [acme] })).toEqual({
      targets: [{ variation: 0, values: ['u'] }],
      contextTargets: [acme, placeholder(0)],
    });
  });

  it('of users keep the place that a placeholder gives them', () => {
    const contextTargets = [placeholder(0), acme];
    expect(targetsOf({ targets: [{ variation: 0, values: ['u'] }], contextTargets }).contextTargets).toEqual(
      contextTargets,
    );
  });

  it('of users move out of the context targets', () => {
    const named = { contextKind: 'user', variation: 0, values: ['u'] };
    expect(targetsOf({ contextTargets: [named, acme] })).toEqual({
      targets: [{ variation: 0, values: ['u'] }],
      contextTargets: [placeholder(0), acme],
    });
  });

  it('for one variation become one entry, as SDKs look at the first only', () => {
    const targets = [
      { variation: 0, values: ['a'] },
      { variation: 0, values: ['b', 'a'] },
    ];
    expect(targetsOf({ targets })).toEqual({
      targets: [{ variation: 0, values: ['a', 'b'] }],
      contextTargets: [placeholder(0)],
    });
  });

  it('without keys disappear with their placeholder', () => {
    expect(targetsOf({ targets: [{ variation: 0, values: [] }], contextTargets: [placeholder(0)] })).toEqual({
      targets: [],
      contextTargets: [],
    });
  });
});

describe('a complete segment', () => {
  it('has every field that strict SDKs want (protocol.md 9.5)', () => {
    expect(completeSegment({ key: 'beta', version: 2, rules: [{ clauses: [{ op: 'in' }], weight: null }] })).toEqual({
      key: 'beta',
      version: 2,
      deleted: false,
      included: [],
      excluded: [],
      includedContexts: [],
      excludedContexts: [],
      rules: [{ id: '', clauses: [{ attribute: '', op: 'in', values: [], negate: false }] }],
      salt: '',
      unbounded: false,
      generation: null,
    });
  });

  it('names the kind of every list', () => {
    const lists = { includedContexts: [{ values: ['a'] }], excludedContexts: [{ contextKind: '', values: ['b'] }] };
    expect(completeSegment({ key: 'beta', version: 1, ...lists })).toMatchObject({
      includedContexts: [{ contextKind: 'user', values: ['a'] }],
      excludedContexts: [{ contextKind: 'user', values: ['b'] }],
    });
  });
});

describe('the order of changes', () => {
  const put = (key: string, needs: string[] = [], segments: string[] = []): LoggedChange => {
    const clauses = [{ op: 'segmentMatch', values: segments }];
    const prerequisites = needs.map((needed) => ({ key: needed, variation: 0 }));
    return {
      kind: 'setting',
      key,
      version: 2,
      item: setting({ key, prerequisites, rules: [{ variation: 0, clauses }] }),
    };
  };
  const segment = (key: string, segments: string[] = []): LoggedChange => {
    const rules = [{ clauses: [{ op: 'segmentMatch', values: segments }] }];
    return { kind: 'segment', key, version: 2, item: completeSegment({ key, version: 2, rules }) };
  };
  const gone = (kind: 'setting' | 'segment', key: string): LoggedChange => ({ kind, key, version: 2, item: null });
  const orderOf = (changes: LoggedChange[]) => inDependencyOrder(changes).map(({ kind, key }) => `${kind} ${key}`);

  it('puts segments before settings, and what is needed before what needs it', () => {
    const changes = [put('a', ['b'], ['x']), put('b', ['c']), segment('x', ['y']), put('c'), segment('y')];
    expect(orderOf(changes)).toEqual(['segment y', 'segment x', 'setting c', 'setting b', 'setting a']);
  });

  it('deletes last, settings before the segments they may need', () => {
    const changes = [gone('segment', 'x'), gone('setting', 'a'), put('b')];
    expect(orderOf(changes)).toEqual(['setting b', 'setting a', 'segment x']);
  });

  it('keeps every change once, also in a cycle', () => {
    expect(orderOf([put('a', ['b']), put('b', ['a'])]).sort()).toEqual(['setting a', 'setting b']);
  });

  it('places what several need once, and before all of them', () => {
    const changes = [put('a', ['b', 'c']), put('b', ['d', 'd']), put('c', ['d']), put('d')];
    const ordered = orderOf(changes);
    expect(ordered).toHaveLength(4);
    expect(ordered[0]).toBe('setting d');
    expect(ordered[3]).toBe('setting a');
  });

  it('follows a chain as long as an import may bring', () => {
    const changes = Array.from({ length: 10_000 }, (_one, index) => put(`${index}`, [`${index + 1}`]));
    expect(orderOf(changes).slice(0, 2)).toEqual(['setting 9999', 'setting 9998']);
  });
});

describe('events', () => {
  const segment: Segment = completeSegment({ key: 'x', version: 3 });
  const changeSet = {
    revision: 3,
    at: 0,
    author: { kind: 'system', id: 's', name: 's', address: null } as const,
    comment: '',
    changes: [
      { kind: 'segment', key: 'x', version: 3, item: segment, meta: null },
      { kind: 'setting', key: 'a/b', version: 3, item: null },
    ] satisfies LoggedChange[],
  };

  it('carry a commit item by item', () => {
    expect(patchEvents(changeSet).map(({ event, data }) => [event, JSON.parse(data)])).toEqual([
      ['patch', { path: '/segments/x', data: segment }],
      ['delete', { path: '/flags/a/b', version: 3 }],
    ]);
  });

  it('carry a commit as a whole', () => {
    const { event, data } = changesEvent(changeSet);
    expect([event, JSON.parse(data)]).toEqual([
      'changes',
      { revision: 3, put: [{ path: '/segments/x', data: segment }], delete: [{ path: '/flags/a/b', version: 3 }] },
    ]);
  });

  it('carry everything, from items already in text', () => {
    const dataSet = encodeDataSet(new Map([['a"b', '{"key":"a"}']]), new Map());
    expect(JSON.parse(putEvent(dataSet).data)).toEqual({
      path: '/',
      data: { flags: { 'a"b': { key: 'a' } }, segments: {} },
    });
    expect(syncedEvent(7)).toEqual({ event: 'synced', data: '{"revision":7}' });
  });

  it('are on one line each', () => {
    const item = setting({ variations: ['line\nbreak\r\n\u2028'] });
    const change: LoggedChange = { kind: 'setting', key: 's', version: 1, item };
    for (const { data } of patchEvents({ ...changeSet, changes: [change] })) expect(data).not.toMatch(/[\r\n]/);
  });
});
