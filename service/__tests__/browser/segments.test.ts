import { describeInBrowser, IN_BROWSER_TIMEOUT_MS, openStage, type Stage, until } from '../support/browser.js';

jest.setTimeout(IN_BROWSER_TIMEOUT_MS);

describeInBrowser('segments', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(() => stage?.close());

  it('are made, filled and asked for, and a server follows', async () => {
    const page = await stage.page('/production/segments');
    await page.getByRole('button', { name: 'New segment' }).first().click();
    await page.getByLabel('Name').fill('Pilot customers');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.waitForURL('**/segments/pilot-customers');

    await stage.api('POST', '/settings', { key: 'export', type: 'boolean' });
    const clauses = [{ contextKind: 'organization', attribute: '', op: 'segmentMatch', values: ['pilot-customers'] }];
    await stage.api('PATCH', '/environments/production/settings/export', {
      on: true,
      rules: [{ clauses, variation: 0 }],
      fallthrough: { variation: 1 },
    });
    await page.getByRole('link', { name: 'export' }).waitFor();

    const client = await stage.client();
    const value = () => client.variation('export', { kind: 'organization', key: 'acme' }, false);
    expect(value()).toBe(false);
    await page.getByRole('combobox', { name: 'Organizations always in' }).fill('acme');
    await page.keyboard.press('Enter');
    await page.getByText('organization acme included').waitFor();
    await page.getByRole('button', { name: 'Review and save' }).click();
    await page.getByRole('button', { name: 'Apply to Production now' }).click();
    await until(() => value() === true);
    await page.context().close();
  });

  it('are left for one of them, and on return it has the focus', async () => {
    const page = await stage.page('/production/segments');
    const link = page.getByRole('link', { name: 'Pilot customers' });
    const byLink = () => page.getByRole('main').getByRole('link', { name: 'Segments' }).click();
    for (const goBack of [byLink, () => page.goBack()]) {
      await link.focus();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Pilot customers' }).waitFor();
      await goBack();
      await page.locator('a:focus', { hasText: 'Pilot customers' }).waitFor();
    }
    await page.context().close();
  });

  it('are not deleted while a rule asks for them', async () => {
    const page = await stage.page('/production/segments/pilot-customers');
    const button = page.getByRole('button', { name: 'Delete' });
    await button.hover();
    await page.getByRole('tooltip', { name: 'It is used by export. Change those first.' }).waitFor();
    await button.click({ force: true });
    expect(await page.getByRole('dialog').count()).toBe(0);
    await page.context().close();
  });

  it('take in what somebody else saves under what is edited, and ask where both changed the same', async () => {
    const page = await stage.page('/production/segments/pilot-customers');
    await page.getByLabel('Description').fill('mine');
    const path = '/environments/production/segments/pilot-customers';
    await stage.api('PATCH', path, { included: ['ann'] });
    await page.getByText('ann', { exact: true }).waitFor();
    expect(await page.getByLabel('Description').inputValue()).toBe('mine');
    await stage.api('PATCH', path, { description: 'theirs' });
    await page.getByText('Somebody has just changed the same').waitFor();
    expect(await page.getByRole('button', { name: 'Review and save' }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Take theirs, discard mine' }).click();
    expect(await page.getByLabel('Description').inputValue()).toBe('theirs');
    await page.context().close();
  });
});
