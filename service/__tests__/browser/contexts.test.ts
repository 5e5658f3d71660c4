import type { Page } from 'playwright-core';
import { describeInBrowser, IN_BROWSER_TIMEOUT_MS, openStage, type Stage, until } from '../support/browser.js';

jest.setTimeout(IN_BROWSER_TIMEOUT_MS);

const PRODUCTION = '/environments/production';
const ANN = {
  kind: 'multi' as const,
  user: { key: 'ann', role: 'admin' },
  organization: { key: 'acme', name: 'Acme', plan: 'gold' },
};

describeInBrowser('the pages about organizations and users', () => {
  let stage: Stage;
  let page: Page;
  beforeAll(async () => {
    stage = await openStage();
    for (const key of ['export', 'import'])
      await stage.api('POST', '/settings', { key, name: `The ${key}`, type: 'boolean' });
    const clauses = [{ contextKind: 'organization', attribute: 'plan', op: 'in', values: ['gold'] }];
    await stage.api('PATCH', `${PRODUCTION}/settings/export`, {
      on: true,
      rules: [{ clauses, variation: 0 }],
      fallthrough: { variation: 1 },
    });
    const client = await stage.client();
    client.variation('export', ANN, false);
    client.track('sale', ANN, { item: 1 }, 9.5);
    await client.flush();
    await until(async () => (await stage.api('GET', `${PRODUCTION}/contexts`)).contexts.length === 2);
  });
  afterAll(() => stage?.close());
  afterEach(() => page?.context().close());

  it('find somebody, show what they get and why, and what servers told of them', async () => {
    page = await stage.page('/production/contexts');
    await page.getByRole('searchbox').fill('acm');
    await page.getByRole('link', { name: 'Acme' }).click();
    await page.waitForURL('**/contexts/organization/acme');
    const row = page.getByRole('listitem').filter({ hasText: 'The export' });
    await row.getByText('rule 1').waitFor();
    await row.getByRole('button', { name: 'Why The export is served so' }).click();
    await row.getByText('organization plan is gold').waitFor();
    await page.getByText('Event sale ({"item":1}, 9.5) with user ann').waitFor();
  });

  it('override a setting for one organization, which a server has at once, and take it back', async () => {
    const client = await stage.client();
    const value = () => client.variation('export', ANN, true);
    expect(value()).toBe(true);
    page = await stage.page('/production/contexts/organization/acme');
    await page.getByRole('button', { name: 'Override The export' }).click();
    await page.getByRole('menuitem', { name: 'Off' }).click();
    await page.getByRole('dialog').getByText('get another value').waitFor();
    await page.getByRole('button', { name: 'Apply to Production now' }).click();
    await until(() => value() === false);
    await page.getByRole('listitem').filter({ hasText: 'an override' }).waitFor();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Override The export' }).click();
    await page.getByRole('menuitem', { name: 'No override' }).click();
    await page.getByRole('button', { name: 'Apply to Production now' }).click();
    await until(() => value() === true);
  });

  it('let somebody be looked at who has not been seen', async () => {
    page = await stage.page('/production/contexts');
    await page.getByRole('searchbox').fill('newcomer');
    await page.getByRole('link', { name: 'Open organization newcomer' }).click();
    await page.getByText('not seen yet').waitFor();
    await page.getByRole('listitem').filter({ hasText: 'The export' }).waitFor();
  });

  it('explain a value, rule by rule, for whoever is typed in', async () => {
    page = await stage.page('/production/explain');
    await page.getByText('JSON', { exact: true }).click();
    await page.getByRole('textbox', { name: 'Context' }).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    await page.getByText('Form', { exact: true }).click();
    await page.getByRole('button', { name: 'organization', exact: true }).click();
    await page.getByRole('combobox', { name: 'Key' }).last().fill('somebody');
    await page.getByRole('button', { name: 'Attribute' }).last().click();
    await page.getByLabel('Attribute 1 of organization').fill('plan');
    await page.getByLabel('Value of plan').fill('silver');
    await page.getByRole('button', { name: 'Why The export is served so' }).click();
    await page.getByText('Rule 1 does not fit').waitFor();
    await page.getByText('it is silver').waitFor();
    await page.getByLabel('Value of plan').fill('gold');
    await page.getByText('Rule 1 fits').waitFor();
  });

  it('explain a value as it was at an earlier revision', async () => {
    const { revision } = await stage.api('GET', PRODUCTION);
    await stage.api('PATCH', `${PRODUCTION}/settings/import`, { on: true });
    page = await stage.page(`/production/explain?kind=user&key=ann&revision=${revision}`);
    const row = page.getByRole('listitem').filter({ hasText: 'The import' });
    await row.getByText('now true').waitFor();
    await page.getByText(`As it was at revision ${revision}. 1 of 2 values have changed since.`).waitFor();
    await page.getByRole('button', { name: 'Now', exact: true }).click();
    await row.getByText('no rule fits').waitFor();
  });
});
