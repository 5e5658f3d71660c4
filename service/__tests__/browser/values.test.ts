import type { Page } from 'playwright-core';
import { describeInBrowser, IN_BROWSER_TIMEOUT_MS, openStage, type Stage, seriousFaults } from '../support/browser.js';

jest.setTimeout(IN_BROWSER_TIMEOUT_MS);

describeInBrowser('settings and their values', () => {
  let stage: Stage;
  let page: Page;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(() => stage?.close());
  afterEach(() => page.context().close());

  it('begin on an empty page: a setting is made, and nothing is served yet', async () => {
    page = await stage.page('/production/settings');
    await page.getByRole('button', { name: 'Make the first setting' }).click();
    await page.getByLabel('Name').fill('Größter Upload');
    expect(await page.getByLabel('Key', { exact: false }).inputValue()).toBe('grosster-upload');
    await page.getByLabel('Key', { exact: false }).fill('upload-limit');
    await page.getByRole('radiogroup', { name: 'Type' }).getByText('Number').click();
    await page.getByLabel('Value when on').fill('50');
    await page.getByLabel('Value when off').fill('10');
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Create' }).click();
    await page.waitForURL('**/settings/upload-limit');
    await page.getByText('Off: 10 for everyone').waitFor();
  });

  it('of JSON are held to their schema while they are typed', async () => {
    await stage.api('POST', '/settings', {
      key: 'limits',
      type: 'json',
      variations: [{ value: { days: 7 } }, { value: { days: 1 } }],
      valueSchema: { type: 'object', properties: { days: { type: 'integer' } }, required: ['days'] },
    });
    page = await stage.page('/production/settings/limits?tab=values');
    const editor = page.getByRole('region', { name: 'Value 1' }).getByRole('textbox', { name: 'Value' });
    await editor.fill('{"days": ');
    await page.getByText(/This is not JSON yet/).waitFor();
    await page.getByText('A value is not right yet: see Values.').waitFor();
    expect(await page.getByRole('button', { name: 'Review and save' }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.getByText('A value is not right yet: see Values.').waitFor({ state: 'detached' });
    expect(JSON.parse((await editor.textContent()) ?? '')).toEqual({ days: 7 });
    await editor.fill('{"days": "many"}');
    await page
      .getByRole('region', { name: 'Value 1' })
      .getByText(/must be integer/)
      .waitFor();
    await editor.fill('{"days": 14}');
    await page.getByText('Not live yet: value of variation 0: {"days":7} → {"days":14}').waitFor();
    await page.getByRole('button', { name: 'Review and save' }).click();
    await page.getByText(/Values are the same in every environment: this changes them in Production/).waitFor();
    await page.getByRole('button', { name: 'Apply to Production now' }).click();
    await page.getByTestId('landing').waitFor();
    expect((await stage.api('GET', '/settings/limits')).variations[0].value).toEqual({ days: 14 });
  });

  it('are deleted only by who types the key', async () => {
    await stage.api('POST', '/settings', { key: 'old', type: 'boolean' });
    page = await stage.page('/production/settings/old');
    await page.getByRole('button', { name: 'More about this setting' }).click();
    await page.getByRole('menuitem', { name: /Delete/ }).click();
    const remove = page.getByRole('button', { name: 'Delete everywhere' });
    expect(await remove.isDisabled()).toBe(true);
    await page.getByLabel('Type old to delete it').fill('old');
    await remove.click();
    await page.waitForURL('**/settings');
    await expect(stage.api('GET', '/settings/old')).rejects.toThrow('404');
  });

  it('can be looked at, and not changed, by a viewer', async () => {
    await stage.api('POST', '/settings', { key: 'seen', type: 'string', variations: [{ value: 'a' }, { value: 'b' }] });
    const { link } = await stage.api('POST', '/members', { email: 'viewer@example.test', role: 'viewer' });
    page = await stage.pageOf(link.path, 'a password of some length');
    await page.goto(`${stage.address}/production/settings/seen`);
    await page.getByRole('combobox', { name: 'Everyone else gets' }).waitFor();
    expect(await page.getByRole('combobox', { name: 'Everyone else gets' }).isDisabled()).toBe(true);
    expect(await page.getByRole('switch').isDisabled()).toBe(true);
    expect(await page.getByRole('button', { name: 'Add a rule' }).count()).toBe(0);
  });
});
