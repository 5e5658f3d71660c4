// `npm run openapi`: writes service/openapi.json of this tree's service, and from it the types the dashboard uses.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outdatedParts, ROOT } from './parts.mjs';

const outdated = outdatedParts().filter((part) => part !== 'dashboard');
if (outdated.length > 0) run(process.execPath, [join(ROOT, 'scripts/build.mjs'), ...outdated]);

const folder = mkdtempSync(join(tmpdir(), 'feathery-openapi-'));
const service = spawn(
  process.execPath,
  [join(ROOT, 'service/dist/main.js'), 'serve', '--port', '0', '--data-dir', folder],
  {
    stdio: ['ignore', 'pipe', 'inherit'],
  },
);
try {
  const answer = await fetch(`${await address(service)}/api/v1/openapi.json`);
  writeFileSync(join(ROOT, 'service/openapi.json'), `${JSON.stringify(await answer.json(), null, 2)}\n`);
} finally {
  service.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
}
run('npm', ['run', 'api', '--workspace', 'service/dashboard', '--silent']);

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) throw new Error(`\`${command} ${args.join(' ')}\` failed.`);
}

async function address(child) {
  let text = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    text += chunk;
    const ready = /Feathery is ready on (\S+)/.exec(text);
    if (ready) return ready[1];
  }
  throw new Error('The service ended before it was ready. Is it built? `npm run build` does that.');
}
