// `npm run bench [-- name …]`: installs bench/ (a package of its own, with the peers it compares) and runs its benches.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './parts.mjs';
import { prepare, runScript, SetupError } from './prepare.mjs';

const FOLDER = join(ROOT, 'bench');
/** Judges what the others measure; run by name only. */
const CHECK = 'check';

await runScript(async () => {
  // One file per question; what several share is in folders.
  const benches = readdirSync(FOLDER)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -'.ts'.length));
  const isOption = (argument) => argument.startsWith('-');
  const options = process.argv.slice(2).filter(isOption);
  const named = process.argv.slice(2).filter((argument) => !isOption(argument));
  const unknown = named.find((name) => !benches.includes(name));
  if (unknown) throw new SetupError(`There is no bench "${unknown}". There are: ${benches.join(', ')}.`);

  await prepare();
  if (!existsSync(join(FOLDER, 'node_modules/.package-lock.json'))) {
    run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
  }
  run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json']);
  const wanted = named.length > 0 ? named : benches.filter((name) => name !== CHECK);
  for (const name of wanted) run(process.execPath, [join('dist', `${name}.js`), ...options]);
});

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: FOLDER, stdio: 'inherit' });
  if (status !== 0) throw new SetupError(`\`${command} ${args.join(' ')}\` failed in bench/.`);
}
