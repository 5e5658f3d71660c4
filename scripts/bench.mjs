// `npm run bench [-- name …]`: installs bench/ (a package of its own, with the peers it compares) and runs its benches.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './parts.mjs';
import { prepare, runScript, SetupError } from './prepare.mjs';

const FOLDER = join(ROOT, 'bench');

await runScript(async () => {
  const benches = existsSync(FOLDER) ? findBenches() : [];
  if (benches.length === 0) throw new SetupError('There are no benches in this tree: bench/ is missing.');
  const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
  const unknown = wanted.filter((name) => !benches.includes(name));
  if (unknown.length > 0) throw new SetupError(`No bench "${unknown[0]}". There are: ${benches.join(', ')}.`);
  await prepare();
  if (!existsSync(join(FOLDER, 'node_modules/.package-lock.json'))) {
    run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
  }
  const options = process.argv.slice(2).filter((argument) => argument.startsWith('-'));
  for (const name of wanted.length > 0 ? wanted : benches) run(process.execPath, [`${name}.mjs`, ...options]);
});

/** One file per question; what several share is in bench/support. */
function findBenches() {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.mjs'))
    .map((file) => file.slice(0, -'.mjs'.length));
}

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: FOLDER, stdio: 'inherit' });
  if (status !== 0) throw new SetupError(`\`${command} ${args.join(' ')}\` failed in bench/.`);
}
