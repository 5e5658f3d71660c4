import type { BrowserContextOptions, Page } from 'playwright-core';
import {
  describeInBrowser,
  IN_BROWSER_TIMEOUT_MS,
  openStage,
  type Stage,
  seriousFaults,
  until,
} from '../support/browser.js';

jest.setTimeout(IN_BROWSER_TIMEOUT_MS);

const PAGES = [
  ['contexts', 'Organizations and users'],
  ['contexts/organization/acme', 'Acme'],
  ['explain?kind=organization&key=acme', 'Explain'],
  ['segments', 'Segments'],
  ['segments/pilot', 'Pilot'],
  ['change-sets', 'Change sets'],
  ['activity', 'Activity'],
  ['live', 'Live'],
  ['access', 'Access'],
  ['access?tab=members', 'Access'],
  ['access?tab=tokens', 'Access'],
  ['access?tab=you', 'Access'],
  ['environments', 'Environments'],
] as const;

const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 800 }, colorScheme: 'dark' };

interface Look {
  readonly page: Page;
  /** Errors of the page since they were last looked at. */
  readonly complaints: string[];
}

function listen(page: Page): Look {
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  return { page, complaints };
}

describeInBrowser('every page', () => {
  let stage: Stage;
  /** On a desk and on a phone. Script is loaded once for all tests. */
  let looks: Look[];
  beforeAll(async () => {
    stage = await openStage();
    await stage.api('POST', '/settings', { key: 'export', name: 'The export', type: 'boolean' });
    await stage.api('POST', '/environments', { key: 'staging', name: 'Staging' });
    await stage.api('POST', '/environments/production/segments', { key: 'pilot', name: 'Pilot', included: ['ann'] });
    const changes = [{ setting: 'export', patch: { on: true } }];
    await stage.api('POST', '/environments/production/change-sets', { title: 'Later', changes });
    const client = await stage.client();
    client.variation('export', { kind: 'organization', key: 'acme', name: 'Acme' }, false);
    await client.flush();
    looks = [listen(await stage.page()), listen(await stage.page('/', PHONE))];
  });
  afterAll(() => stage?.close());

  it.each(PAGES)('%s keeps nobody out and fits, on a desk and on a phone', async (path, heading) => {
    for (const { page, complaints } of looks) {
      await page.goto(`${stage.address}/production/${path}`);
      await page.getByRole('heading', { level: 1, name: heading }).waitFor();
      await page.locator('[aria-busy]').first().waitFor({ state: 'detached' });
      expect(await seriousFaults(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
      expect(complaints.splice(0)).toEqual([]);
    }
  });

  it('go by the keyboard: past the navigation, and to the search by one key', async () => {
    const page = await stage.page('/production/segments');
    await page.getByRole('link', { name: 'Pilot' }).waitFor();
    expect(await page.title()).toBe('Segments · Feathery');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').textContent()).toBe('New segment');
    await page.keyboard.press('/');
    await page.keyboard.type('pil');
    expect(await page.getByRole('searchbox').inputValue()).toBe('pil');
    await page.context().close();
  });

  it('says when the connection is lost, heals by itself and shows what happened meanwhile', async () => {
    const page = await stage.page('/production/segments');
    await page.getByRole('link', { name: 'Pilot' }).waitFor();
    // A stream that is open already outlives an offline browser in Chromium: the loss is met by the next one.
    await page.route('**/live', (route) => route.abort());
    await page.reload();
    await page.getByText('Connection lost').waitFor();
    await stage.api('PATCH', '/environments/production/segments/pilot', { name: 'Renamed meanwhile' });
    await page.unroute('**/live');
    await page.getByRole('link', { name: 'Renamed meanwhile' }).waitFor({ timeout: 20_000 });
    await page.getByText('Connection lost').waitFor({ state: 'detached' });
    await stage.api('PATCH', '/environments/production/segments/pilot', { name: 'Pilot' });
    await page.context().close();
  });

  it('does nothing later that could not be done while the browser was offline', async () => {
    const page = await stage.page('/production/settings');
    await page.getByRole('switch', { name: 'The export: off' }).click({ force: true });
    await page.context().setOffline(true);
    await page.getByRole('button', { name: 'Turn on in Production' }).click();
    await page.getByRole('dialog').getByText('The service cannot be reached.').waitFor();
    await page.context().setOffline(false);
    await page.getByRole('button', { name: 'Turn on in Production' }).click();
    await page.getByRole('switch', { name: 'The export: on' }).waitFor();
    await stage.api('PATCH', '/environments/production/settings/export', { on: false });
    await page.context().close();
  });

  it('says what to do where there is no page, no environment or a part that cannot be loaded', async () => {
    const page = await stage.page('/production/nothing');
    await page.getByText('There is no such page').waitFor();
    await page.goto(`${stage.address}/nowhere/settings`);
    await page.getByText('There is no environment nowhere').waitFor();
    await page.route('**/UsageTab*.js', (route) => route.abort());
    await page.goto(`${stage.address}/production/settings/export?tab=usage`);
    await page.getByRole('button', { name: 'Load again' }).waitFor();
    await page.unroute('**/UsageTab*.js');
    await page.getByRole('button', { name: 'Load again' }).click();
    await page.getByText('In code', { exact: true }).waitFor();
    await page.context().close();
  });

  it('shows a change the moment it is made, and how it lands', async () => {
    const page = await stage.page('/production/live');
    await page.getByText('1 of 1', { exact: true }).waitFor();
    await stage.api('PATCH', '/environments/production/settings/export', { on: true });
    const stream = page.getByRole('list', { name: 'Stream' });
    await stream.getByText('turned on').waitFor();
    await stream.getByText(/1 of 1 server on revision \d+/).waitFor();
    const client = await stage.client();
    client.track('sale', { key: 'ann' }, undefined, 5);
    await client.flush();
    await stream.getByText('sale', { exact: true }).waitFor();
    await until(() => page.getByText('2 of 2', { exact: true }).isVisible());
    await page.context().close();
  });
});
