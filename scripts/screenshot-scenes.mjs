// What is photographed: three services, and of each the pages with what is done there before the picture is taken.
import { createClient } from 'feathery-server-sdk';

const MANY = 5000;

const signedOut = Object.assign(async () => {}, { signedOut: true });
/** What changes settings is done for one picture after the other. */
const inTurn = (prepare) => Object.assign(prepare, { changes: true });

const click = (role, name) => (page) => page.getByRole(role, { name }).first().click();

const PAGES = [
  ['settings', '/production/settings'],
  ['contexts', '/production/contexts'],
  ['explain', '/production/explain'],
  ['segments', '/production/segments'],
  ['change-sets', '/production/change-sets'],
  ['activity', '/production/activity'],
  ['live', '/production/live'],
  ['access-keys', '/production/access'],
  ['access-members', '/production/access?tab=members'],
  ['access-tokens', '/production/access?tab=tokens'],
  ['access-you', '/production/access?tab=you'],
  ['environments', '/production/environments'],
];

/** The pictures of the README, each in one colour scheme. */
export const README = {
  settings: 'light',
  activity: 'light',
  'setting-save': 'light',
  'setting-landed': 'dark',
  context: 'light',
  'explain-trace': 'dark',
  'live-changes': 'dark',
  compare: 'light',
};

export const SERVICES = {
  empty: {
    command: ['service/dist/main.js', 'serve'],
    scenes: [
      ['sign-in', '/sign-in', signedOut],
      ['setup', '/setup#token=used', signedOut],
      ...PAGES,
      ['create-setting', '/production/settings', click('button', 'New setting')],
      ['nobody', '/production/contexts/user/newcomer'],
      ['no-setting', '/production/settings/nothing.here'],
    ],
  },
  demo: {
    command: ['scripts/start.mjs'],
    fill: fillDemo,
    scenes: [
      ...PAGES,
      ['settings-search', '/production/settings?q=plan'],
      ['settings-confirm', '/production/settings', flip],
      ['settings-landed', '/production/settings', inTurn(flipAndLand)],
      ['setting', '/production/settings/new-navigation'],
      ['setting-number', '/production/settings/requests-per-minute'],
      ['setting-edit', '/production/settings/new-navigation', editRollout],
      ['setting-save', '/production/settings/new-navigation', editAndReview],
      ['setting-landed', '/production/settings/accent-color', inTurn(saveAndLand)],
      ['setting-stale', '/production/settings/storage-gigabytes', inTurn(stale)],
      ['setting-values', '/production/settings/requests-per-minute?tab=values'],
      ['setting-json', '/production/settings/integrations?tab=values'],
      ['setting-history', '/production/settings/new-navigation?tab=history', openFirst],
      ['setting-revert', '/production/settings/new-navigation?tab=history', click('button', 'Revert')],
      ['setting-usage', '/production/settings/requests-per-minute?tab=usage'],
      ['context', '/production/contexts/organization/brightwater'],
      ['context-override', '/production/contexts/organization/mosaic', overrideMenu],
      ['context-user', '/production/contexts/user/ada@mosaic.example', openWhy],
      ['explain-trace', '/production/explain?kind=user&key=ada@mosaic.example', explainLimit],
      ['explain-past', '/production/explain?kind=organization&key=copperleaf&revision=17'],
      ['segment', '/production/segments/early-access'],
      ['change-set-open', '/production/change-sets', openFirst],
      ['activity-open', '/production/activity', openFirst],
      ['live-changes', '/production/live', inTurn(watch)],
      ['rotate', '/production/access', click('button', /^Rotate/)],
      ['compare', '/production/environments', compare],
    ],
  },
  large: {
    command: ['service/dist/main.js', 'serve'],
    fill: fillLarge,
    scenes: [
      ...PAGES.slice(0, 7),
      ['settings-end', '/production/settings', toTheEnd],
      ['setting-long', `/production/settings/${longKey(0)}`],
      [
        'context-many',
        '/production/contexts/organization/organization-0001',
        (page) => page.getByText(/^All settings/).click(),
      ],
    ],
  },
};

async function openFirst(page) {
  await page
    .locator('main')
    .getByRole('button', { name: /^(Difference|What .* would change)/ })
    .first()
    .click();
}

async function openWhy(page) {
  await page.getByRole('button', { name: /^Why / }).first().click();
}

async function explainLimit(page) {
  await page.getByRole('button', { name: 'Why Requests per minute is served so' }).click();
}

async function flip(page) {
  await page.getByRole('switch', { name: /^Notice/ }).click({ force: true });
  await page.getByRole('dialog').getByText('seen lately').first().waitFor();
}

async function flipAndLand(page) {
  await page.getByRole('switch', { name: /^Notice/ }).click({ force: true });
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /in Production$/ })
    .click();
  await page
    .getByTestId('landing')
    .getByText(/slowest/)
    .waitFor();
}

async function editRollout(page) {
  const share = page.getByLabel('Share of On in percent');
  await share.fill('60');
  await share.blur();
  await page.getByText('seen lately').first().waitFor();
}

async function editAndReview(page) {
  await editRollout(page);
  await page.getByRole('button', { name: 'Review and save' }).click();
  await page.getByRole('dialog').getByText('seen lately').first().waitFor();
}

async function saveAndLand(page) {
  const whenOff = page.getByRole('combobox', { name: 'When off, everyone gets' });
  const current = await whenOff.inputValue();
  await whenOff.click();
  await page.getByRole('option').filter({ hasNotText: current }).first().click();
  await page.getByRole('button', { name: 'Review and save' }).click();
  await page.getByRole('button', { name: 'Apply to Production now' }).click();
  await page.getByTestId('landing').getByText('slowest').waitFor();
  await page.evaluate(() => scrollTo(0, 0));
}

async function stale(page, { jon }) {
  const everyone = (variation) => ({ setting: 'storage-gigabytes', patch: { fallthrough: { variation } } });
  await page.getByRole('combobox', { name: 'Everyone else gets' }).click();
  await page.getByRole('option', { name: 'Business' }).click();
  await jon('changes', { comment: 'More room for all', changes: [everyone(2)] });
  const notice = page.getByText('the same just now');
  await notice.waitFor();
  await notice.scrollIntoViewIfNeeded();
  await jon('changes', { changes: [everyone(0)] });
}

async function overrideMenu(page) {
  await page
    .getByRole('button', { name: /^Override / })
    .first()
    .click();
}

async function compare(page) {
  await page.getByRole('button', { name: 'Difference of pdf-export' }).click();
  await page.getByRole('heading', { name: 'Compare and copy' }).scrollIntoViewIfNeeded();
}

async function watch(page, { mira }) {
  const notice = (on) =>
    mira('changes', { comment: 'Try the notice', changes: [{ setting: 'notice', patch: { on } }] });
  await notice(true);
  await notice(false);
  await page
    .getByText(/3 of 3 servers on revision/)
    .nth(1)
    .waitFor();
  await page.getByText('invoice-sent').first().waitFor({ timeout: 30_000 });
}

async function toTheEnd(page) {
  await page.getByRole('row').nth(1).focus();
  await page.keyboard.press('End');
}

async function fillDemo({ api, address }) {
  const mira = await join(api, address, { name: 'Mira Okafor', role: 'admin' });
  const jon = await join(api, address, { name: 'Jon Lindqvist', role: 'editor' });
  await api.post('members', { email: 'sofia.marchetti@ledgerly.example', name: 'Sofia Marchetti', role: 'viewer' });
  await api.post('tokens', { name: 'Nightly backup', role: 'viewer' });
  await api.post('environments/production/sdk-keys', { name: 'Mobile backend' });
  await work(mira, jon);
  await tryInStaging(api, jon);
  await api.post('tokens', { name: 'Deployment pipeline', role: 'editor', environments: ['staging'] });
  await plan(jon);
  // Until the sample servers have asked about most of their users.
  await new Promise((resolve) => setTimeout(resolve, 15_000));
  return { mira, jon };
}

/** Invites somebody, who signs in; what they then post to production is theirs. */
async function join(api, address, { name, role }) {
  const email = `${name.toLowerCase().replace(' ', '.')}@ledgerly.example`;
  const { link } = await api.post('members', { email, name, role });
  let cookie;
  const post = async (path, body) => {
    const response = await fetch(`${address}/api/v1/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-feathery-csrf': '1', ...(cookie && { cookie }) },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path} was answered with ${response.status}: ${await response.text()}`);
    cookie ??= response.headers.getSetCookie()[0].split(';')[0];
    return response.json();
  };
  const token = new URLSearchParams(link.path.split('#')[1]).get('token');
  await post('session/link/use', { token, password: 'long enough for pictures' });
  return (path, body, environment = 'production') => post(`environments/${environment}/${path}`, body);
}

/** What a day at Ledgerly brings. */
async function work(mira, jon) {
  const change = (by, comment, setting, patch) => by('changes', { comment, changes: [{ setting, patch }] });
  await change(mira, 'Try Europe for all', 'data-region', { fallthrough: { variation: 0 } });
  await change(mira, 'Back: too slow from the US', 'data-region', { fallthrough: { variation: 1 } });
  const wishes = [
    [jon, 'They asked on the phone', 'single-sign-on', { 0: ['mosaic', 'copperleaf'] }],
    [jon, 'Holiday season', 'requests-per-minute', { 3: ['brightwater'], 2: ['copperleaf'] }],
    [mira, 'Promised by sales', 'pdf-export', { 0: ['pinegrove'] }],
    [mira, 'Room for their scans', 'storage-gigabytes', { 2: ['mosaic'] }],
    [jon, 'Pilot customer', 'integrations', { 1: ['pinegrove'] }],
    [mira, 'Trial until March', 'audit-log', { 0: ['mosaic'] }],
    [jon, 'New branding', 'accent-color', { 1: ['brightwater', 'pinegrove'], 2: ['copperleaf'] }],
    [mira, 'They test it for us', 'command-palette', { 0: ['halden'] }],
    [jon, 'Their accountants want it calm', 'reminder-schedule', { 0: ['halden'] }],
    [mira, 'Head office is in France', 'invoice-greeting', { 2: ['mosaic'] }],
  ];
  for (const [by, comment, setting, served] of wishes) {
    const contextTargets = Object.entries(served).map(([variation, values]) => {
      return { contextKind: 'organization', variation: Number(variation), values };
    });
    await change(by, comment, setting, { contextTargets });
  }
  await change(mira, 'A week without complaints', 'new-navigation', {
    fallthrough: { rollout: { ...split(40_000), contextKind: 'user' } },
  });
}

/** Staging is as production but for what is being tried. */
async function tryInStaging(api, jon) {
  const { settings } = await api.get('settings');
  await api.post('environments/staging/copy', { from: 'production', settings: settings.map(({ key }) => key) });
  const changes = [
    { setting: 'new-navigation', patch: { fallthrough: { variation: 0 } } },
    { setting: 'notice', patch: { on: true } },
    { setting: 'pdf-export', patch: { fallthrough: { variation: 0 } } },
    { setting: 'reminder-schedule', patch: { fallthrough: { variation: 1 } } },
  ];
  await jon('changes', { comment: 'Try it at full size', changes }, 'staging');
}

function split(weight) {
  return { variations: [weight, 100_000 - weight].map((share, variation) => ({ variation, weight: share })) };
}

/** A change set that waits for somebody else, beside those of the demo. */
async function plan(jon) {
  const changes = [
    { setting: 'pdf-export', patch: { fallthrough: { variation: 0 } } },
    { setting: 'storage-gigabytes', patch: { fallthrough: { variation: 1 } } },
  ];
  const { id } = await jon('change-sets', { title: 'PDF export on every plan', changes });
  await jon(`change-sets/${id}/submit`, {});
}

function longKey(index) {
  return `billing.invoices.reminders.escalation-policy.for-customers-with-very-long-names.variant-${number(index)}`;
}

function number(index) {
  return String(index).padStart(4, '0');
}

async function fillLarge({ api, address, sdkKey }) {
  const key = (index) => (index % 10 === 0 ? longKey(index) : `area-${index % 37}.setting-${number(index)}`);
  const settings = Array.from({ length: MANY }, (_, index) => ({
    key: key(index),
    name:
      index % 10 === 0
        ? `Escalation policy for customers with names that do not fit on one line, ${index}`
        : `Setting ${index}`,
    description: 'One of many.',
    type: 'boolean',
    tags: [`area-${index % 37}`],
    variations: [
      { value: true, name: 'On' },
      { value: false, name: 'Off' },
    ],
  }));
  const items = Object.fromEntries(
    settings.map(({ key }, index) => [
      key,
      { key, on: index % 3 > 0, variations: [true, false], fallthrough: { variation: index % 2 }, offVariation: 1 },
    ]),
  );
  const segments = Object.fromEntries(
    Array.from({ length: MANY }, (_, index) => [
      `segment-${number(index)}`,
      { key: `segment-${number(index)}`, included: [`user-${index}`] },
    ]),
  );
  await api.post('import', {
    format: 'feathery-export',
    formatVersion: 1,
    settings,
    environments: [{ key: 'production', name: 'Production', settings: items, segments }],
  });
  for (let index = 0; index < MANY; index += 50) {
    await Promise.all(
      Array.from({ length: 50 }, (_, offset) =>
        api.post('environments/production/changes', {
          comment: 'One of many',
          changes: [{ setting: key(index + offset), patch: { on: index % 2 === 0 } }],
        }),
      ),
    );
  }
  for (let index = 0; index < 120; index++) {
    await api.post('environments/production/change-sets', {
      title: `Draft ${index}`,
      changes: [{ setting: key(index), patch: { on: true } }],
    });
  }
  const client = createClient(sdkKey, { serviceUri: address });
  await client.waitForInitialization({ timeoutMs: 30_000 });
  for (let index = 0; index < MANY; index++) {
    const organization = { key: `organization-${number(index)}`, name: `Organization ${index}` };
    client.variation(key(index), { kind: 'multi', user: { key: `user-${index}@example.test` }, organization }, false);
  }
  await client.close();
}
