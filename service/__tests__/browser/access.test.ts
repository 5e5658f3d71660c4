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

const PRODUCTION = '/environments/production';
const PASSWORD = 'a password of some length';

describeInBrowser('access', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
    await stage.api('POST', '/settings', { key: 'export', name: 'The export', type: 'boolean' });
    await stage.api('POST', `${PRODUCTION}/segments`, { key: 'pilot' });
  });
  afterAll(() => stage?.close());

  it('rotates an SDK key: a new one, a look at who still has the old one, its end', async () => {
    const old = await stage.client();
    const page = await stage.page('/production/access');
    await page.getByText('1 server:').waitFor();
    await page.getByRole('button', { name: 'Rotate FEATHERY_SDK_KEY' }).click();
    await page.getByRole('button', { name: 'Make the new key' }).click();
    const secret = await page.getByLabel('New SDK key').inputValue();
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'I have stored it' }).click();
    await page.getByText('0 on the new key, 1 still on the old one').waitFor();
    await stage.client(secret);
    await page.getByText('1 on the new key, 1 still on the old one').waitFor();
    await old.close();
    await page.getByText('1 on the new key, 0 still on the old one').waitFor();
    await page.getByRole('button', { name: 'Let the old key expire' }).click();
    await page.getByRole('button', { name: 'Expire the old key now' }).click();
    await page.getByText('The old key has expired.').waitFor();
    const { sdkKeys } = await stage.api('GET', `${PRODUCTION}/sdk-keys`);
    const states = sdkKeys.map(({ expiresAt }: { expiresAt: string | null }) => expiresAt === null);
    expect(states).toEqual([true, false]);
    await page.context().close();
  });

  it('invites a member by a link that works once', async () => {
    const page = await stage.page('/production/access?tab=members');
    await page.getByRole('button', { name: 'Invite a member' }).click();
    await page.getByLabel('E-mail').fill('vera@example.test');
    await page.getByRole('button', { name: 'Invite', exact: true }).click();
    const link = await page.getByLabel('One-time link').inputValue();
    const viewer = await stage.pageOf(link.slice(stage.address.length), PASSWORD);
    await page.getByRole('button', { name: 'Done' }).click();
    await page
      .getByRole('listitem')
      .filter({ hasText: 'vera@example.test' })
      .getByText('active')
      .waitFor({ timeout: 20_000 });
    await showsNoWriteControls(viewer);
    await viewer.context().close();
    await page.context().close();
  });

  async function showsNoWriteControls(viewer: Page): Promise<void> {
    const barred = async (path: string, button: string, reason: RegExp) => {
      await viewer.goto(`${stage.address}/production/${path}`);
      const control = viewer.getByRole('button', { name: button }).first();
      await control.hover();
      await viewer.getByRole('tooltip', { name: reason }).waitFor();
      await control.click({ force: true });
      expect(await viewer.getByRole('dialog').count()).toBe(0);
    };
    await barred('segments', 'New segment', /You are a viewer/);
    await barred('environments', 'New environment', /Only an admin/);
    await barred('environments', 'Freeze Production', /You are a viewer/);
    await barred('access', 'New SDK key', /Only an admin/);
    await barred('activity', 'Revert: Created export', /You are a viewer/);
    await barred('contexts/organization/acme', 'Override The export', /You are a viewer/);
    await viewer.goto(`${stage.address}/production/segments/pilot`);
    await viewer.getByText('You are a viewer').first().waitFor();
    expect(await viewer.getByRole('textbox').and(viewer.locator(':enabled')).count()).toBe(0);
  }

  it('asks to sign in when the session has ended, and comes back to the page', async () => {
    const { link } = await stage.api('POST', '/members', { email: 'ed@example.test', role: 'editor' });
    const page = await stage.pageOf(link.path, PASSWORD);
    await page.goto(`${stage.address}/production/activity?scope=everywhere`);
    await page.getByRole('listitem').first().waitFor();
    const { members } = await stage.api('GET', '/members');
    const { id } = members.find(({ email }: { email: string }) => email === 'ed@example.test');
    await stage.api('DELETE', `/members/${id}/sessions`);
    await page.reload();
    await page.getByLabel('E-mail').fill('ed@example.test');
    await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL('**/production/activity?scope=everywhere');
    await until(() => page.getByRole('heading', { name: 'Activity' }).isVisible());
    await page.context().close();
  });
});
