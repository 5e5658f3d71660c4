import type { FeatheryClient } from 'feathery-server-sdk';
import type { Page } from 'playwright-core';
import { describeInBrowser, IN_BROWSER_TIMEOUT_MS, openStage, type Stage, until } from '../support/browser.js';

jest.setTimeout(IN_BROWSER_TIMEOUT_MS);

const PRODUCTION = '/environments/production';
const ANN = { key: 'ann' };
const PASSWORD = 'a password of some length';

describeInBrowser('change sets', () => {
  let stage: Stage;
  let client: FeatheryClient;
  let author: Page;
  let second: Page;
  beforeAll(async () => {
    stage = await openStage();
    for (const key of ['export', 'import'])
      await stage.api('POST', '/settings', { key, name: `The ${key}`, type: 'boolean' });
    client = await stage.client();
    author = await stage.page('/production/change-sets');
    const { link } = await stage.api('POST', '/members', { email: 'second@example.test', role: 'editor' });
    second = await stage.pageOf(link.path, PASSWORD);
  });
  afterAll(() => stage?.close());

  /** As the author, as the page's own dialogs ask the API. */
  const post = (...[path, step, body]: [path: string, step: string, body: unknown]) =>
    author.evaluate(
      async ([address, text]) => {
        const headers = { 'content-type': 'application/json', 'x-feathery-csrf': '1' };
        const answer = await fetch(address as string, { method: 'POST', headers, body: text as string });
        if (!answer.ok) throw new Error(await answer.text());
      },
      [`/api/v1${PRODUCTION}/change-sets${path}${step && `/${step}`}`, JSON.stringify(body)],
    );
  const draft = (title: string, setting: string) =>
    post('', '', { title, changes: [{ setting, patch: { on: true } }] });
  const latest = async () => `/${(await stage.api('GET', `${PRODUCTION}/change-sets`)).changeSets[0].id}`;
  const isOn = async (key: string) => (await stage.api('GET', `${PRODUCTION}/settings/${key}`)).setting.on;
  const rowOf = (page: Page, title: string) => page.getByRole('listitem').filter({ hasText: title });

  it('are applied at their time, and the page follows', async () => {
    await draft('Turn on the import', 'import');
    await author.reload();
    const row = rowOf(author, 'Turn on the import');
    await row.getByRole('button', { name: 'What Turn on the import would change' }).click();
    await row.getByRole('button', { name: 'Schedule' }).click();
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 16);
    await author.getByRole('textbox', { name: 'When' }).fill(tomorrow);
    await author.getByRole('dialog').getByRole('button', { name: 'Schedule' }).click();
    await row.getByText('Will be applied').waitFor();
    await post(await latest(), 'schedule', { at: new Date(Date.now() + 1_000).toISOString() });
    expect(client.variation('import', ANN, false)).toBe(false);
    await until(() => client.variation('import', ANN, false), 20_000);
    await row.waitFor({ state: 'detached', timeout: 20_000 });
    await author.getByText('Done', { exact: true }).click();
    await rowOf(author, 'Turn on the import').getByText('applied', { exact: true }).waitFor();
  });

  it('are approved by a second member, never by their author, and applied as approved', async () => {
    await stage.api('PUT', `${PRODUCTION}/approval`, { required: true });
    await draft('Turn on the export', 'export');
    await author.goto(`${stage.address}/production/change-sets`);
    const mine = rowOf(author, 'Turn on the export');
    await mine.getByRole('button', { name: 'What Turn on the export would change' }).click();
    await mine.getByRole('button', { name: 'Apply now' }).hover();
    await author.getByRole('tooltip', { name: /asks for an approval by a second member/ }).waitFor();
    await mine.getByRole('button', { name: 'Ask for approval' }).click();
    await author.getByRole('dialog').getByRole('button', { name: 'Ask for approval' }).click();
    await mine.getByText('waits for approval').waitFor();
    await mine.getByRole('button', { name: 'Approve' }).hover();
    await author.getByRole('tooltip', { name: /Nobody decides about their own/ }).waitFor();

    await second.goto(`${stage.address}/production/change-sets?view=waiting`);
    const theirs = rowOf(second, 'Turn on the export');
    await theirs.getByRole('button', { name: 'What Turn on the export would change' }).click();
    await theirs.getByText('turned on', { exact: true }).waitFor();
    const difference = theirs.getByRole('group', { name: 'Difference: On or off' });
    expect(await difference.textContent()).toBe('On or off− off+ on');
    await theirs.getByRole('button', { name: 'Show JSON' }).click();
    await theirs.getByText('"on": true').waitFor();
    await theirs.getByRole('button', { name: 'Approve' }).click();
    await second.getByLabel('Comment').fill('fine');
    await second.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
    await theirs.waitFor({ state: 'detached' });

    await mine.getByText('Approved by second@example.test').waitFor({ timeout: 15_000 });
    await mine.getByRole('button', { name: 'Apply now' }).click();
    await author.getByRole('button', { name: 'Apply to Production now' }).click();
    await until(() => client.variation('export', ANN, false));
    await stage.api('PUT', `${PRODUCTION}/approval`, { required: false });
  });

  it('are taken back under Activity', async () => {
    await author.goto(`${stage.address}/production/activity?key=export`);
    const entry = rowOf(author, 'Applied a change set');
    await entry.getByRole('button', { name: /^Revert/ }).click();
    await author.getByRole('button', { name: 'Take it back in Production' }).click();
    await until(async () => !(await isOn('export')));
  });
});
