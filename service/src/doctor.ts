// `feathery doctor`: looks at everything that keeps a service from starting or from working well, changes nothing, and
// says of each what it found and what to do.
import { accessSync, constants, existsSync, mkdtempSync, rmdirSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import type { Config } from './config.js';
import { checkClock, checkDatabase } from './database-checkup.js';
import { type Finding, ok, problem, warning } from './finding.js';
import { cannotListen } from './service.js';

export interface DoctorEdges {
  readonly now: () => number;
  /** Version of Node, without a `v`. */
  readonly nodeVersion: string;
  /** How many files and sockets the process may have open; undefined where that is unknown or unlimited. */
  readonly maxOpenFiles: number | undefined;
}

const CHECKS: Readonly<Record<string, (config: Config, edges: DoctorEdges) => Finding | Promise<Finding>>> = {
  configuration: checkConfiguration,
  node: (_config, { nodeVersion }) => checkNode(nodeVersion),
  'open files': ({ maxStreams }, { maxOpenFiles }) => checkOpenFiles(maxStreams, maxOpenFiles),
  'data folder': checkFolder,
  disk: checkDisk,
  database: checkDatabase,
  clock: (config, { now }) => checkClock(config, now),
  port: checkPort,
};

/** Runs every check and prints a line for each. Returns the exit code: 1 when there is a problem. */
export async function runDoctor(config: Config, edges: DoctorEdges, print: (line: string) => void): Promise<0 | 1> {
  const counts = { ok: 0, warning: 0, problem: 0 };
  for (const [name, check] of Object.entries(CHECKS)) {
    const { level, text } = await Promise.resolve()
      .then(() => check(config, edges))
      .catch((error: Error): Finding => ({ level: 'problem', text: `The check failed: ${error.message}.` }));
    counts[level] += 1;
    print(`${level.padEnd(9)}${name.padEnd(15)}${text}`);
  }
  print(`${counts.ok} ok, ${counts.warning} to look at, ${counts.problem} to solve`);
  return counts.problem > 0 ? 1 : 0;
}

const LEAST_NODE = [20, 19] as const;
/** Files and sockets beside the streams. */
const OTHER_FILES = 500;
const LEAST_SECRET_LENGTH = 24;
const LOW_DISK_BYTES = 2 ** 30;
const LEAST_DISK_BYTES = 100 * 2 ** 20;
const HEALTH_TIMEOUT_MS = 2000;

function checkConfiguration({ host, port, dataDir, databaseUrl, adminToken, sdkKey, trustProxy }: Config): Finding {
  const secrets = Object.entries({ FEATHERY_ADMIN_TOKEN: adminToken, FEATHERY_SDK_KEY: sdkKey });
  const short = secrets.filter(([, secret]) => secret !== undefined && secret.length < LEAST_SECRET_LENGTH);
  if (short.length > 0) {
    const names = short.map(([name]) => name).join(' and ');
    return warning(`${names} can be guessed. Use ${LEAST_SECRET_LENGTH} random characters or more.`);
  }
  const isLocal = host === 'localhost' || host === '::1' || host.startsWith('127.');
  if (!isLocal && trustProxy === undefined) {
    return warning(
      `${host} is open to other machines, without encryption. Put a proxy with TLS before it, named in --trust-proxy.`,
    );
  }
  const where = databaseUrl === undefined ? `the embedded database in ${resolve(dataDir)}` : 'PostgreSQL';
  return ok(`${host}:${port}, ${where}`);
}

export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isEnough = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
  return isEnough ? ok(version) : problem(`Node ${version} is too old. Install ${LEAST_NODE.join('.')} or newer.`);
}

export function checkOpenFiles(maxStreams: number, maxOpenFiles: number | undefined): Finding {
  if (maxOpenFiles === undefined) return ok('no limit known');
  if (maxOpenFiles >= maxStreams + OTHER_FILES) return ok(`${maxOpenFiles}`);
  return warning(
    `${maxOpenFiles} may be open, fewer than the ${maxStreams} streams of --max-streams need. ` +
      'Raise the limit (LimitNOFILE, ulimit -n), or lower --max-streams.',
  );
}

function checkFolder({ dataDir, databaseUrl }: Config): Finding {
  if (databaseUrl !== undefined) return ok('not used with PostgreSQL');
  const folder = nearestFolder(dataDir);
  try {
    if (folder === resolve(dataDir)) rmdirSync(mkdtempSync(join(folder, 'feathery-doctor-')));
    else accessSync(folder, constants.W_OK);
  } catch (error) {
    return problem(
      `${folder} cannot be written (${(error as NodeJS.ErrnoException).code}). ` +
        'Make it writable for this user, or name another one with --data-dir.',
    );
  }
  if (folder !== resolve(dataDir)) return ok(`${resolve(dataDir)} is made at the first start`);
  if ((statSync(folder).mode & 0o077) !== 0) {
    return warning(`Others on this machine may look into ${folder}. Run: chmod 700 ${folder}`);
  }
  return ok(`${folder} can be written`);
}

async function checkDisk({ dataDir, databaseUrl }: Config): Promise<Finding> {
  if (databaseUrl !== undefined) return ok('not used with PostgreSQL');
  const { bavail, bsize } = await statfs(nearestFolder(dataDir));
  return diskFinding(bavail * bsize);
}

export function diskFinding(freeBytes: number): Finding {
  const free = `${Math.floor(freeBytes / 2 ** 20)} MiB free`;
  if (freeBytes >= LOW_DISK_BYTES) return ok(free);
  const advice = `${free}. Make room, or keep counts and contexts for less long (feathery --help).`;
  return freeBytes < LEAST_DISK_BYTES ? problem(advice) : warning(advice);
}

/** The folder itself, or the first above it that exists. */
function nearestFolder(path: string): string {
  let folder = resolve(path);
  while (!existsSync(folder) && folder !== dirname(folder)) folder = dirname(folder);
  return folder;
}

async function checkPort({ host, port }: Config): Promise<Finding> {
  const refused = await tryToListen(host, port);
  if (refused === undefined) return ok(`${port} on ${host} is free`);
  if (refused.code === 'EADDRINUSE' && (await isFeathery(host, port))) return ok(`a service answers on ${port}`);
  return problem(cannotListen(refused, host, port).message);
}

function tryToListen(host: string, port: number): Promise<NodeJS.ErrnoException | undefined> {
  const server = createServer();
  return new Promise((found) => {
    server.once('error', found);
    server.listen({ host, port }, () => server.close(() => found(undefined)));
  });
}

async function isFeathery(host: string, port: number): Promise<boolean> {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  const address = `http://${name.includes(':') ? `[${name}]` : name}:${port}/healthz`;
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS) });
    return ((await answer.json()) as { status?: unknown }).status === 'ok';
  } catch {
    return false;
  }
}
