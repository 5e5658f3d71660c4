// A PostgreSQL of the tests' own, from the installed programs: a folder, a socket, no port, gone afterwards.
import { spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

const DEBIAN_FOLDER = '/usr/lib/postgresql';
const USER = 'feathery';

export interface Postgres {
  /** Of its data and its socket. `addressOf` and `administer` take it. */
  readonly folder: string;
  /** Makes an empty database and returns its address. */
  createDatabase(): Promise<string>;
  /** Runs statements in a database of its own, from which others can be renamed, copied and cut off. */
  administer(...statements: readonly string[]): Promise<void>;
  /** Ends the server as an operator would; connections are cut. */
  halt(): Promise<void>;
  /** Starts it again, if it is not running. */
  resume(): Promise<void>;
  /** Makes it hang: connections stay open and nothing is answered. */
  freeze(): void;
  /** Lets it go on. */
  thaw(): void;
  stop(): Promise<void>;
}

/**
 * Declares tests that need PostgreSQL. Left out, as their name then says, where it is not installed; unless everything is
 * required.
 */
export function describeWithPostgres(name: string, suite: (postgres: () => Postgres) => void): void {
  const isWanted = POSTGRES_BIN !== undefined || process.env.FEATHERY_REQUIRE_ALL === '1';
  if (!isWanted) {
    describe.skip(`${name} (PostgreSQL is not installed)`, () => suite(() => undefined as never));
    return;
  }
  describe(name, () => {
    let postgres: Postgres | undefined;
    beforeAll(async () => {
      postgres = await startPostgres();
    }, 60_000);
    afterAll(() => postgres?.stop());
    suite(() => postgres as Postgres);
  });
}

/** Folder of the installed server programs; undefined where there are none. */
export const POSTGRES_BIN = findPrograms();

export async function startPostgres(): Promise<Postgres> {
  if (POSTGRES_BIN === undefined) throw new Error('PostgreSQL is not installed');
  const folder = mkdtempSync(join(tmpdir(), 'feathery-postgres-'));
  const owner = unprivilegedUser();
  if (owner.uid !== undefined) chownSync(folder, owner.uid, owner.gid);
  const data = join(folder, 'data');
  const options = ['-D', data, '-U', USER, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  const made = spawnSync(join(POSTGRES_BIN, 'initdb'), options, { ...owner, cwd: folder, encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  // What it writes need not outlive it.
  const careless = { fsync: 'off', full_page_writes: 'off', autovacuum: 'off' };
  const settings = { listen_addresses: '', unix_socket_directories: folder, max_connections: '200', ...careless };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const launch = async () => {
    const server = spawn(join(POSTGRES_BIN, 'postgres'), ['-D', data, ...flags], {
      ...owner,
      cwd: folder,
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => server.once('exit', resolve));
    await untilReady(addressOf(folder, 'postgres'));
    return { server, ended };
  };
  let running: Awaited<ReturnType<typeof launch>> | undefined = await launch();
  const halt = async () => {
    running?.server.kill('SIGINT');
    await running?.ended;
    running = undefined;
  };
  const signalAll = (signal: NodeJS.Signals) => {
    const { pid } = running?.server ?? {};
    if (pid === undefined) return;
    const children = spawnSync('ps', ['-o', 'pid=', '--ppid', `${pid}`], { encoding: 'utf8' }).stdout.trim();
    for (const each of [pid, ...children.split(/\s+/).filter(Boolean).map(Number)]) {
      try {
        process.kill(each, signal);
      } catch {
        // It has ended meanwhile.
      }
    }
  };
  let count = 0;
  return {
    folder,
    createDatabase: async () => {
      const name = `test_${++count}`;
      await administer(folder, `create database ${name}`);
      return addressOf(folder, name);
    },
    administer: (...statements) => administer(folder, ...statements),
    halt,
    resume: async () => {
      running ??= await launch();
    },
    freeze: () => signalAll('SIGSTOP'),
    thaw: () => signalAll('SIGCONT'),
    stop: async () => {
      signalAll('SIGCONT');
      await halt();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Where a database is of the server in this folder. */
export function addressOf(folder: string, database: string): string {
  return `postgres://${USER}@localhost/${database}?host=${encodeURIComponent(folder)}`;
}

/** Runs statements on the server in this folder, in a database of its own. */
export function administer(folder: string, ...statements: readonly string[]): Promise<void> {
  return query(addressOf(folder, 'postgres'), ...statements);
}

async function untilReady(address: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    try {
      return await query(address, 'select 1');
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function query(connectionString: string, ...statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString });
  try {
    await client.connect();
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

function findPrograms(): string | undefined {
  const versions = existsSync(DEBIAN_FOLDER) ? readdirSync(DEBIAN_FOLDER).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => join(DEBIAN_FOLDER, version, 'bin')),
    ...(process.env.PATH ?? '').split(':'),
  ];
  return folders.find((folder) => ['initdb', 'postgres'].every((name) => existsSync(join(folder, name))));
}

/** PostgreSQL refuses to run as root. */
function unprivilegedUser(): { uid: number; gid: number } | Record<string, never> {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string, name: string) =>
    Number(spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout.trim());
  const name = spawnSync('id', ['-u', 'postgres']).status === 0 ? 'postgres' : 'nobody';
  return { uid: idOf('-u', name), gid: idOf('-g', name) };
}
