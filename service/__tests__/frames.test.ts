import type { Actor } from '../src/auth.js';
import { broadcastOf, parsePosition, putFrame, syncedFrame } from '../src/frames.js';
import type { ChangeSet } from '../src/storage/change-log.js';

const EPOCH = '0123456789abcdef';
const SYSTEM: Actor = { kind: 'system', id: 'system', name: 'system', address: null };

function changeSet(changes: ChangeSet['changes'], revision = 7): ChangeSet {
  return { revision, at: 0, author: SYSTEM, comment: '', changes };
}

const PUT_A = { kind: 'setting', key: 'a', version: 7, item: { key: 'a', version: 7 } } as const;
const DELETE_S = { kind: 'segment', key: 's', version: 7, item: null } as const;

describe('frames', () => {
  it('wrap the whole data set in a put with the path /', () => {
    expect(putFrame({ epoch: EPOCH, revision: 3 }, '{"flags":{},"segments":{}}').toString()).toBe(
      `event: put\nid: ${EPOCH}:3\ndata: {"path":"/","data":{"flags":{},"segments":{}}}\n\n`,
    );
  });

  it('carry each item as one patch or delete in the form every SDK reads', () => {
    const frame = broadcastOf(EPOCH, changeSet([PUT_A, DELETE_S]))
      .frame('patches')
      .toString();
    expect(frame).toBe(
      `event: patch\nid: ${EPOCH}:7\ndata: {"path":"/flags/a","data":{"key":"a","version":7}}\n\n` +
        `event: delete\nid: ${EPOCH}:7\ndata: {"path":"/segments/s","version":7}\n\n`,
    );
  });

  it('carry the change set as a whole in one changes event', () => {
    const frame = broadcastOf(EPOCH, changeSet([PUT_A, DELETE_S]))
      .frame('changes')
      .toString();
    expect(frame.match(/^event: /gm)).toHaveLength(1);
    const data = JSON.parse(/^data: (.*)$/m.exec(frame)?.[1] ?? '');
    expect(data).toEqual({
      revision: 7,
      put: [{ path: '/flags/a', data: { key: 'a', version: 7 } }],
      delete: [{ path: '/segments/s', version: 7 }],
    });
  });

  it('are serialised once for each form', () => {
    const broadcast = broadcastOf(EPOCH, changeSet([PUT_A]));
    expect(broadcast.frame('changes')).toBe(broadcast.frame('changes'));
    expect(broadcast.frame('patches')).toBe(broadcast.frame('patches'));
  });

  it('end a resume in less than 1 KB', () => {
    const frame = syncedFrame({ epoch: EPOCH, revision: 123_456_789 });
    expect(frame.toString()).toBe(`event: synced\nid: ${EPOCH}:123456789\ndata: {"revision":123456789}\n\n`);
    expect(frame.length).toBeLessThan(1024);
  });
});

describe('parsePosition', () => {
  it('reads what the frames carry as id', () => {
    expect(parsePosition(`${EPOCH}:42`)).toEqual({ epoch: EPOCH, revision: 42 });
  });

  it.each([
    undefined,
    '',
    '42',
    `${EPOCH}:`,
    `${EPOCH}:-1`,
    `${EPOCH}:1e3`,
    `${EPOCH}:1 `,
    'XYZ:1',
    `${EPOCH}:1234567890123456`,
  ])('takes %p for nothing it wrote', (id) => {
    expect(parsePosition(id)).toBeUndefined();
  });
});
