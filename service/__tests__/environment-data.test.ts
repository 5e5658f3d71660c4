import { evaluate } from 'feathery-server-sdk/protocol';
import { EnvironmentData } from '../src/environment-data.js';
import type { LoggedChange } from '../src/storage/change-log.js';
import { completeSegment, completeSetting } from '../src/wire.js';

const ROW = {
  key: 'production',
  name: 'Production',
  epoch: 'e'.repeat(16),
  revision: 3,
  created_at: 0,
  committed_at: null,
};
const META = { name: 'Beta', description: '', tags: [] };
const setting = (key: string, version: number, on = false): LoggedChange & { kind: 'setting' } => ({
  kind: 'setting',
  key,
  version,
  item: completeSetting({
    key,
    version,
    on,
    variations: ['yes', 'no'],
    offVariation: 1,
    fallthrough: { variation: 0 },
  }),
});
const segment = {
  kind: 'segment',
  key: 'beta',
  version: 2,
  item: completeSegment({ key: 'beta', version: 2 }),
  meta: META,
} as const;
const author = { kind: 'system', id: 's', name: 's', address: null } as const;
const commit = (revision: number, changes: LoggedChange[]) => ({ revision, at: 0, author, comment: '', changes });
const load = () => new EnvironmentData(ROW, [{ ...setting('a', 1), meta: null }, segment]);
const dataOf = (data: EnvironmentData) => JSON.parse(data.dataSet());

describe('environment data', () => {
  it('is a put and a poll of the same text', () => {
    const data = load();
    expect(dataOf(data)).toEqual({ flags: { a: setting('a', 1).item }, segments: { beta: segment.item } });
    expect(data.putFrame().toString()).toBe(
      `event: put\nid: ${ROW.epoch}:3\ndata: {"path":"/","data":${data.dataSet()}}\n\n`,
    );
  });

  it('takes in a commit, in items, in text and for evaluation alike', () => {
    const data = load();
    data.apply(commit(4, [setting('a', 4, true), { kind: 'segment', key: 'beta', version: 4, item: null }]));
    expect([data.revision, data.settings.get('a')?.version, data.segments.size, data.segmentMeta.size]).toEqual([
      4, 4, 0, 0,
    ]);
    expect(dataOf(data)).toEqual({ flags: { a: setting('a', 4, true).item }, segments: {} });
    const prepared = data.store.setting('a');
    expect(prepared && evaluate(data.store, prepared, { key: 'u' }).value).toBe('yes');
  });

  it('makes its text once for each revision', () => {
    const data = load();
    const [text, frame, etag] = [data.dataSet(), data.putFrame(), data.etag()];
    expect([data.dataSet() === text, data.putFrame() === frame, data.etag() === etag]).toEqual([true, true, true]);
    data.apply(commit(4, [setting('b', 4)]));
    expect([data.dataSet() === text, data.putFrame() === frame, data.etag() === etag]).toEqual([false, false, false]);
  });

  it('has another ETag at the same revision of another epoch', () => {
    expect(new EnvironmentData({ ...ROW, epoch: '0'.repeat(16) }, []).etag()).not.toBe(load().etag());
  });

  it('keeps what people read about a segment out of what servers get', () => {
    const data = load();
    expect(data.segmentMeta.get('beta')).toEqual(META);
    expect(data.dataSet()).not.toContain('Beta');
  });
});
