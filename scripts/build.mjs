// Builds what is asked for: `sdk` (dist/esm and dist/cjs), `service` (service/dist), `dashboard`; all by default.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { markBuilt, ROOT as root } from './parts.mjs';

const ENTRIES = { index: 'lib/index.ts', testing: 'lib/testing.ts', 'protocol-entry': 'lib/protocol-entry.ts' };

/** Published as ES modules only: `require` under Jest cannot load them, so the CommonJS form carries them inside. */
const ES_MODULE_ONLY = new Set(['p-retry', 'is-network-error']);

const BUILD = { sdk: buildSdk, service: buildService, dashboard: buildDashboard };

for (const part of process.argv.length > 2 ? process.argv.slice(2) : Object.keys(BUILD)) {
  if (!Object.hasOwn(BUILD, part)) fail(`Unknown part "${part}". Use one of: ${Object.keys(BUILD).join(', ')}.`);
  const started = Date.now();
  await BUILD[part]();
  markBuilt(part);
  console.log(`built ${part} in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

async function buildSdk() {
  const { rolldown } = await import('rolldown');
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  for (const format of ['esm', 'cjs']) {
    const bundle = await rolldown({
      cwd: root,
      input: ENTRIES,
      platform: 'node',
      external: (id) => !id.startsWith('.') && !id.startsWith('/') && !(format === 'cjs' && ES_MODULE_ONLY.has(id)),
    });
    const extension = format === 'esm' ? 'js' : 'cjs';
    await bundle.write({
      dir: join(root, 'dist', format),
      format,
      exports: 'named',
      entryFileNames: `[name].${extension}`,
      chunkFileNames: `[name].${extension}`,
    });
    await bundle.close();
  }
  run('npx', ['--no-install', 'tsc', '-p', 'tsconfig.types.json']);
  writeCommonJsTypes();
}

/** CommonJS needs its own declarations: the same text, with names that say which module form they describe. */
function writeCommonJsTypes() {
  const from = join(root, 'dist/esm');
  const to = join(root, 'dist/cjs');
  for (const name of readdirSync(from).filter((file) => file.endsWith('.d.ts'))) {
    const text = readFileSync(join(from, name), 'utf8').replace(/(['"])(\.\.?\/[^'"]+)\.js\1/g, '$1$2.cjs$1');
    writeFileSync(join(to, name.replace(/\.d\.ts$/, '.d.cts')), text);
  }
}

function buildService() {
  // The dashboard is a part of its own: its files in the same folder stay.
  for (const name of existsSync(join(root, 'service/dist')) ? readdirSync(join(root, 'service/dist')) : []) {
    if (name !== 'dashboard') rmSync(join(root, 'service/dist', name), { recursive: true });
  }
  run('npx', ['--no-install', 'tsc', '-p', 'service/tsconfig.build.json']);
}

function buildDashboard() {
  if (!existsSync(join(root, 'service/dashboard/package.json'))) return;
  run('npm', ['run', 'build', '--workspace', 'service/dashboard', '--silent']);
  rmSync(join(root, 'service/dist/dashboard'), { recursive: true, force: true });
  mkdirSync(join(root, 'service/dist'), { recursive: true });
  cpSync(join(root, 'service/dashboard/dist'), join(root, 'service/dist/dashboard'), { recursive: true });
}

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) fail(`\`${command} ${args.join(' ')}\` failed.`);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
