// An empty PostgreSQL database on this machine: the one that is named, or one of a server started for the bench.
import { spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const DEBIAN_FOLDER = '/usr/lib/postgresql';
const USER = 'feathery';
const READY_WITHIN_MS = 20_000;

export interface Postgres {
  readonly address: string;
  stop(): Promise<void>;
}

/**
 * `FEATHERY_BENCH_DATABASE_URL`, or else a database of the installed programs in a folder of its own, that waits for the
 * disk as one in production does. Undefined, and said so, where there is neither.
 */
export async function openPostgres(): Promise<Postgres | undefined> {
  const address = process.env.FEATHERY_BENCH_DATABASE_URL;
  if (address !== undefined) return { address, stop: async () => {} };
  const programs = findPrograms();
  if (programs !== undefined) return startPostgres(programs);
  console.log('Left out: PostgreSQL is not installed, and FEATHERY_BENCH_DATABASE_URL names no empty database.');
  return undefined;
}

async function startPostgres(programs: string): Promise<Postgres> {
  const folder = mkdtempSync(join(tmpdir(), 'feathery-bench-postgres-'));
  const as = unprivilegedUser();
  if (as.uid !== undefined) chownSync(folder, as.uid, as.gid);
  const data = join(folder, 'data');
  const run = (program: string, ...options: readonly string[]) =>
    spawnSync(join(programs, program), options, { ...as, cwd: folder, encoding: 'utf8' });
  const made = run('initdb', '-D', data, '-U', USER, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync');
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  const settings = ['listen_addresses=', `unix_socket_directories=${folder}`, 'max_connections=100'];
  const options = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])];
  const server = spawn(join(programs, 'postgres'), options, { ...as, cwd: folder, stdio: 'ignore' });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  const deadline = performance.now() + READY_WITHIN_MS;
  while (run('psql', '-h', folder, '-U', USER, '-d', 'postgres', '-c', 'create database bench').status !== 0) {
    if (performance.now() > deadline) throw new Error('PostgreSQL does not answer');
    await delay(100);
  }
  return {
    address: `postgres://${USER}@localhost/bench?host=${encodeURIComponent(folder)}`,
    stop: async () => {
      server.kill('SIGINT');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function findPrograms(): string | undefined {
  const versions = existsSync(DEBIAN_FOLDER) ? readdirSync(DEBIAN_FOLDER).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => join(DEBIAN_FOLDER, version, 'bin')),
    ...(process.env.PATH ?? '').split(':'),
  ];
  return folders.find((folder) => ['initdb', 'postgres', 'psql'].every((name) => existsSync(join(folder, name))));
}

/** PostgreSQL refuses to run as root. */
function unprivilegedUser(): { uid: number; gid: number } | { uid?: undefined } {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string) => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout.trim());
  return { uid: idOf('-u'), gid: idOf('-g') };
}
