import { SYSTEM } from '../src/actor.js';
import type { Source } from '../src/channel.js';
import { broadcastOf } from '../src/frames.js';
import { Hub } from '../src/hub.js';
import { Resume, type ResumeParts } from '../src/resume.js';
import type { ChangeSet } from '../src/storage/change-log.js';
import { FakeSink } from './support/fake-sink.js';

const EPOCH = '00000000000000aa';

const changeSetOf = (revision: number): ChangeSet => ({ revision, at: 0, author: SYSTEM, comment: '', changes: [] });

function setUp(parts: Partial<ResumeParts> & { revision?: number } = {}) {
  const source: { -readonly [Name in keyof Source]: Source[Name] } = {
    key: 'production',
    epoch: EPOCH,
    revision: parts.revision ?? 10,
    putFrame: () => Buffer.from(`put@${source.revision};`),
  };
  const hub = new Hub(
    {
      heartbeatMs: 30_000,
      maxLifetimeMs: 0,
      maxWaitingBytes: 100_000,
      maxSnapshots: 10,
      maxStreams: 100,
      maxStreamsPerKey: 100,
      reconnectsPerSecond: 100,
    },
    { now: () => 0, random: () => 0 },
  );
  hub.setSource(source);
  let reads = 0;
  const resume = new Resume({
    hub,
    options: { maxResumeChanges: 100 },
    readChanges: async (_environment, after, limit) => {
      reads++;
      return Array.from({ length: limit }, (_, index) => changeSetOf(after + 1 + index));
    },
    catchUp: async () => {},
    ...parts,
  });
  return {
    source,
    hub,
    reads: () => reads,
    commit() {
      source.revision++;
      hub.publish('production', broadcastOf(EPOCH, changeSetOf(source.revision)));
    },
    async returning(revision: number, epoch = EPOCH): Promise<FakeSink> {
      const sink = new FakeSink();
      const subscriber = hub.attach(sink, { environment: 'production', keyId: 'k', form: 'changes' });
      await resume.start(subscriber, { epoch, revision });
      return sink;
    },
  };
}

/** What was said, each event by its name and revision. */
function said({ text }: FakeSink): string {
  return text.replace(/event: (\w+)\nid: \w+:(\d+)\ndata: .*\n\n/g, '$1@$2;');
}

describe('resume', () => {
  it('asks the log for nothing when nothing was missed', async () => {
    const { returning, reads, hub } = setUp();
    expect(said(await returning(10))).toBe('synced@10;');
    expect(reads()).toBe(0);
    hub.close();
  });

  it('misses nothing and sends nothing twice when changes come while it reads the log', async () => {
    const parts = setUp({
      readChanges: async (_environment, after, limit) => {
        if (after < 12) parts.commit();
        return Array.from({ length: limit }, (_, index) => changeSetOf(after + 1 + index));
      },
    });
    const sink = await parts.returning(9);
    parts.commit();
    expect(said(sink)).toMatch(/^(changes@\d+;)+synced@(\d+);changes@\d+;$/);
    const revisions = [...said(sink).matchAll(/changes@(\d+)/g)].map(([, revision]) => Number(revision));
    expect(revisions).toEqual(Array.from({ length: revisions.length }, (_, index) => 10 + index));
    expect(revisions.at(-1)).toBe(parts.source.revision);
    parts.hub.close();
  });

  it('reads a gap once for all who return from the same revision', async () => {
    const { returning, reads, hub } = setUp();
    const sinks = await Promise.all(Array.from({ length: 20 }, () => returning(5)));
    for (const sink of sinks) expect(said(sink)).toBe('changes@6;changes@7;changes@8;changes@9;changes@10;synced@10;');
    expect(reads()).toBe(1);
    hub.close();
  });

  it('waits for changes that another node has told of already', async () => {
    const parts = setUp({ catchUp: async () => parts.commit() });
    expect(said(await parts.returning(11))).toBe('synced@11;');
    parts.hub.close();
  });

  it.each([
    ['the log has been trimmed', { readChanges: async () => [changeSetOf(8)] }],
    ['the log has a hole', { readChanges: async () => [changeSetOf(8), changeSetOf(10)] }],
    ['the database does not answer', { readChanges: () => Promise.reject(new Error('down')) }],
    ['the gap is longer than is bridged', { options: { maxResumeChanges: 1 } }],
  ])('sends everything when %s', async (_why, parts) => {
    const { returning, hub } = setUp(parts);
    expect(said(await returning(8))).toBe('put@10;');
    hub.close();
  });

  it('sends everything when the environment was restored while it read the log', async () => {
    const parts = setUp({
      readChanges: async (_environment, after, limit) => {
        parts.source.epoch = 'bbbbbbbbbbbbbbbb';
        return Array.from({ length: limit }, (_, index) => changeSetOf(after + 1 + index));
      },
    });
    expect(said(await parts.returning(8))).toBe('put@10;');
    parts.hub.close();
  });

  it('writes nothing to a client that has gone meanwhile', async () => {
    const sink = new FakeSink();
    const { hub, source } = setUp();
    const resume = new Resume({
      hub,
      options: { maxResumeChanges: 100 },
      readChanges: async (_environment, after, limit) => {
        sink.destroy();
        return Array.from({ length: limit }, (_, index) => changeSetOf(after + 1 + index));
      },
      catchUp: async () => {},
    });
    const subscriber = hub.attach(sink, { environment: source.key, keyId: 'k', form: 'changes' });
    await resume.start(subscriber, { epoch: EPOCH, revision: 9 });
    expect(sink.text).toBe('');
    expect(hub.size).toBe(0);
    hub.close();
  });

  it('waits for what a client has seen elsewhere until it can be read, and does not take the client back', async () => {
    let tries = 0;
    const parts = setUp({
      catchUp: async () => {
        if (++tries === 1) throw new Error('database is away');
        parts.commit();
      },
    });
    expect(said(await parts.returning(11))).toBe('synced@11;');
    parts.hub.close();
  });
});
