import type { SeenContext } from '../../src/analytics.js';
import {
  deleteOldContexts,
  lastSeenBeyond,
  listContextGroups,
  listContexts,
  readContext,
  seeContexts,
} from '../../src/storage/contexts.js';
import { describeEachDatabase } from '../support/databases.js';

const user = (key: string, fields: Partial<SeenContext> = {}): SeenContext => ({
  kind: 'user',
  key,
  at: 1000,
  name: null,
  attributes: '{}',
  companions: {},
  ...fields,
});
const USERS = { environment: 'production', kind: 'user' };

describeEachDatabase('contexts', ({ open }) => {
  it('keep the newest attributes and both ends of the time they were seen', async () => {
    const database = await open();
    await seeContexts(database, 'production', [user('u', { at: 1000, name: 'One', attributes: '{"plan":"one"}' })]);
    await seeContexts(database, 'production', [
      user('u', { at: 3000, name: 'Three', attributes: '{"plan":"three"}', companions: { organization: 'acme' } }),
    ]);
    await seeContexts(database, 'production', [user('u', { at: 2000, name: 'Two', attributes: '{"plan":"two"}' })]);
    expect(await readContext(database, 'production', 'user', 'u')).toEqual({
      kind: 'user',
      key: 'u',
      name: 'Three',
      attributes: { plan: 'three' },
      companions: { organization: 'acme' },
      firstSeen: 1000,
      lastSeen: 3000,
    });
  });

  it('keep their attributes when only the key is seen', async () => {
    const database = await open();
    await seeContexts(database, 'production', [user('u', { name: 'Una', attributes: '{"plan":"gold"}' })]);
    await seeContexts(database, 'production', [user('u', { at: 5000, attributes: null })]);
    expect(await readContext(database, 'production', 'user', 'u')).toMatchObject({
      name: 'Una',
      attributes: { plan: 'gold' },
      lastSeen: 5000,
    });
  });

  it('are listed latest first, by kind and part of key or name, page by page', async () => {
    const database = await open();
    await seeContexts(database, 'production', [
      user('anna@test.com', { at: 3 }),
      user('b', { at: 2, name: 'Anna' }),
      user('c', { at: 2 }),
      user('50%', { at: 1 }),
      { ...user('anna-inc', { at: 4 }), kind: 'organization' },
    ]);
    await seeContexts(database, 'staging', [user('anna')]);
    const keys = async (filter: object) =>
      (await listContexts(database, { environment: 'production', limit: 10, ...filter })).map(({ key }) => key);
    expect(await keys({})).toEqual(['anna-inc', 'anna@test.com', 'b', 'c', '50%']);
    expect(await keys({ kind: 'user', q: 'ANNA' })).toEqual(['anna@test.com', 'b']);
    expect(await keys({ q: '%' })).toEqual(['50%']);
    expect(await keys({ limit: 2, after: { lastSeen: 2, kind: 'user', key: 'b' } })).toEqual(['c', '50%']);
  });

  it('are forgotten oldest first, some at a time', async () => {
    const database = await open();
    await seeContexts(
      database,
      'production',
      Array.from({ length: 10 }, (_, index) => user(`u-${index}`, { at: index })),
    );
    expect(await lastSeenBeyond(database, USERS, 4)).toBe(6);
    expect(await lastSeenBeyond(database, USERS, 10)).toBe(0);
    expect(await deleteOldContexts(database, USERS, { before: 6, limit: 4 })).toBe(4);
    expect(await deleteOldContexts(database, USERS, { before: 6, limit: 4 })).toBe(2);
    expect(
      (await listContexts(database, { environment: 'production', limit: 10 })).map(({ lastSeen }) => lastSeen),
    ).toEqual([9, 8, 7, 6]);
  });

  it('are grouped by environment and kind', async () => {
    const database = await open();
    await seeContexts(database, 'production', [user('u'), user('v'), { ...user('acme'), kind: 'organization' }]);
    const groups = await listContextGroups(database);
    expect(groups.map(({ kind }) => kind).sort()).toEqual(['organization', 'user']);
  });
});
