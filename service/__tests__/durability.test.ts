import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ADMIN_TOKEN, SDK_KEY } from './support/app.js';
import { databaseUrlOf } from './support/every-app.js';
import { buildProgram, type Program, type Running } from './support/process.js';

const ENV = { FEATHERY_ADMIN_TOKEN: ADMIN_TOKEN, FEATHERY_SDK_KEY: SDK_KEY, FEATHERY_LOG_LEVEL: 'silent' };
const WRITERS = 4;
/** How many acknowledged changes are waited for before the process is killed, in each round. */
const ROUNDS = [1, 25, 60];

let program: Program;
let dataDir: string;
beforeAll(() => {
  program = buildProgram();
  dataDir = mkdtempSync(join(tmpdir(), 'feathery-durability-'));
}, 60_000);
afterAll(() => {
  program.remove();
  rmSync(dataDir, { recursive: true, force: true });
});

const start = async (folder = dataDir) => {
  const databaseUrl = await databaseUrlOf(folder);
  const database = databaseUrl === undefined ? {} : { FEATHERY_DATABASE_URL: databaseUrl };
  return program.start(['serve', '--port', '0', '--data-dir', folder], { ...ENV, ...database });
};

async function send({ address }: Running, method: string, path: string, body?: unknown) {
  const answer = await fetch(`${address}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: what a test reads of an answer, it expects.
  return { status: answer.status, body: (await answer.json()) as any };
}

/** Writes until the process dies, and tells what was acknowledged: segment key → what it was given and as which version. */
async function writeUntilKilled(service: Running, round: number, count: number) {
  const acknowledged = new Map<string, { name: string; version: number }>();
  let killed: Promise<unknown> | undefined;
  const write = async (writer: number) => {
    for (let number = 0; killed === undefined; number++) {
      const key = `r${round}.w${writer}.n${number}`;
      const { status, body } = await send(service, 'POST', '/environments/production/segments', {
        key,
        name: `${number}`,
      });
      if (status !== 201) throw new Error(`refused: ${JSON.stringify(body)}`);
      acknowledged.set(key, { name: `${number}`, version: body.revision });
      if (acknowledged.size === count) killed = service.end('SIGKILL');
    }
  };
  const writers = Array.from({ length: WRITERS }, (_, writer) => write(writer));
  const ends = await Promise.allSettled(writers);
  await killed;
  // A request that was cut off fails; it was not acknowledged, so it may have been stored or not.
  for (const end of ends)
    if (end.status === 'rejected') expect(String(end.reason.cause ?? end.reason)).not.toContain('refused');
  return acknowledged;
}

describe('a service killed at any moment', () => {
  it('has kept every acknowledged change, and goes on counting from there', async () => {
    const expected = new Map<string, { name: string; version: number }>();
    for (const [round, count] of ROUNDS.entries()) {
      const service = await start();
      for (const [key, value] of await writeUntilKilled(service, round, count)) expected.set(key, value);
    }

    const service = await start();
    const { body } = await send(service, 'GET', '/environments/production/segments?limit=500');
    const stored = new Map(
      body.segments.map(({ key, name, version }: { key: string; name: string; version: number }) => [
        key,
        { name, version },
      ]),
    );
    for (const [key, value] of expected) expect([key, stored.get(key)]).toEqual([key, value]);

    const newest = Math.max(...[...expected.values()].map(({ version }) => version));
    expect(body.revision).toBeGreaterThanOrEqual(newest);
    const next = await send(service, 'POST', '/environments/production/segments', { key: 'after' });
    expect(next.body.revision).toBe(body.revision + 1);

    const poll = await fetch(`${service.address}/sdk/latest-all`, { headers: { authorization: SDK_KEY } });
    const { segments } = (await poll.json()) as { segments: object };
    expect(Object.keys(segments).sort()).toEqual([...stored.keys(), 'after'].sort());
    await service.end('SIGTERM');
  }, 60_000);

  it('has kept the change it answered last, killed while its log is brought into its file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'feathery-durability-'));
    try {
      const killed = await start(folder);
      await send(killed, 'POST', '/environments/production/segments', { key: 's' });
      const file = join(folder, 'feathery.db');
      // The file of the embedded database is written to by nothing else. PostgreSQL has its own.
      const written = () => (existsSync(file) ? statSync(file).mtimeMs : Number.NaN);
      const before = written();
      let [last, revision] = [0, 0];
      while (written() === before || last < 100) {
        const answer = await send(killed, 'PATCH', '/environments/production/segments/s', { name: `${++last}` });
        expect(answer.status).toBe(200);
        revision = answer.body.revision;
      }
      await killed.end('SIGKILL');

      const service = await start(folder);
      const { body } = await send(service, 'GET', '/environments/production/segments/s');
      expect([body.segment.name, body.revision]).toEqual([`${last}`, revision]);
      await service.end('SIGTERM');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 60_000);
});
