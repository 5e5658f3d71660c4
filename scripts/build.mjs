// Builds what is asked for: `sdk` (dist/esm and dist/cjs), `service` (service/dist), `dashboard`; all by default.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { markBuilt, ROOT } from './parts.mjs';

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
  const target = freshFolder('sdk');
  for (const format of ['esm', 'cjs']) {
    const bundle = await rolldown({
      cwd: ROOT,
      input: ENTRIES,
      platform: 'node',
      external: (id) => !id.startsWith('.') && !id.startsWith('/') && !(format === 'cjs' && ES_MODULE_ONLY.has(id)),
    });
    const extension = format === 'esm' ? 'js' : 'cjs';
    await bundle.write({
      dir: join(target, format),
      format,
      exports: 'named',
      // `import()` in CommonJS fails under Jest.
      dynamicImportInCjs: false,
      // The declarations carry the documentation; installed it would be there twice more.
      comments: { jsdoc: false },
      entryFileNames: `[name].${extension}`,
      chunkFileNames: `[name].${extension}`,
    });
    await bundle.close();
  }
  compile('tsconfig.types.json', join(target, 'esm'));
  writeCommonJsTypes(target);
  replace('dist', target);
}

/** CommonJS needs its own declarations: the same text, with names that say which module form they describe. */
function writeCommonJsTypes(target) {
  const from = join(target, 'esm');
  const to = join(target, 'cjs');
  for (const name of readdirSync(from).filter((file) => file.endsWith('.d.ts'))) {
    const text = readFileSync(join(from, name), 'utf8').replace(/(['"])(\.\.?\/[^'"]+)\.js\1/g, '$1$2.cjs$1');
    writeFileSync(join(to, name.replace(/\.d\.ts$/, '.d.cts')), text);
  }
}

function buildService() {
  const target = freshFolder('service');
  compile('service/tsconfig.build.json', target);
  // The dashboard is a part of its own, with its files inside.
  const dashboard = join(ROOT, 'service/dist/dashboard');
  if (existsSync(dashboard)) renameSync(dashboard, join(target, 'dashboard'));
  replace('service/dist', target);
}

function buildDashboard() {
  if (!existsSync(join(ROOT, 'service/dashboard/package.json'))) return;
  // Whoever asks for it, a test run for example: anything but production would bundle React's larger, slower form.
  run('npm', ['run', 'build', '--workspace', 'service/dashboard', '--silent'], { NODE_ENV: 'production' });
  rmSync(join(ROOT, 'service/dist/dashboard'), { recursive: true, force: true });
  mkdirSync(join(ROOT, 'service/dist'), { recursive: true });
  cpSync(join(ROOT, 'service/dashboard/dist'), join(ROOT, 'service/dist/dashboard'), { recursive: true });
}

/** Parts are built beside the old files and put in their place when complete: nobody ever runs half of one. */
function freshFolder(name) {
  const folder = join(ROOT, 'node_modules/.cache/feathery', name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

function replace(path, folder) {
  rmSync(join(ROOT, path), { recursive: true, force: true });
  renameSync(folder, join(ROOT, path));
}

function compile(project, folder) {
  run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', project, '--outDir', folder]);
}

function run(command, args, env = {}) {
  const { status } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', env: { ...process.env, ...env } });
  if (status !== 0) fail(`\`${command} ${args.join(' ')}\` failed.`);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
