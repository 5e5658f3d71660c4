// `npm run bench [-- name … --quick]`: installs bench/ (a package of its own, with the peers it compares), compiles its
// benches and runs those named, or all; `check` only when it is named.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './parts.mjs';
import { prepare, runScript, SetupError } from './prepare.mjs';

const FOLDER = join(ROOT, 'bench');
const COMPILED = join(FOLDER, 'dist');
/** A verdict on the others, not a bench. */
const CHECK = 'check';

await runScript(async () => {
  const benches = existsSync(FOLDER) ? findBenches() : [];
  if (benches.length === 0) throw new SetupError('There are no benches in this tree: bench/ is missing.');
  const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
  const unknown = wanted.filter((name) => !benches.includes(name));
  if (unknown.length > 0) throw new SetupError(`No bench "${unknown[0]}". There are: ${benches.join(', ')}.`);
  await prepare();
  if (!isInstalled()) run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
  rmSync(COMPILED, { recursive: true, force: true });
  run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', '.']);
  const options = process.argv.slice(2).filter((argument) => argument.startsWith('-'));
  const chosen = wanted.length > 0 ? wanted : benches.filter((name) => name !== CHECK);
  for (const name of chosen) run(process.execPath, [join(COMPILED, `${name}.js`), ...options]);
});

/** One file per question; what several share is in bench/support. */
function findBenches() {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -'.ts'.length));
}

/** npm records what it installed at the end of a complete installation only. */
function isInstalled() {
  const record = join(FOLDER, 'node_modules/.package-lock.json');
  if (!existsSync(record)) return false;
  const packages = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
  const installed = packages(record);
  return Object.entries(packages(join(FOLDER, 'package-lock.json'))).every(
    ([path, { version, optional }]) => path === '' || optional === true || installed[path]?.version === version,
  );
}

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: FOLDER, stdio: 'inherit' });
  if (status !== 0) throw new SetupError(`\`${command} ${args.join(' ')}\` failed in bench/.`);
}
