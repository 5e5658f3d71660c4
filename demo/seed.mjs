// Fills an empty environment with the demo's settings, through the admin API like any other client.
import { SEGMENTS, SETTINGS } from './settings.mjs';

/** Creates what is missing, then applies the whole configuration as one change: it can be repeated after a crash. */
export async function seed(api) {
  for (const { definition } of SETTINGS) await create(api, 'settings', definition);
  for (const { configuration, ...definition } of SEGMENTS)
    await create(api, 'environments/production/segments', definition);
  await api.post('environments/production/changes', {
    comment: 'Demo: how Ledgerly runs today',
    changes: [
      ...SEGMENTS.map(({ key, configuration }) => ({ segment: key, patch: configuration })),
      ...SETTINGS.map(({ definition, configuration }) => ({ setting: definition.key, patch: configuration })),
    ],
  });
}

async function create(api, collection, item) {
  try {
    await api.post(collection, item);
  } catch (error) {
    if (error.status !== 409) throw error;
  }
}
