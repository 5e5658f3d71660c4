import type { Setting } from 'feathery-server-sdk/protocol';
import { operate, type Patch } from '../src/operations.js';
import { createSetting, deleteSetting } from '../src/settings.js';
import { readChanges } from '../src/storage/change-log.js';
import { listEnvironments } from '../src/storage/environments.js';
import { readItems } from '../src/storage/items.js';
import { describeEachDatabase } from './support/databases.js';
import { entry, type Node, wire } from './support/wired.js';

function create({ changes }: Node, key: string) {
  return changes.commit(entry('setting.create'), (draft) =>
    createSetting(draft, { key, type: 'boolean' }, { now: 0, maxSettings: 100 }),
  );
}

function patch({ changes }: Node, key: string, fields: Patch, environment = 'production') {
  return changes.commit(entry(), (draft) =>
    operate(draft.environment(environment), { op: 'patch', kind: 'setting', key, patch: fields }, 100),
  );
}

const production = ({ feed }: Node) => feed.environment('production');

describeEachDatabase('changes', ({ open }) => {
  it('raise the revision by one, and give it to what changed as its version', async () => {
    const node = await wire(await open());
    const { revision } = production(node);
    await create(node, 'a');
    await create(node, 'b');
    await patch(node, 'a', { on: true });
    const { settings } = production(node);
    expect(production(node).revision).toBe(revision + 3);
    expect([settings.get('a')?.version, settings.get('b')?.version]).toEqual([revision + 3, revision + 2]);
  });

  it('are stored when they are acknowledged, item and log alike', async () => {
    const database = await open();
    const node = await wire(database);
    await create(node, 'a');
    await patch(node, 'a', { on: true });
    const [row] = await listEnvironments(database);
    const [stored] = await readItems(database, 'production');
    const log = await readChanges(database, 'production', 0, 10);
    expect(row?.revision).toBe(production(node).revision);
    expect(stored?.item).toEqual(production(node).settings.get('a'));
    expect(log.at(-1)?.changes[0]?.item).toEqual(stored?.item);
  });

  it('of several items have one revision', async () => {
    const node = await wire(await open());
    await create(node, 'a');
    await create(node, 'b');
    const { revision } = production(node);
    await node.changes.commit(entry(), (draft) => {
      for (const key of ['a', 'b']) {
        operate(draft.environment('production'), { op: 'patch', kind: 'setting', key, patch: { on: true } }, 100);
      }
    });
    const versions = [...production(node).settings.values()].map(({ version }) => version);
    expect([production(node).revision, versions]).toEqual([revision + 1, [revision + 1, revision + 1]]);
  });

  it('leave nothing behind when they are refused', async () => {
    const database = await open();
    const node = await wire(database);
    await create(node, 'a');
    const before = await listEnvironments(database);
    await expect(patch(node, 'a', { on: true, offVariation: 9 })).rejects.toMatchObject({ code: 'invalid_body' });
    expect(await listEnvironments(database)).toEqual(before);
    expect(production(node).settings.get('a')?.on).toBe(false);
  });

  it('that change nothing are no revision', async () => {
    const node = await wire(await open());
    await create(node, 'a');
    const { revision } = production(node);
    const { auditId } = await patch(node, 'a', { on: false });
    expect([auditId, production(node).revision]).toEqual([undefined, revision]);
  });

  it('made at the same time all land, each on top of the one before', async () => {
    const node = await wire(await open());
    await create(node, 'a');
    const { revision } = production(node);
    await Promise.all(Array.from({ length: 20 }, (_, index) => patch(node, 'a', { salt: `${index}` })));
    expect(production(node).revision).toBe(revision + 20);
    expect(production(node).settings.get('a')?.salt).toBe('19');
  });

  it('go on above a deleted item when its key is used again', async () => {
    const node = await wire(await open());
    await create(node, 'a');
    await patch(node, 'a', { on: true });
    await node.changes.commit(entry(), (draft) => deleteSetting(draft, 'a', undefined));
    const deletedAt = production(node).revision;
    await create(node, 'a');
    expect(production(node).settings.get('a')?.version).toBeGreaterThan(deletedAt);
  });

  it('keep deleted items as tombstones', async () => {
    const database = await open();
    const node = await wire(database);
    await create(node, 'a');
    await node.changes.commit(entry(), (draft) => deleteSetting(draft, 'a', undefined));
    const rows = await database.selectFrom('items').select(['key', 'version', 'item']).execute();
    expect(rows).toEqual([{ key: 'a', version: production(node).revision, item: null }]);
    expect(await readItems(database, 'production')).toEqual([]);
  });

  describe('of two nodes on one database', () => {
    it('land on top of each other, whoever was first', async () => {
      const database = await open();
      const [here, there] = [await wire(database), await wire(database)];
      await create(here, 'a');
      await patch(there, 'a', { on: true });
      await patch(here, 'a', { salt: 'x' });
      await there.feed.wake();
      expect(production(there).settings.get('a')).toMatchObject({ on: true, salt: 'x' });
      expect(production(there).revision).toBe(production(here).revision);
    });

    it('made at the same time lose nothing', async () => {
      const database = await open();
      const nodes = [await wire(database), await wire(database)];
      await create(nodes[0] as Node, 'a');
      await nodes[1]?.feed.wake();
      const seen: Setting[] = [];
      nodes[0]?.feed.on('change', (_environment, { changes }) => seen.push(changes[0]?.item as Setting));
      await Promise.all(
        nodes.flatMap((node, index) =>
          Array.from({ length: 10 }, (_, number) => patch(node, 'a', { salt: `${index}-${number}` })),
        ),
      );
      await nodes[0]?.feed.wake();
      expect(new Set(seen.map(({ salt }) => salt)).size).toBe(20);
      expect(seen.map(({ version }) => version)).toEqual([...seen.map(({ version }) => version)].sort((a, b) => a - b));
    });

    it('refuse what was made for a version that the other has replaced', async () => {
      const database = await open();
      const [here, there] = [await wire(database), await wire(database)];
      await create(here, 'a');
      await there.feed.wake();
      const version = production(here).settings.get('a')?.version;
      await patch(there, 'a', { on: true });
      const stale = here.changes.commit(entry(), (draft) =>
        operate(
          draft.environment('production'),
          { op: 'patch', kind: 'setting', key: 'a', patch: { on: false, salt: 'x' }, version },
          100,
        ),
      );
      await expect(stale).rejects.toMatchObject({
        code: 'stale_version',
        members: { current: { setting: { on: true } } },
      });
    });
  });
});
