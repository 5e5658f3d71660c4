import type { Page } from 'playwright-core';
import { describeInBrowser, IN_BROWSER_TIMEOUT_MS, openStage, type Stage, until } from '../support/browser.js';

jest.setTimeout(IN_BROWSER_TIMEOUT_MS);

const PRODUCTION = '/environments/production';

describeInBrowser('two people', () => {
  let stage: Stage;
  let ann: Page;
  let ben: Page;
  beforeAll(async () => {
    stage = await openStage();
    await stage.api('POST', '/settings', { key: 'export', name: 'The export', type: 'boolean' });
    await stage.api('POST', '/environments', { key: 'staging', name: 'Staging' });
    ann = await stage.page('/production/settings');
    const { link } = await stage.api('POST', '/members', { email: 'ben@example.test', role: 'editor' });
    ben = await stage.pageOf(link.path, 'a password of some length');
  });
  afterAll(() => stage?.close());

  const rowOf = (page: Page, text: string) => page.getByRole('listitem').filter({ hasText: text });
  const both = (path: string) =>
    Promise.all([ann, ben].map((page) => page.goto(`${stage.address}/production/${path}`)));

  it('see each other turn a setting on and off, in the list and on its page', async () => {
    await Promise.all([
      ann.goto(`${stage.address}/production/settings`),
      ben.goto(`${stage.address}/production/settings/export`),
    ]);
    await ben.getByRole('switch', { name: 'The export: off' }).click({ force: true });
    await ben.getByRole('button', { name: 'Turn on in Production' }).click();
    await ann.getByRole('switch', { name: 'The export: on' }).click({ force: true });
    await ann.getByRole('button', { name: 'Turn off in Production' }).click();
    await ben.getByRole('switch', { name: 'The export: off' }).waitFor();
  });

  it('see a new name of a setting', async () => {
    await both('settings');
    await stage.api('PATCH', '/settings/export', { name: 'The exporter' });
    await Promise.all([ann, ben].map((page) => page.getByRole('link', { name: 'The exporter' }).waitFor()));
    await stage.api('PATCH', '/settings/export', { name: 'The export' });
    await Promise.all([ann, ben].map((page) => page.getByRole('link', { name: 'The export', exact: true }).waitFor()));
  });

  it('see each step of a change set', async () => {
    const title = 'Turn on the export';
    await both('change-sets');
    const post = (path: string, body?: object) =>
      ann.evaluate(
        async ([address, text]) => {
          const headers = { 'content-type': 'application/json', 'x-feathery-csrf': '1' };
          const answer = await fetch(address as string, { method: 'POST', headers, body: text ?? null });
          if (!answer.ok) throw new Error(await answer.text());
        },
        [`/api/v1${PRODUCTION}/change-sets${path}`, JSON.stringify(body ?? {})],
      );
    await post('', { title, changes: [{ setting: 'export', patch: { on: true } }] });
    await rowOf(ben, title).getByText('draft', { exact: true }).waitFor();
    const { id } = (await stage.api('GET', `${PRODUCTION}/change-sets`)).changeSets[0];
    await post(`/${id}/submit`);
    const theirs = rowOf(ben, title);
    await theirs.getByText('waits for approval').waitFor();
    await theirs.getByRole('button', { name: `What ${title} would change` }).click();
    await theirs.getByRole('button', { name: 'Reject' }).click();
    await ben.getByLabel('Comment').fill('not now');
    await ben.getByRole('dialog').getByRole('button', { name: 'Reject' }).click();
    await rowOf(ann, title).waitFor({ state: 'detached' });
    await ann.getByText('Done', { exact: true }).click();
    await rowOf(ann, title).getByText('rejected', { exact: true }).waitFor();
  });

  it('see an environment frozen and a new one made', async () => {
    await both('environments');
    await ben.getByRole('button', { name: 'Freeze Staging' }).click();
    await ben.getByLabel('Why').fill('holidays');
    await ben.getByRole('button', { name: 'Freeze', exact: true }).last().click();
    await rowOf(ann, 'Staging').getByText('holidays').waitFor();
    await ann.getByRole('button', { name: 'End freeze of Staging' }).click();
    await ann.getByRole('button', { name: 'End the freeze' }).click();
    await rowOf(ben, 'Staging').getByText('open to changes').waitFor();
    await stage.api('POST', '/environments', { key: 'test', name: 'The test' });
    await Promise.all([ann, ben].map((page) => rowOf(page, 'The test').waitFor()));
  });

  it('see who has access, and what they may do', async () => {
    await both('access?tab=members');
    await stage.api('POST', '/members', { email: 'cleo@example.test', role: 'viewer' });
    await Promise.all([ann, ben].map((page) => rowOf(page, 'cleo@example.test').waitFor()));
    await ben.goto(`${stage.address}/production/settings`);
    const toggle = ben.getByRole('switch', { name: /The export/ });
    await toggle.waitFor();
    expect(await toggle.isDisabled()).toBe(false);
    const { members } = await stage.api('GET', '/members');
    const { id } = members.find(({ email }: { email: string }) => email === 'ben@example.test');
    await stage.api('PATCH', `/members/${id}`, { role: 'viewer' });
    await until(() => toggle.isDisabled());
  });

  it('see in the activity what was done, wherever it was', async () => {
    await ann.goto(`${stage.address}/production/activity?scope=everywhere`);
    await ann.getByRole('listitem').first().waitFor();
    await stage.api('POST', '/members', { email: 'dora@example.test', role: 'viewer' });
    await rowOf(ann, 'Invited dora@example.test').waitFor();
  });
});
