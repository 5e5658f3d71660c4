import type { Page } from 'playwright-core';
import { describeInBrowser, IN_BROWSER_TIMEOUT_MS, openStage, type Stage, seriousFaults } from '../support/browser.js';

jest.setTimeout(IN_BROWSER_TIMEOUT_MS);

const PRODUCTION = '/environments/production';

const LOOKS = ['light', 'dark'] as const;

describeInBrowser('what the service refuses', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
    for (const key of ['export', 'import']) await stage.api('POST', '/settings', { key, type: 'boolean' });
    await stage.api('PATCH', `${PRODUCTION}/settings/export`, { prerequisites: [{ key: 'import', variation: 0 }] });
    await stage.api('POST', `${PRODUCTION}/segments`, { key: 'pilot', name: 'Pilot' });
  });
  afterAll(() => stage?.close());

  // Half faded in, everything is hard to read.
  const open = (path: string, colorScheme: (typeof LOOKS)[number]) =>
    stage.page(path, { colorScheme, reducedMotion: 'reduce' });
  const faults = (page: Page) => page.getByRole('dialog').getByRole('alert');

  it.each(LOOKS)('is told where something is made, and keeps nobody out, %s', async (look) => {
    const page = await open('/production/segments', look);
    await page.getByRole('button', { name: 'New segment' }).click();
    await page.getByLabel('Name').fill('Pilot');
    await page.getByRole('button', { name: 'Create' }).click();
    expect(await faults(page).textContent()).toContain('pilot');
    expect(await seriousFaults(page)).toEqual([]);
    await page.context().close();
  });

  it.each(LOOKS)('is told where something is saved, with its place, and keeps nobody out, %s', async (look) => {
    const page = await open('/production/settings/import', look);
    await page.getByRole('button', { name: 'Add one' }).click();
    await page.getByRole('button', { name: 'Review and save' }).click();
    await page.getByRole('button', { name: 'Apply to Production now' }).click();
    // The first is that of the preview, which may be asked for anew.
    expect(await faults(page).nth(1).textContent()).toContain('/prerequisites');
    expect(await seriousFaults(page)).toEqual([]);
    await page.context().close();
  });
});
