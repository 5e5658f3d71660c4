import { type Database, openDatabase } from '../../src/storage/database.js';
import { inTurn, unlessRunning } from '../../src/storage/locks.js';
import { describeWithPostgres } from '../support/postgres.js';

describeWithPostgres('locks between nodes', (postgres) => {
  let nodes: Database[];
  beforeEach(async () => {
    const databaseUrl = await postgres().createDatabase();
    nodes = [];
    for (let count = 0; count < 3; count++) nodes.push(await openDatabase({ dataDir: '', databaseUrl }));
  });
  afterEach(async () => {
    for (const node of nodes) await node.destroy();
  });

  it('give each its turn, one at a time', async () => {
    let running = 0;
    let most = 0;
    const task = async () => {
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      running--;
    };
    await Promise.all([...nodes, ...nodes].map((node) => inTurn(node, task)));
    expect(most).toBe(1);
  });

  it('give back what the task returns or throws', async () => {
    const [node] = nodes as [Database];
    expect(await inTurn(node, async () => 7)).toBe(7);
    await expect(inTurn(node, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await inTurn(node, async () => 8)).toBe(8);
  });

  it('do not undo what was done in a turn that was lost', async () => {
    const [node] = nodes as [Database];
    const lose = () =>
      postgres().administer(`select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'`);
    expect(await inTurn(node, () => lose().then(() => 'done'))).toBe('done');
  });

  it('let one of many do what one is enough for', async () => {
    let ran = 0;
    let others = 0;
    const [first, ...rest] = nodes as [Database, Database, Database];
    await unlessRunning(first, async () => {
      ran++;
      for (const node of rest) await unlessRunning(node, async () => void others++);
    });
    expect([ran, others]).toEqual([1, 0]);
    await unlessRunning(rest[0] as Database, async () => void others++);
    expect(others).toBe(1);
  });
});
