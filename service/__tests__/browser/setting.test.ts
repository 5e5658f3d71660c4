import type { FeatheryClient } from 'feathery-server-sdk';
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

const KEY = 'requests-per-minute';
const PATH = `/environments/production/settings/${KEY}`;
const ADA = { kind: 'multi', user: { key: 'ada' }, organization: { key: 'acme', name: 'Acme', plan: 'gold' } } as const;
const BEN = {
  kind: 'multi',
  user: { key: 'ben' },
  organization: { key: 'globex', name: 'Globex', plan: 'free' },
} as const;

describeInBrowser('the page of a setting', () => {
  let stage: Stage;
  let client: FeatheryClient;
  let page: Page;
  const valueFor = (context: typeof ADA | typeof BEN) => client.variation(KEY, context, -1);

  beforeAll(async () => {
    stage = await openStage();
    await stage.api('POST', '/settings', {
      key: KEY,
      name: 'Requests per minute',
      type: 'number',
      variations: [
        { value: 60, name: 'Starter' },
        { value: 600, name: 'Business' },
      ],
    });
    client = await stage.client();
    // Seen, so that they are suggested and looked at.
    for (const context of [ADA, BEN]) client.variation(KEY, context, -1);
    await client.flush();
    await until(async () => (await stage.api('GET', '/environments/production/contexts')).contexts.length === 4);
  });
  afterAll(() => stage?.close());
  beforeEach(async () => {
    const empty = { on: true, targets: [], contextTargets: [], rules: [], fallthrough: { variation: 0 } };
    await stage.api('PATCH', PATH, empty);
    page = await stage.page(`/production/settings/${KEY}`);
    await page.getByRole('heading', { name: 'Requests per minute' }).waitFor();
  });
  afterEach(() => page.context().close());

  const apply = async (why = '') => {
    await page.getByRole('button', { name: 'Review and save' }).click();
    await page.getByLabel('Why').fill(why);
    await page.getByRole('button', { name: 'Apply to Production now' }).click();
    await page
      .getByTestId('landing')
      .getByText(/1 of 1 server on revision/)
      .waitFor();
  };
  const choose = async (label: string, option: string) => {
    await page.getByRole('combobox', { name: label, exact: true }).click();
    await page.getByRole('option', { name: option, exact: true }).click();
  };

  it('overrides the value of an organization, which is told before', async () => {
    await page.getByRole('combobox', { name: 'Key of the organization' }).fill('acme');
    await choose('Value', 'Business');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('Not live yet: Business for organization acme').waitFor();
    await page.getByText('1 of 2 organizations and 1 of 2 users seen lately get another value.').first().waitFor();
    expect(valueFor(ADA)).toBe(60);
    await page.getByRole('button', { name: 'Review and save' }).click();
    await page.getByRole('link', { name: 'Acme' }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Go on editing' }).click();
    await apply('they called');
    expect([valueFor(ADA), valueFor(BEN)]).toEqual([600, 60]);
    await page.getByText('Business for 1 organization, else Starter').waitFor();
  });

  it('serves a value that was written in place', async () => {
    await page.getByRole('combobox', { name: 'Key of the organization' }).fill('acme');
    await choose('Value', 'A new value …');
    await page.getByRole('dialog').getByLabel('Value', { exact: true }).fill('12000');
    await page.getByRole('dialog').getByLabel('Name').fill('By contract');
    await page.getByRole('button', { name: 'Use it' }).click();
    await apply();
    expect([valueFor(ADA), valueFor(BEN)]).toEqual([12000, 60]);
  });

  it('builds a rule from what was really seen, and a rollout', async () => {
    await page.getByRole('button', { name: 'Add a rule' }).click();
    await page.getByText('A rule is not complete yet: fill in what is red.').waitFor();
    expect(await page.getByRole('button', { name: 'Review and save' }).isDisabled()).toBe(true);
    const rule = page.getByRole('region', { name: 'Rule 1' });
    await rule.getByLabel('Attribute').click();
    await page.getByRole('option', { name: 'plan' }).click();
    await rule.getByLabel('Values').click();
    await page.getByRole('option', { name: 'gold' }).click();
    await page.keyboard.press('Escape');
    await choose('Rule 1 serves', 'Business');
    await choose('Everyone else gets', 'A split by percentage …');
    await page.getByLabel('Share of Business in percent').fill('100');
    await page.getByLabel('Share of Business in percent').blur();
    expect(await page.getByLabel('Share of Starter in percent').inputValue()).toBe('0 %');
    await apply();
    expect([valueFor(ADA), valueFor(BEN)]).toEqual([600, 600]);
    const { setting } = await stage.api('GET', PATH);
    expect(setting.rules[0].clauses).toEqual([
      { contextKind: 'organization', attribute: 'plan', op: 'in', values: ['gold'], negate: false },
    ]);
    expect(setting.fallthrough.rollout.variations).toEqual([
      { variation: 0, weight: 0 },
      { variation: 1, weight: 100_000 },
    ]);
  });

  it('takes in what others save elsewhere, and keeps the edits', async () => {
    await choose('Everyone else gets', 'Business');
    const target = { contextKind: 'organization', variation: 1, values: ['globex'] };
    await stage.api('PATCH', PATH, { contextTargets: [target] });
    await page.getByText(/saved another change meanwhile/).waitFor();
    await page.getByText('Not live yet: everyone else: Starter → Business').waitFor();
    await apply();
    const { setting } = await stage.api('GET', PATH);
    expect([setting.fallthrough, setting.contextTargets]).toEqual([{ variation: 1 }, [target]]);
  });

  it('shows both versions when others have changed the same', async () => {
    await choose('Everyone else gets', 'Business');
    await stage.api('PATCH', PATH, { fallthrough: { rollout: { variations: [{ variation: 0, weight: 100_000 }] } } });
    await page.getByText(/has changed the same just now/).waitFor();
    expect(await page.getByRole('button', { name: 'Review and save' }).isDisabled()).toBe(true);
    await page.getByLabel('Their version, as it is live').check();
    await page.getByRole('button', { name: 'Go on with these' }).click();
    await page.getByText('Not live yet').waitFor({ state: 'detached' });
  });

  it('takes a change back from the history', async () => {
    await stage.api('PATCH', `${PATH}?comment=oops`, { fallthrough: { variation: 1 } });
    await until(() => valueFor(BEN) === 600);
    await page.getByRole('tab', { name: 'History' }).click();
    await page.getByText('“oops”').first().waitFor();
    await page.getByRole('button', { name: 'Revert' }).first().click();
    await page.getByRole('button', { name: 'Take it back in Production' }).click();
    await until(() => valueFor(BEN) === 60);
    await page.getByText('takes a change back').first().waitFor();
  });

  it('schedules a change, and nothing is live before', async () => {
    await choose('Everyone else gets', 'Business');
    await page.getByRole('button', { name: 'Review and save' }).click();
    await page.getByRole('button', { name: 'Other ways to save' }).click();
    await page.getByRole('menuitem', { name: 'Schedule …' }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('menuitem', { name: 'Schedule …' }).click();
    await page.getByRole('textbox', { name: 'When' }).fill('2100-01-01T12:00');
    await page.getByRole('button', { name: 'Schedule', exact: true }).click();
    await page.getByText(/Scheduled for .*Nothing is live yet/).waitFor();
    const { changeSets } = await stage.api('GET', '/environments/production/change-sets?state=scheduled');
    expect(changeSets).toHaveLength(1);
    expect(valueFor(BEN)).toBe(60);
  });

  it.each(['serving', 'values', 'history', 'usage'])('keeps nobody out of its part %s', async (tab) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const other = await stage.page(`/production/settings/${KEY}?tab=${tab}`, { colorScheme });
      await other.getByRole('tabpanel').getByText(/\w/).first().waitFor();
      expect(await seriousFaults(other)).toEqual([]);
      await other.context().close();
    }
  });
});
