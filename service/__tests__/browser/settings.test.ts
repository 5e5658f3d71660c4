import type { Page } from 'playwright-core';
import {
  describeInBrowser,
  IN_BROWSER_TIMEOUT_MS,
  openStage,
  type Stage,
  seriousFaults,
  until,
} from '../support/browser.js';

jest.setTimeout(IN_BROWSER_TIMEOUT_MS);

describeInBrowser('the settings page', () => {
  let stage: Stage;
  let page: Page;
  beforeAll(async () => {
    stage = await openStage();
    for (const key of ['checkout.new', 'checkout.old', 'mail.limit']) {
      await stage.api('POST', '/settings', { key, name: `The ${key}`, type: 'boolean', tags: [key.split('.')[0]] });
    }
  });
  afterAll(() => stage?.close());
  beforeEach(async () => {
    page = await stage.page('/production/settings');
    await page.getByRole('row', { name: /checkout\.new/ }).waitFor();
  });
  afterEach(() => page.context().close());

  it('loads less than 300 KB of script', async () => {
    const scripts = await page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .map((entry) => entry.toJSON() as { name: string; encodedBodySize: number })
        .flatMap(({ name, encodedBodySize }) => (name.endsWith('.js') ? [encodedBodySize] : [])),
    );
    expect(scripts.length).toBeGreaterThan(1);
    expect(scripts.reduce((sum, bytes) => sum + bytes)).toBeLessThan(300_000);
  });

  it('turns a setting on, a server has it, and the landing says so', async () => {
    const client = await stage.client();
    const value = () => client.variation('checkout.new', { key: 'ada' }, false);
    expect(value()).toBe(false);
    await page.getByRole('switch', { name: 'The checkout.new: off' }).click({ force: true });
    await page.getByRole('dialog').getByLabel('Why').fill('launch');
    await page.getByRole('button', { name: 'Turn on in Production' }).click();
    await page
      .getByTestId('landing')
      .getByText(/1 of 1 server on revision \d+, slowest \d+ ms/)
      .waitFor();
    expect(value()).toBe(true);
    await page.getByRole('button', { name: 'Undo' }).click();
    await until(() => value() === false);
    await page.getByRole('switch', { name: 'The checkout.new: off' }).waitFor();
  });

  it('shows what somebody else changes without being asked', async () => {
    await stage.api('PATCH', '/environments/production/settings/mail.limit', { on: true });
    await page.getByRole('switch', { name: 'The mail.limit: on' }).waitFor();
  });

  it('filters as one types, and goes by the keyboard', async () => {
    await page.keyboard.press('/');
    await page.keyboard.type('checkout');
    await page.getByText('2 of 3').waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await page.getByRole('heading', { name: 'Turn on The checkout.old in Production?' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('Enter');
    await page.waitForURL('**/settings/checkout.old');
  });

  it('gives the focus back to the row that was left', async () => {
    const row = page.locator('[data-row="mail.limit"]');
    const byLink = () => page.getByRole('main').getByRole('link', { name: 'Settings' }).click();
    for (const goBack of [byLink, () => page.goBack()]) {
      await row.focus();
      await page.keyboard.press('Enter');
      await page.getByText('Live in Production').waitFor();
      await goBack();
      await page.locator('[data-row="mail.limit"]:focus').waitFor();
    }
  });

  it.each(['light', 'dark'] as const)('keeps nobody out, %s', async (colorScheme) => {
    const other = await stage.page('/production/settings', { colorScheme });
    await other.getByRole('row', { name: /checkout\.new/ }).waitFor();
    expect(await seriousFaults(other)).toEqual([]);
  });
});
