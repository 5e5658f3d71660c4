// Makes a clone ready to run: installs what package-lock.json asks for and builds what is missing or outdated.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { outdatedParts, ROOT } from './parts.mjs';

const PROGRESS_EVERY_MS = 10_000;
const OUTPUT_KEPT_BYTES = 64 * 1024;

/** What npm prints when it cannot reach the registry, whatever the reason. */
const UNREACHABLE =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET_TIMEOUT|ENETUNREACH|EHOSTUNREACH|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_GET_ISSUER_CERT\w*)\b/;

/** An expected failure: its message tells the person at the terminal what to do, so no stack is shown. */
export class SetupError extends Error {}

/** Installs and builds what is needed, and nothing when all is there. Throws a SetupError that says what to do. */
export async function prepare() {
  if (!isInstalled()) {
    requireWritable();
    await stage('Installing packages (npm ci)', install);
  }
  const parts = outdatedParts();
  if (parts.length > 0) {
    requireWritable();
    await stage(`Building ${parts.join(', ')}`, () => build(parts));
  }
}

/** Runs `main`, and turns an expected failure into one line and exit code 1. */
export async function runScript(main) {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof SetupError ? error.message : error);
    process.exitCode = 1;
  }
}

/** npm records what it installed in node_modules/.package-lock.json, at the end of a complete installation only. */
function isInstalled() {
  const record = join(ROOT, 'node_modules/.package-lock.json');
  if (!existsSync(record)) return false;
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages;
  const wanted = Object.entries(JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages);
  return wanted.every(([path, entry]) => {
    if (!path.includes('node_modules/')) return true;
    const found = installed[path];
    if (found === undefined) return entry.optional === true || entry.devOptional === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

async function install() {
  // NODE_ENV=production or a personal .npmrc must not leave out the compiler.
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--include=dev', '--include=optional'];
  const patience = ['--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'];
  const npm = process.env.npm_execpath;
  const [command, ...first] = npm ? [process.execPath, npm] : ['npm'];
  const { code, output } = await run(command, [...first, ...args, ...patience]);
  if (code === 0) return;
  const unreachable = UNREACHABLE.exec(output);
  if (unreachable) {
    throw new SetupError(
      `The npm registry cannot be reached (${unreachable[1]}). Check the network, the proxy and \`npm config get registry\`, then run the command again.`,
    );
  }
  throw new SetupError(`${output.trim()}\n\nInstalling packages failed; npm's own words are above.`);
}

async function build(parts) {
  const { code, output } = await run(process.execPath, [join(ROOT, 'scripts/build.mjs'), ...parts]);
  if (code !== 0) throw new SetupError(`${output.trim()}\n\nBuilding failed; the compiler's own words are above.`);
}

function requireWritable() {
  try {
    rmSync(mkdtempSync(join(ROOT, '.feathery-write-')), { recursive: true });
  } catch (error) {
    throw new SetupError(
      `Feathery installs and builds in its own folder, and ${ROOT} cannot be written (${error.code}). Change its owner or rights, or clone to another place.`,
    );
  }
}

/** Shows a line while `work` runs, with the seconds gone by: rewritten in a terminal, repeated now and then elsewhere. */
async function stage(title, work) {
  const started = Date.now();
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
  const live = process.stdout.isTTY === true;
  const show = (text, last) => process.stdout.write(live ? `\r\x1b[K${text}${last ? '\n' : ''}` : `${text}\n`);
  show(`${title} …`);
  const timer = setInterval(() => show(`${title} … ${seconds()}`), live ? 1000 : PROGRESS_EVERY_MS);
  let outcome = 'failed after';
  try {
    await work();
    outcome = 'done in';
  } finally {
    clearInterval(timer);
    show(`${title}: ${outcome} ${seconds()}`, true);
  }
}

/** Runs a program in the root folder and keeps the end of what it prints. */
function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk) => {
      output = (output + chunk).slice(-OUTPUT_KEPT_BYTES);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}
