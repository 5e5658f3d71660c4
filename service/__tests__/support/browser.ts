// A browser on the dashboard of the built service, with SDK clients of its own. Chromium is the one that is installed.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import axe from 'axe-core';
import { createClient, type FeatheryClient } from 'feathery-server-sdk';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { type Running, untilReady } from './process.js';

const MAIN = process.env.FEATHERY_TEST_MAIN ?? join(__dirname, '../../dist/main.js');
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const CHROMIUM = (process.env.PATH ?? '')
  .split(delimiter)
  .flatMap((folder) => NAMES.map((name) => join(folder, name)))
  .find((file) => existsSync(file));
const SIGN_IN_LINK = /^Sign in as an admin .*: (\S+)$/m;
const ADMIN_TOKEN = 'fta-browser';
const SDK_KEY = 'sdk-browser';

export const IN_BROWSER_TIMEOUT_MS = 60_000;
/** For what is waited for on a page. */
const APPEARS_WITHIN_MS = 10_000;

/** Declares tests that need a browser: skipped where none is installed, unless everything is required. */
export function describeInBrowser(name: string, suite: () => void): void {
  if (CHROMIUM !== undefined || process.env.FEATHERY_REQUIRE_ALL === '1') describe(name, suite);
  else describe.skip(`${name} (skipped: no Chromium is installed)`, suite);
}

export interface Stage {
  readonly address: string;
  /** Calls the admin API as an admin; throws unless the answer is a success. */
  // biome-ignore lint/suspicious/noExplicitAny: what a test reads of an answer, it expects.
  api(method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<any>;
  /** An SDK client that has the settings, by default with the key the service was started with. Closed with the stage. */
  client(sdkKey?: string): Promise<FeatheryClient>;
  /** A page of the first admin, signed in by the link that the service printed. Closed with the stage. */
  page(path?: string, options?: BrowserContextOptions): Promise<Page>;
  /** A page of somebody else, who opens this one-time link and sets a password. */
  pageOf(linkPath: string, password: string): Promise<Page>;
  close(): Promise<void>;
}

/** Starts the built service on a folder of its own, and a browser. */
export async function openStage(): Promise<Stage> {
  if (CHROMIUM === undefined) throw new Error('no Chromium is installed, but FEATHERY_REQUIRE_ALL=1 asks for it');
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is not built; run \`npm run build\``);
  const folder = mkdtempSync(join(tmpdir(), 'feathery-browser-'));
  const child = spawn(process.execPath, [MAIN, 'serve', '--port', '0', '--data-dir', folder], {
    env: {
      ...process.env,
      FEATHERY_ADMIN_TOKEN: ADMIN_TOKEN,
      FEATHERY_SDK_KEY: SDK_KEY,
      FEATHERY_SIGN_IN_LINK: 'yes',
      FEATHERY_LOG_LEVEL: 'warn',
    },
  });
  const service = await untilReady(child);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  return makeStage({ folder, child, service, browser });
}

function makeStage(parts: { folder: string; child: ChildProcess; service: Running; browser: Browser }): Stage {
  const { folder, service, browser } = parts;
  const { address } = service;
  const clients: FeatheryClient[] = [];
  let session: BrowserContextOptions['storageState'];
  const signIn = async () => {
    const link = SIGN_IN_LINK.exec(service.stdout.join('\n'))?.[1];
    if (link === undefined) throw new Error('the service printed no link to sign in by');
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(link);
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.waitForURL('**/settings');
    const state = await context.storageState();
    await context.close();
    return state;
  };
  return {
    address,
    api: async (method, path, body) => {
      const answer = await fetch(`${address}/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${ADMIN_TOKEN}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
      return text === '' ? undefined : JSON.parse(text);
    },
    client: async (sdkKey = SDK_KEY) => {
      const client = createClient(sdkKey, { serviceUri: address, flushIntervalMs: 200 });
      clients.push(client);
      await client.waitForInitialization({ timeoutMs: 10_000 });
      return client;
    },
    page: async (path = '/', options = {}) => {
      session ??= await signIn();
      const context = await browser.newContext({
        viewport: { width: 1280, height: 800 },
        ...options,
        storageState: session,
      });
      context.setDefaultTimeout(APPEARS_WITHIN_MS);
      const page = await context.newPage();
      await page.goto(address + path);
      return page;
    },
    pageOf: async (linkPath, password) => {
      const context = await browser.newContext();
      context.setDefaultTimeout(APPEARS_WITHIN_MS);
      const page = await context.newPage();
      await page.goto(address + linkPath);
      await page.getByRole('textbox', { name: 'Password' }).fill(password);
      await page.getByRole('button', { name: 'Go on' }).click();
      await page.waitForURL('**/settings');
      return page;
    },
    close: async () => {
      for (const client of clients) await client.close();
      await browser.close();
      await service.end('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What axe finds on a page that keeps people out of it, one line each. */
export async function seriousFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run({ resultTypes: ['violations'] }),
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}

/** Waits until a condition about something outside the page holds. */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error('it did not become so in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
