// The customers of Ledgerly, the made-up invoicing product whose servers the demo runs.

export const ORGANIZATIONS = [
  { key: 'brightwater', name: 'Brightwater Logistics', plan: 'enterprise', country: 'DE', seats: 420 },
  { key: 'halden', name: 'Halden Robotics', plan: 'enterprise', country: 'US', seats: 260 },
  { key: 'mosaic', name: 'Mosaic Clinics', plan: 'business', country: 'FR', seats: 75 },
  { key: 'copperleaf', name: 'Copperleaf Foods', plan: 'business', country: 'US', seats: 48 },
  { key: 'pinegrove', name: 'Pinegrove Studio', plan: 'starter', country: 'NL', seats: 4 },
];

const FIRST_NAMES = ['Ada', 'Ben', 'Chloe', 'David', 'Elif', 'Farid', 'Greta', 'Hugo', 'Ines', 'Jonas', 'Kira', 'Lars'];
const LANGUAGES = { DE: 'de', US: 'en', FR: 'fr', NL: 'en' };
const APP_VERSIONS = ['4.3.0', '4.2.1', '4.1.7'];
const ROLES = ['admin', 'member', 'member', 'viewer'];

/** Twelve users of every organization; the first one is its administrator. */
export const USERS = ORGANIZATIONS.flatMap((organization) =>
  FIRST_NAMES.map((name, index) => ({
    key: `${name.toLowerCase()}@${organization.key}.example`,
    name,
    role: ROLES[index % ROLES.length],
    language: LANGUAGES[organization.country],
    appVersion: APP_VERSIONS[index % APP_VERSIONS.length],
    organization,
  })),
);

/** What the SDK is asked about: the user together with the organization. */
export function contextOf({ organization, ...user }) {
  return { kind: 'multi', user, organization };
}
