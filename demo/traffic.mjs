/** What Ledgerly asks for, and on which share of its visits. */
export const TRAFFIC = {
  'new-navigation': 1,
  'command-palette': 0.4,
  'accent-color': 1,
  notice: 1,
  'requests-per-minute': 1,
  'single-sign-on': 0.15,
  'data-region': 0.6,
  integrations: 0.25,
  'storage-gigabytes': 0.2,
  'pdf-export': 0.3,
  'invoice-greeting': 0.1,
  'reminder-schedule': 0.1,
  'audit-log': 0.05,
};
