// How long a person waits from the click that saves a change until the dashboard says that all servers have it.
//
// Run:      npm run bench -- click      (needs an installed Chromium)
// Measures: in the page itself, from the click on "Turn on in Production" to the answer of the service, to the line that
//           says it is saved, and to the line that says that all of 3 and of 1,000 servers have it. Servers are streams in
//           two other processes that report as the SDK does.
// Do not conclude: that servers get a change as late as that: reports of many servers are spread over time so that there
//           are never more than some hundreds a second (docs/live.md), and so is what the page says. "slowest" is how
//           long the change itself took, as the line tells it. Page, service and servers share the machine's cores.
/// <reference lib="dom" />
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { chromium, type Page } from 'playwright-core';
import { SDK_KEY, ServiceProcess } from './support/service-process.js';
import { median } from './support/statistics.js';
import { figure, printTable } from './support/table.js';
import { Worker } from './support/workers.js';

interface Clicked {
  readonly answeredMs: number;
  readonly savedMs: number;
  readonly landedMs: number;
  readonly slowestMs: number;
}

const isQuick = process.argv.includes('--quick');
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const CHROMIUM = (process.env.PATH ?? '')
  .split(delimiter)
  .flatMap((folder) => NAMES.map((name) => join(folder, name)))
  .find((file) => existsSync(file));
const SETTING = 'clicked';

if (CHROMIUM === undefined) console.log('click: skipped, no Chromium is installed.');
else await measure(CHROMIUM);

async function measure(executablePath: string): Promise<void> {
  const service = new ServiceProcess();
  const clients = [1, 2].map(() => new Worker('support/reporting-clients.js'));
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    await service.start();
    await service.admin('POST', 'settings', { key: SETTING, name: 'Clicked', type: 'boolean' });
    const page = await browser.newPage();
    await signIn(page, service);
    const rows = [['servers', 'runs', 'answered, ms', 'saved, ms', 'all have it, ms', 'slowest, ms']];
    for (const [servers, runs] of [
      [3, isQuick ? 5 : 15],
      [1000, isQuick ? 3 : 7],
    ] as const) {
      await connect(clients, service, servers);
      await page.getByText(`${servers} servers`, { exact: true }).waitFor();
      await click(page);
      const clicked: Clicked[] = [];
      for (let run = 0; run < runs; run++) {
        // Longer than any server holds a report back.
        await delay(servers * 7 + 500);
        clicked.push(await click(page));
      }
      const p50 = (read: (one: Clicked) => number) => figure(median(clicked.map(read)));
      rows.push([
        servers.toLocaleString('en-US'),
        `${runs}`,
        p50(({ answeredMs }) => answeredMs),
        p50(({ savedMs }) => savedMs),
        p50(({ landedMs }) => landedMs),
        p50(({ slowestMs }) => slowestMs),
      ]);
      await Promise.all(clients.map((client) => client.call('close')));
    }
    printTable('From the click to the line, p50', rows);
  } finally {
    await browser.close();
    await Promise.all(clients.map((client) => client.end()));
    await service.remove();
  }
}

async function signIn(page: Page, service: ServiceProcess): Promise<void> {
  const { body } = await service.admin('POST', 'members', { email: 'bench@example.test', role: 'admin' });
  await page.goto(service.origin + JSON.parse(body).link.path);
  await page.getByRole('textbox', { name: 'Password' }).fill('a password of some length');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.waitForURL('**/settings');
}

async function connect(clients: readonly Worker[], service: ServiceProcess, count: number): Promise<void> {
  const target = { port: service.port, sdkKey: SDK_KEY };
  const share = Math.ceil(count / clients.length);
  const shares = clients.map((_client, index) => Math.max(0, Math.min(share, count - index * share)));
  await Promise.all(clients.map((client, index) => client.call('open', `${index}`, target, shares[index])));
}

/** Turns the setting on or off, and reads what happened when from the page's own clock. */
async function click(page: Page): Promise<Clicked> {
  await page.getByRole('switch').click({ force: true });
  const button = page.getByRole('dialog').getByRole('button', { name: /in Production$/ });
  const measured = button.evaluate(
    (element) =>
      new Promise<Clicked>((resolve) => {
        let clickedAt = 0;
        let savedAt = 0;
        const before = document.querySelector('[data-testid=landing]')?.textContent;
        const observer = new MutationObserver(() => {
          const text = document.querySelector('[data-testid=landing]')?.textContent ?? '';
          if (clickedAt === 0 || text === '' || text === before) return;
          const now = performance.now();
          if (savedAt === 0) savedAt = now;
          const [, applied, connected, slowest] =
            /(\d+) of (\d+) servers? on revision \d+, slowest (\d+) ms/.exec(text) ?? [];
          if (applied === undefined || applied !== connected) return;
          observer.disconnect();
          const answer = performance
            .getEntriesByType('resource')
            .filter(({ name, startTime }) => name.endsWith('/changes') && startTime >= clickedAt)[0];
          requestAnimationFrame(() => {
            resolve({
              answeredMs: (answer as PerformanceResourceTiming).responseEnd - clickedAt,
              savedMs: savedAt - clickedAt,
              landedMs: performance.now() - clickedAt,
              slowestMs: Number(slowest),
            });
          });
        });
        observer.observe(document.body, { subtree: true, childList: true, characterData: true });
        element.addEventListener(
          'click',
          () => {
            clickedAt = performance.now();
          },
          { capture: true, once: true },
        );
      }),
  );
  await button.click();
  return measured;
}
