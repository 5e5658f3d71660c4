import {
  countDefinitions,
  type Definition,
  lastDefinitionVersion,
  listDefinitions,
  readDefinition,
  writeDefinition,
} from '../../src/storage/definitions.js';
import { describeEachDatabase } from '../support/databases.js';

const definition = (key: string, fields: Partial<Definition> = {}): Definition => ({
  key,
  version: 1,
  name: key,
  description: '',
  type: 'json',
  tags: [],
  variations: [{ value: { deep: [null, 1.5, 'ä'] }, name: 'One', description: '' }],
  valueSchema: null,
  createdAt: 1_800_000_000_000,
  updatedAt: 1_800_000_000_001,
  ...fields,
});

describeEachDatabase('definitions', ({ open }) => {
  const write = async (...definitions: Definition[]) => {
    const database = await open();
    for (const one of definitions) await writeDefinition(database, one, { deleted: false });
    return database;
  };
  const keysOf = (found: readonly Definition[]) => found.map(({ key }) => key);

  it('come back as they were written', async () => {
    const full = definition('a', { tags: ['x', 'y'], valueSchema: { type: 'object' }, description: 'é "quoted"' });
    const database = await write(full);
    expect(await readDefinition(database, 'a')).toEqual(full);
  });

  it('are written only on top of the version below', async () => {
    const database = await write(definition('a'));
    expect(await writeDefinition(database, definition('a', { version: 3 }), { deleted: false })).toBe(false);
    expect(await writeDefinition(database, definition('a', { version: 2, name: 'Two' }), { deleted: false })).toBe(
      true,
    );
    expect((await readDefinition(database, 'a'))?.name).toBe('Two');
  });

  it('leave their version behind when they are deleted', async () => {
    const database = await write(definition('a'));
    await writeDefinition(database, definition('a', { version: 2 }), { deleted: true });
    expect(await readDefinition(database, 'a')).toBeUndefined();
    expect(await lastDefinitionVersion(database, 'a')).toBe(2);
    expect(await countDefinitions(database)).toBe(0);
    expect(await listDefinitions(database, { limit: 10 })).toEqual([]);
  });

  it('are listed by key, a page at a time', async () => {
    const database = await write(definition('b'), definition('a'), definition('c'));
    expect(keysOf(await listDefinitions(database, { limit: 2 }))).toEqual(['a', 'b']);
    expect(keysOf(await listDefinitions(database, { limit: 2, after: 'b' }))).toEqual(['c']);
  });

  it('are found by part of key, name or description in any case', async () => {
    const database = await write(
      definition('checkout.new'),
      definition('b', { name: 'New Checkout' }),
      definition('c', { description: 'for the CHECKOUT page' }),
      definition('d'),
    );
    expect(keysOf(await listDefinitions(database, { q: 'cHeckOut', limit: 10 }))).toEqual(['b', 'c', 'checkout.new']);
  });

  it('are found in any case of any letter', async () => {
    const database = await write(definition('a', { name: 'Über uns' }));
    expect(keysOf(await listDefinitions(database, { q: 'ÜBER', limit: 10 }))).toEqual(['a']);
  });

  it.each(['%', '_', '\\'])('take a searched %s for itself', async (q) => {
    const database = await write(definition('a', { description: `rate ${q} of all` }), definition('b'));
    expect(keysOf(await listDefinitions(database, { q, limit: 10 }))).toEqual(['a']);
  });

  it('are found by a whole tag', async () => {
    const database = await write(definition('a', { tags: ['beta'] }), definition('b', { tags: ['beta-2'] }));
    expect(keysOf(await listDefinitions(database, { tag: 'beta', limit: 10 }))).toEqual(['a']);
  });
});
