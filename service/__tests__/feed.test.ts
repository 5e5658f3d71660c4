import { once } from 'node:events';
import type { EnvironmentData } from '../src/environment-data.js';
import { Feed } from '../src/feed.js';
import { createLog } from '../src/log.js';
import { operate } from '../src/operations.js';
import { createSetting } from '../src/settings.js';
import { readChanges, trimChanges } from '../src/storage/change-log.js';
import type { Database } from '../src/storage/database.js';
import { describeEachDatabase } from './support/databases.js';
import { ACTOR, entry, wire } from './support/wired.js';

describeEachDatabase('feed', ({ open }) => {
  /** A node that writes, and a feed that follows on the same database. */
  async function leaderAndFollower() {
    const database = await open();
    const node = await wire(database);
    await node.changes.commit(entry(), (draft) =>
      createSetting(draft, { key: 'a', type: 'boolean' }, { now: 0, maxSettings: 10 }),
    );
    const feed = await follow(database);
    const salt = (value: string) =>
      node.changes.commit(entry('change', `salt ${value}`), (draft) =>
        operate(
          draft.environment('production'),
          { op: 'patch', kind: 'setting', key: 'a', patch: { salt: value } },
          10,
        ),
      );
    return { database, node, feed, salt };
  }

  async function follow(database: Database): Promise<Feed> {
    const feed = new Feed({ database, log: createLog('silent') });
    await feed.wake();
    return feed;
  }

  it('loads everything the first time', async () => {
    const { node, feed } = await leaderAndFollower();
    expect(feed.loaded).toBe(true);
    expect(feed.environment('production').dataSet()).toBe(node.feed.environment('production').dataSet());
  });

  it('tells of each commit in the order of the log, once, with data that includes it', async () => {
    const { feed, salt } = await leaderAndFollower();
    const seen: unknown[] = [];
    feed.on('change', (environment, changeSet) => {
      const present = environment.settings.get('a')?.salt;
      seen.push([environment.revision, changeSet.revision, changeSet.comment, changeSet.author, present]);
    });
    const { revision } = feed.environment('production');
    for (const value of ['x', 'y', 'z']) await salt(value);
    await Promise.all([feed.wake(), feed.wake(), feed.wake()]);
    expect(seen).toEqual(
      ['x', 'y', 'z'].map((value, index) => {
        const at = revision + index + 1;
        return [at, at, `salt ${value}`, ACTOR, value];
      }),
    );
  });

  it('serves after commits of its own what another that starts then reads', async () => {
    const { database, node, salt } = await leaderAndFollower();
    await node.changes.commit(entry(), (draft) =>
      operate(
        draft.environment('production'),
        { op: 'create', kind: 'segment', key: 's', patch: { name: 'S', included: ['u'] } },
        10,
      ),
    );
    await salt('x');
    const seen: unknown[] = [];
    node.feed.on('change', (_environment, changeSet) => seen.push(changeSet));
    await salt('y');
    const [own, read] = [node.feed, await follow(database)].map((feed) => feed.environment('production'));
    expect(own?.dataSet()).toBe(read?.dataSet());
    expect(own?.committedAt).toBe(read?.committedAt);
    for (const items of ['settings', 'segments', 'segmentMeta'] as const) {
      expect([...(own?.[items] ?? [])].sort()).toStrictEqual([...(read?.[items] ?? [])].sort());
    }
    expect(seen).toEqual(await readChanges(database, 'production', (own?.revision ?? 0) - 1, 10));
  });

  describe('handed what was committed', () => {
    async function handed() {
      const { database, feed, salt } = await leaderAndFollower();
      const told: unknown[] = [];
      feed.on('change', (_environment, { revision }) => told.push(revision));
      feed.on('replaced', () => told.push('replaced'));
      const { revision } = feed.environment('production');
      /** Commits to the log, and says what a committer would hand over. */
      const commit = async (value: string) => {
        const known = feed.environment('production').revision;
        await salt(value);
        const changeSets = await readChanges(database, 'production', known, 10);
        return changeSets.slice(-1).map((changeSet) => ({ environment: 'production', changeSet }));
      };
      return { feed, commit, told, revision };
    }

    it('tells of it once', async () => {
      const { feed, commit, told, revision } = await handed();
      for (const value of ['x', 'y']) await feed.take(await commit(value));
      await feed.wake();
      expect(told).toEqual([revision + 1, revision + 2]);
      expect(feed.environment('production').settings.get('a')?.salt).toBe('y');
    });

    it('reads what came before it first', async () => {
      const { feed, commit, told, revision } = await handed();
      for (const value of ['x', 'y']) await commit(value);
      await feed.take(await commit('z'));
      expect(told).toEqual([revision + 1, revision + 2, revision + 3]);
    });

    it('tells of it once when the log is being read, wherever that is', async () => {
      const { feed, commit, told, revision } = await handed();
      const MOMENTS = 60;
      for (let moment = 0; moment < MOMENTS; moment++) {
        const entries = await commit(`${moment}`);
        const reading = feed.wake();
        for (let turn = 0; turn < moment; turn++) await Promise.resolve();
        await Promise.all([reading, feed.take(entries)]);
      }
      expect(told).toEqual(Array.from({ length: MOMENTS }, (_, index) => revision + index + 1));
    });
  });

  it('keeps the data of an environment in one object from commit to commit', async () => {
    const { feed, salt } = await leaderAndFollower();
    const environment = feed.environment('production');
    const { etag, frame } = { etag: environment.etag(), frame: environment.putFrame() };
    await salt('x');
    await feed.wake();
    expect(feed.environment('production')).toBe(environment);
    expect([environment.etag() === etag, environment.putFrame().equals(frame)]).toEqual([false, false]);
    expect(environment.putFrame()).toBe(environment.putFrame());
  });

  it('follows through more commits than one read takes', async () => {
    const { feed, node, salt } = await leaderAndFollower();
    await Promise.all(Array.from({ length: 250 }, (_, index) => salt(`${index}`)));
    let told = 0;
    feed.on('change', () => told++);
    await feed.wake();
    expect([told, feed.environment('production').revision]).toEqual([
      250,
      node.feed.environment('production').revision,
    ]);
  });

  it('loads an environment anew when its log no longer reaches back', async () => {
    const { database, node, feed, salt } = await leaderAndFollower();
    for (const value of ['x', 'y', 'z']) await salt(value);
    const { revision } = node.feed.environment('production');
    await trimChanges(database, 'production', revision - 1);
    const replaced: EnvironmentData[] = [];
    feed.on('replaced', (environment) => replaced.push(environment));
    await feed.wake();
    expect(replaced).toEqual([feed.environment('production')]);
    expect(feed.environment('production').revision).toBe(revision);
    expect(feed.environment('production').settings.get('a')?.salt).toBe('z');
  });

  it('loads an environment anew when its epoch is another, as after a restore', async () => {
    const { database, feed } = await leaderAndFollower();
    await database.updateTable('environments').set({ epoch: '0000000000000000' }).execute();
    const replaced: string[] = [];
    feed.on('replaced', ({ epoch }) => replaced.push(epoch));
    await feed.wake();
    expect(replaced).toEqual(['0000000000000000']);
  });

  it('tells of environments that come and go', async () => {
    const { node, feed } = await leaderAndFollower();
    const seen: string[] = [];
    feed.on('added', ({ key }) => seen.push(`added ${key}`));
    feed.on('removed', (key) => seen.push(`removed ${key}`));
    await node.environments.create({ key: 'staging', name: 'Staging' }, ACTOR);
    await feed.wake();
    await node.environments.delete('staging', ACTOR);
    await feed.wake();
    expect(seen).toEqual(['added staging', 'removed staging']);
    expect(() => feed.environment('staging')).toThrow(expect.objectContaining({ status: 404 }));
  });

  it('goes on when a listener fails', async () => {
    const { feed, salt } = await leaderAndFollower();
    feed.on('change', () => {
      throw new Error('not mine');
    });
    await salt('x');
    await salt('y');
    await feed.wake();
    expect(feed.environment('production').settings.get('a')?.salt).toBe('y');
  });

  it('catches up after reads that failed', async () => {
    const { database, salt } = await leaderAndFollower();
    const flaky = breakable(database);
    const feed = new Feed({ database: flaky.database, log: createLog('silent') });
    flaky.broken = true;
    await expect(feed.wake()).rejects.toThrow('gone');
    expect(feed.loaded).toBe(false);
    flaky.broken = false;
    await salt('x');
    await feed.wake();
    expect(feed.environment('production').settings.get('a')?.salt).toBe('x');
    await feed.close();
  });

  it('reads again by itself after a read that failed', async () => {
    const { database, salt } = await leaderAndFollower();
    const flaky = breakable(database);
    const feed = new Feed({ database: flaky.database, log: createLog('silent') });
    await feed.wake();
    await salt('x');
    flaky.broken = true;
    const timers = jest.spyOn(global, 'setTimeout');
    await expect(feed.wake()).rejects.toThrow('gone');
    flaky.broken = false;
    const changed = once(feed, 'change');
    const [retry] = timers.mock.calls.at(-1) as [() => void];
    timers.mockRestore();
    retry();
    await changed;
    expect(feed.environment('production').settings.get('a')?.salt).toBe('x');
    await feed.close();
  });

  it('that follows a log looks at it without having been told to', async () => {
    const { feed, salt } = await leaderAndFollower();
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'setTimeout'] });
    try {
      feed.follow();
      await salt('x');
      const told = once(feed, 'change');
      jest.advanceTimersByTime(5_000);
      await told;
    } finally {
      await feed.close();
      jest.useRealTimers();
    }
  });

  it('begins another epoch when the database is found behind what was served, or beside it', async () => {
    const { database, feed, salt } = await leaderAndFollower();
    const { epoch, revision } = feed.environment('production');
    await salt('lost');
    await feed.wake();
    await database
      .deleteFrom('change_log')
      .where('revision', '=', revision + 1)
      .execute();
    await database.updateTable('environments').set({ revision }).execute();
    const replaced = once(feed, 'replaced');
    await feed.wake();
    await replaced;
    const behind = feed.environment('production').epoch;
    expect([behind === epoch, feed.environment('production').revision]).toEqual([false, revision]);

    await database.updateTable('change_log').set({ at: 1 }).where('revision', '=', revision).execute();
    await feed.wake();
    const beside = feed.environment('production').epoch;
    expect(beside).not.toBe(behind);
    expect((await follow(database)).environment('production').epoch).toBe(beside);
  });
});

/** The database, until it is said to be broken. */
function breakable(database: Database) {
  const state = {
    broken: false,
    database: new Proxy(database, {
      get(target, name) {
        if (state.broken) throw new Error('gone');
        const member = Reflect.get(target, name);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    }),
  };
  return state;
}
