// Fills an empty service with the demo, through its API like any other client. It can be repeated after a crash.
import { AdminApi } from './admin-api.mjs';
import { tellHistory } from './history.mjs';
import { CHANGE_SETS, SEGMENTS, SETTINGS } from './settings.mjs';

const PRODUCTION = 'environments/production';
/** Whom the activity names. */
const AUTHOR = 'Ledgerly operations';
/** Many times what seeding takes: ends the author's token should a crash keep it from being revoked. */
const TOKEN_LIFETIME_MS = 600_000;

export async function seed(serviceUri, { adminToken, sdkKey }) {
  const admin = new AdminApi(serviceUri, adminToken);
  const expiresAt = new Date(Date.now() + TOKEN_LIFETIME_MS).toISOString();
  const { token, secret } = await admin.post('tokens', { name: AUTHOR, role: 'admin', expiresAt });
  const api = new AdminApi(serviceUri, secret);
  await seedSettings(api);
  await create(api, 'environments', { key: 'staging', name: 'Staging', copyFrom: 'production' });
  await seedChangeSets(api);
  await tellHistory(api, serviceUri, sdkKey);
  await admin.delete(`tokens/${token.id}`);
}

/** Creates what is missing, then applies the whole configuration as one change. */
async function seedSettings(api) {
  for (const { definition } of SETTINGS) await create(api, 'settings', definition);
  for (const { configuration, ...definition } of SEGMENTS) await create(api, `${PRODUCTION}/segments`, definition);
  await api.post(`${PRODUCTION}/changes`, {
    comment: 'Demo: how Ledgerly runs today',
    changes: [
      ...SEGMENTS.map(({ key, configuration }) => ({ segment: key, patch: configuration })),
      ...SETTINGS.map(({ definition, configuration }) => ({ setting: definition.key, patch: configuration })),
    ],
  });
}

async function seedChangeSets(api) {
  const { changeSets } = await api.get(`${PRODUCTION}/change-sets`);
  const known = new Set(changeSets.map(({ title }) => title));
  for (const { inMinutes, ...content } of CHANGE_SETS.filter(({ title }) => !known.has(title))) {
    const { id } = await api.post(`${PRODUCTION}/change-sets`, content);
    if (inMinutes === undefined) continue;
    const at = new Date(Date.now() + inMinutes * 60_000).toISOString();
    await api.post(`${PRODUCTION}/change-sets/${id}/schedule`, { at });
  }
}

async function create(api, collection, item) {
  try {
    await api.post(collection, item);
  } catch (error) {
    if (error.status !== 409) throw error;
  }
}
