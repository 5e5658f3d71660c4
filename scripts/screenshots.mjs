// `npm run screenshots -- [folder]`: a picture of every page in light and dark, on a desk and on a phone, of an empty
// service, of the demo and of a service with 5,000 of everything. `--only <text>` takes those whose name contains it,
// `--service <name>` those of one service, `--readme` those of the README, into docs/images. Needs an installed Chromium.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { AdminApi } from '../demo/admin-api.mjs';
import { ROOT } from './parts.mjs';
import { prepare as prepareClone, runScript, SetupError } from './prepare.mjs';
import { README, SERVICES } from './screenshot-scenes.mjs';

const { values: chosen, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', default: '' },
    service: { type: 'string' },
    readme: { type: 'boolean', default: false },
  },
});
const FOLDER = resolve(positionals[0] ?? 'screenshots');
const CHROMIUM = (process.env.PATH ?? '')
  .split(delimiter)
  .flatMap((folder) => ['chromium', 'chromium-browser', 'google-chrome'].map((name) => join(folder, name)))
  .find((file) => existsSync(file));
const ADMIN_TOKEN = 'adm-screenshots';
const SDK_KEY = 'sdk-screenshots';
const READY = /^Feathery is ready on (\S+)/;
const SIGN_IN_LINK = /(http\S+\/setup#token=\S+)/;
const LOOKS = [
  { look: 'light-wide', colorScheme: 'light', viewport: { width: 1440, height: 900 } },
  { look: 'dark-wide', colorScheme: 'dark', viewport: { width: 1440, height: 900 } },
  { look: 'light-narrow', colorScheme: 'light', viewport: { width: 360, height: 740 } },
  { look: 'dark-narrow', colorScheme: 'dark', viewport: { width: 360, height: 740 } },
];
/** Small enough for files below 200 KB, wide enough for every column. */
const README_VIEWPORT = { width: 1280, height: 800 };

let browser;

await runScript(async () => {
  if (CHROMIUM === undefined) throw new SetupError('No Chromium is installed.');
  await prepareClone();
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  try {
    for (const [name, service] of Object.entries(SERVICES)) {
      if (chosen.service === undefined || chosen.service === name) await photograph(name, service);
    }
  } finally {
    await browser.close();
  }
});

async function photograph(name, { command, fill, scenes }) {
  const wanted = scenes
    .filter(([scene]) => scene.includes(chosen.only))
    .map(([scene, path, prepare]) => ({ path, prepare, pictures: picturesOf(name, scene) }))
    .filter(({ pictures }) => pictures.length > 0);
  if (wanted.length === 0) return;
  const running = await start(command);
  try {
    const api = new AdminApi(running.address, ADMIN_TOKEN);
    const facts = await fill?.({ api, address: running.address, sdkKey: SDK_KEY });
    const session = await signIn(running.link);
    for (const { path, prepare, pictures } of wanted) {
      const shots = pictures.map(({ file, ...options }) => () => {
        mkdirSync(dirname(file), { recursive: true });
        const url = running.address + path;
        return take({ url, prepare, file, facts, options: { storageState: session, ...options } });
      });
      if (prepare?.changes) for (const shoot of shots) await shoot();
      else await Promise.all(shots.map((shoot) => shoot()));
    }
  } finally {
    await running.end();
  }
}

function picturesOf(service, scene) {
  if (!chosen.readme) {
    return LOOKS.map(({ look, ...options }) => ({ ...options, file: join(FOLDER, service, `${scene}.${look}.png`) }));
  }
  const colorScheme = service === 'demo' ? README[scene] : undefined;
  if (colorScheme === undefined) return [];
  return [{ colorScheme, viewport: README_VIEWPORT, file: join(ROOT, 'docs/images', `${scene}.png`) }];
}

async function take({ url, prepare, file, facts, options }) {
  const context = await browser.newContext({ ...options, ...(prepare?.signedOut && { storageState: undefined }) });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  try {
    await page.goto(url);
    await settle(page);
    await prepare?.(page, facts);
    await settle(page);
  } catch (error) {
    console.error(`${file}: ${error.message}`);
  }
  await page.screenshot({ path: file, animations: 'disabled' });
  await context.close();
}

/** Nothing loads any more, and what was to fade in has. */
async function settle(page) {
  await page.getByRole('heading').first().waitFor();
  // One thing that has loaded may ask for the next.
  for (let round = 0; round < 2; round++) {
    await page.waitForFunction(() => document.querySelector('[aria-busy=true], .mantine-Skeleton-root') === null);
    await page.waitForTimeout(300);
  }
}

function start(command) {
  const folder = mkdtempSync(join(tmpdir(), 'feathery-screenshots-'));
  const child = spawn(process.execPath, [...command, '--port', '0', '--data-dir', folder], {
    cwd: ROOT,
    env: {
      ...process.env,
      FEATHERY_LOG_LEVEL: 'warn',
      FEATHERY_ADMIN_TOKEN: ADMIN_TOKEN,
      FEATHERY_SDK_KEY: SDK_KEY,
      FEATHERY_SIGN_IN_LINK: 'yes',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((done) => child.once('close', done));
  const end = async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  return new Promise((done, fail) => {
    let address;
    let link;
    createInterface({ input: child.stdout }).on('line', (line) => {
      address ??= READY.exec(line)?.[1];
      link ??= SIGN_IN_LINK.exec(line)?.[1];
      if (address !== undefined && link !== undefined) done({ address, link, end });
    });
    ended.then((code) => fail(new Error(`${command.join(' ')} ended with code ${code} before it was ready`)));
  });
}

async function signIn(link) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(link);
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.waitForURL('**/settings');
  const session = await context.storageState();
  await context.close();
  return session;
}
