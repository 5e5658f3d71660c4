// Writes the service's package, ready for `npm publish <file>`, into a folder: `node scripts/pack.mjs <folder>`. In the
// tree the service links the SDK; the package names the SDK's version. Build before. The SDK needs only `npm pack`.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PARTS, ROOT } from './parts.mjs';

const [folder] = process.argv.slice(2);
if (folder === undefined) fail('Say where to: node scripts/pack.mjs <folder>');
for (const file of [...PARTS.service.outputs, ...PARTS.dashboard.outputs]) {
  if (!existsSync(join(ROOT, file))) fail(`${file} is missing. Run: npm run build`);
}

const staged = mkdtempSync(join(tmpdir(), 'feathery-pack-'));
try {
  const { scripts: _, devDependencies: __, ...manifest } = readJson('service/package.json');
  const { name, version } = readJson('package.json');
  manifest.dependencies[name] = `^${version}`;
  writeFileSync(join(staged, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  for (const file of ['dist', 'README.md', 'CHANGELOG.md']) {
    cpSync(join(ROOT, 'service', file), join(staged, file), { recursive: true });
  }
  cpSync(join(ROOT, 'LICENSE'), join(staged, 'LICENSE'));
  mkdirSync(folder, { recursive: true });
  const { status, stdout } = spawnSync('npm', ['pack', staged, '--silent', '--pack-destination', resolve(folder)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) fail('npm pack failed.');
  console.log(join(folder, stdout.trim()));
} finally {
  rmSync(staged, { recursive: true, force: true });
}

function readJson(file) {
  return JSON.parse(readFileSync(join(ROOT, file), 'utf8'));
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
