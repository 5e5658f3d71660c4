// The package as it is published: written by scripts/pack.mjs, unpacked beside the packed SDK, and run.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { untilReady } from './support/process.js';

const ROOT = join(__dirname, '../..');

// Below the installed packages, so that those of others are found.
let folder: string;
let installed: string;
let child: ChildProcess | undefined;
beforeAll(() => {
  if (!existsSync(join(ROOT, 'service/dist/dashboard/index.html'))) {
    throw new Error('There is no build. Run `npm run build` first.');
  }
  const cache = join(ROOT, 'node_modules/.cache/feathery');
  mkdirSync(cache, { recursive: true });
  folder = mkdtempSync(join(cache, 'package-'));
  installed = join(folder, 'node_modules/feathery-service');
  run(process.execPath, join(ROOT, 'scripts/pack.mjs'), folder);
  const [tarball] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  mkdirSync(installed, { recursive: true });
  run('tar', '-xzf', join(folder, tarball as string), '--strip-components=1', '-C', installed);
  const sdk = join(folder, 'node_modules/feathery-server-sdk');
  for (const name of ['package.json', 'dist']) cpSync(join(ROOT, name), join(sdk, name), { recursive: true });
}, 60_000);
afterAll(() => {
  child?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function run(command: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  return stdout;
}

describe('the package of the service', () => {
  it('has the program, the dashboard and its papers, and nothing else', () => {
    expect(readdirSync(installed).sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json']);
    const files = readdirSync(join(installed, 'dist'), { recursive: true, encoding: 'utf8' });
    expect(files).toEqual(expect.arrayContaining(['main.js', 'dashboard/index.html']));
    expect(files.filter((name) => /\.(map|ts|tsx)$/.test(name))).toEqual([]);
  });

  it('names the version of the SDK, no link', () => {
    const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(manifest.dependencies['feathery-server-sdk']).toBe(`^${version}`);
    expect(JSON.stringify(manifest)).not.toMatch(/file:|workspace:/);
  });

  it('runs, with its dashboard', async () => {
    const main = join(installed, JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')).bin.feathery);
    const args = [main, 'serve', '--port', '0', '--data-dir', join(folder, 'data')];
    child = spawn(process.execPath, args, { env: { ...process.env, FEATHERY_LOG_LEVEL: 'warn' } });
    const service = await untilReady(child);
    const page = await fetch(service.address, { headers: { accept: 'text/html' } });
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<div id="root">')]);
    expect(await service.end('SIGTERM')).toBe(0);
  }, 30_000);

  it('is not published from the tree, where it links the SDK', () => {
    const { status, stderr } = spawnSync('npm', ['run', 'prepublishOnly', '--workspace', 'service'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([1, expect.stringContaining('scripts/pack.mjs')]);
  });
});
