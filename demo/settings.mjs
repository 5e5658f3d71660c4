// The settings and segments of the demo environment, as the admin API takes them: first what a setting is,
// then what it does in production.

const ORGANIZATION_PLAN = (...plans) => clause('organization', 'plan', 'in', plans);

/** Variations 0, 1 and 2 for the three plans, from the smallest. */
const BY_PLAN = {
  rules: [
    rule('enterprise', [ORGANIZATION_PLAN('enterprise')], 2),
    rule('business', [ORGANIZATION_PLAN('business')], 1),
  ],
  fallthrough: { variation: 0 },
  offVariation: 0,
};

export const SEGMENTS = [
  {
    key: 'early-access',
    name: 'Early access',
    description: 'Customers who asked to see new things first.',
    configuration: {
      includedContexts: [{ contextKind: 'organization', values: ['halden'] }],
      rules: [{ id: 'own-people', clauses: [clause('user', 'key', 'endsWith', ['@ledgerly.example'])] }],
    },
  },
  {
    key: 'european-union',
    name: 'European Union',
    description: 'Organizations whose data stays in the EU.',
    configuration: {
      rules: [{ id: 'by-country', clauses: [clause('organization', 'country', 'in', ['DE', 'FR', 'NL'])] }],
    },
  },
];

/** In order of dependency: a prerequisite comes before what needs it. */
export const SETTINGS = [
  {
    definition: boolean('new-navigation', 'New navigation', 'The side bar that replaces the tabs. Being rolled out.', [
      'rollout',
    ]),
    configuration: {
      on: true,
      rules: [rule('early', [clause('user', '', 'segmentMatch', ['early-access'])], 0)],
      fallthrough: split('user', [0, 35], [1, 65]),
    },
  },
  {
    definition: boolean('command-palette', 'Command palette', 'Needs the new navigation.', ['rollout']),
    configuration: {
      on: true,
      prerequisites: [{ key: 'new-navigation', variation: 0 }],
      rules: [rule('current-app', [clause('user', 'appVersion', 'semVerGreaterThan', ['4.2.0'])], 0)],
      fallthrough: { variation: 1 },
    },
  },
  {
    definition: boolean('single-sign-on', 'Single sign-on', 'SAML and OpenID Connect. Part of the enterprise plan.', [
      'plan',
    ]),
    configuration: {
      on: true,
      contextTargets: [target('organization', 0, ['mosaic'])],
      rules: [rule('enterprise', [ORGANIZATION_PLAN('enterprise')], 0)],
      fallthrough: { variation: 1 },
    },
  },
  {
    definition: boolean('audit-log', 'Audit log', 'Who did what, for administrators.', ['plan']),
    configuration: {
      on: true,
      prerequisites: [{ key: 'single-sign-on', variation: 0 }],
      rules: [rule('administrators', [clause('user', 'role', 'in', ['admin'])], 0)],
      fallthrough: { variation: 1 },
    },
  },
  {
    definition: values(
      'requests-per-minute',
      'Requests per minute',
      'Limit of the public API.',
      'number',
      ['limit', 'plan'],
      [
        [60, 'Starter'],
        [600, 'Business'],
        [3000, 'Enterprise'],
        [12000, 'By contract'],
      ],
    ),
    configuration: {
      on: true,
      contextTargets: [target('organization', 3, ['brightwater'])],
      ...BY_PLAN,
    },
  },
  {
    definition: values(
      'storage-gigabytes',
      'Storage',
      'For attachments, in gigabytes.',
      'number',
      ['limit', 'plan'],
      [
        [5, 'Starter'],
        [100, 'Business'],
        [1000, 'Enterprise'],
      ],
    ),
    configuration: {
      on: true,
      ...BY_PLAN,
    },
  },
  {
    definition: values(
      'invoice-greeting',
      'Invoice greeting',
      'First line of every invoice mail.',
      'string',
      ['text'],
      [
        ['Hello, here is your invoice.', 'English'],
        ['Guten Tag, hier ist Ihre Rechnung.', 'German'],
        ['Bonjour, voici votre facture.', 'French'],
      ],
    ),
    configuration: {
      on: true,
      rules: [
        rule('german', [clause('user', 'language', 'in', ['de'])], 1),
        rule('french', [clause('user', 'language', 'in', ['fr'])], 2),
      ],
      fallthrough: { variation: 0 },
      offVariation: 0,
    },
  },
  {
    definition: values(
      'accent-color',
      'Accent colour',
      'Branding of single customers.',
      'string',
      ['branding'],
      [
        ['#3b6ef5', 'Ledgerly blue'],
        ['#0e8f6e', 'Brightwater green'],
        ['#d2481e', 'Copperleaf orange'],
      ],
    ),
    configuration: {
      on: true,
      contextTargets: [target('organization', 1, ['brightwater']), target('organization', 2, ['copperleaf'])],
      fallthrough: { variation: 0 },
      offVariation: 0,
    },
  },
  {
    definition: values(
      'data-region',
      'Data region',
      'Where attachments are stored.',
      'string',
      ['compliance'],
      [
        ['eu-central', 'Europe'],
        ['us-east', 'United States'],
      ],
    ),
    configuration: {
      on: true,
      rules: [rule('eu', [clause('organization', '', 'segmentMatch', ['european-union'])], 0)],
      fallthrough: { variation: 1 },
      offVariation: 1,
    },
  },
  {
    definition: values(
      'integrations',
      'Integrations',
      'What the integrations page offers.',
      'json',
      ['plan'],
      [
        [['email'], 'Starter'],
        [['email', 'slack', 'xero'], 'Business'],
        [['email', 'slack', 'xero', 'sap', 'netsuite'], 'Enterprise'],
      ],
    ),
    configuration: {
      on: true,
      ...BY_PLAN,
    },
  },
  {
    definition: values(
      'reminder-schedule',
      'Reminder schedule',
      'When unpaid invoices are followed up.',
      'json',
      ['experiment'],
      [
        [{ days: [7, 14, 30] }, 'Patient'],
        [{ days: [3, 7, 14] }, 'Brisk'],
      ],
    ),
    configuration: {
      on: true,
      fallthrough: { rollout: { ...split('organization', [0, 50], [1, 50]).rollout, kind: 'experiment', seed: 2026 } },
      offVariation: 0,
    },
  },
  {
    definition: boolean('pdf-export', 'PDF export', 'Invoices as PDF.', ['plan']),
    configuration: {
      on: true,
      rules: [rule('paying', [ORGANIZATION_PLAN('business', 'enterprise')], 0)],
      fallthrough: { variation: 1 },
    },
  },
  {
    definition: values(
      'notice',
      'Notice to all users',
      'Shown on top of every page; off means none.',
      'string',
      ['operations'],
      [
        ['Planned maintenance on Sunday, 02:00 to 03:00 UTC.', 'Maintenance'],
        ['', 'None'],
      ],
    ),
    configuration: { on: false, fallthrough: { variation: 0 }, offVariation: 1 },
  },
];

/** A rollout that goes on by itself, and something to decide about. */
export const CHANGE_SETS = [
  {
    title: 'New navigation for half of the users',
    inMinutes: 5,
    changes: [{ setting: 'new-navigation', patch: { fallthrough: split('user', [0, 50], [1, 50]) } }],
  },
  {
    title: 'New navigation for three of four users',
    inMinutes: 30,
    changes: [{ setting: 'new-navigation', patch: { fallthrough: split('user', [0, 75], [1, 25]) } }],
  },
  {
    title: 'Single sign-on for Copperleaf Foods',
    changes: [
      { setting: 'single-sign-on', patch: { contextTargets: [target('organization', 0, ['mosaic', 'copperleaf'])] } },
    ],
  },
];

function boolean(key, name, description, tags) {
  return { key, name, description, type: 'boolean', tags };
}

function values(key, name, description, type, tags, variations) {
  return {
    key,
    name,
    description,
    type,
    tags,
    variations: variations.map(([value, label]) => ({ value, name: label })),
  };
}

function clause(contextKind, attribute, op, values) {
  return { contextKind, attribute, op, values, negate: false };
}

function rule(id, clauses, variation) {
  return { id, clauses, variation };
}

function target(contextKind, variation, values) {
  return { contextKind, variation, values };
}

/** Shares in percent. */
function split(contextKind, ...shares) {
  return {
    rollout: {
      kind: 'rollout',
      contextKind,
      variations: shares.map(([variation, percent]) => ({ variation, weight: percent * 1000 })),
    },
  };
}
