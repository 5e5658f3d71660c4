// A day of traffic before the first start, told to the service as servers tell theirs, so that charts have something to
// show. What each user would have got is asked of the service itself.
import { contextOf, USERS } from './people.mjs';
import { TRAFFIC } from './traffic.mjs';

const HOUR_MS = 3_600_000;
const HOURS = 23;
/** Visitors of all sample servers together, in an hour as busy as any. */
const VISITORS = 36_000;

/** Sent with an id for each hour, the same traffic is counted once, however often it is told. */
export async function tellHistory(api, serviceUri, sdkKey) {
  const shares = await sharesByVariation(api);
  const present = Date.now() - (Date.now() % HOUR_MS);
  for (let ago = HOURS; ago >= 1; ago--) {
    const startDate = present - ago * HOUR_MS;
    const features = {};
    for (const [key, { version, counts }] of shares) {
      const visitors = VISITORS * (TRAFFIC[key] ?? 0) * busyness(startDate);
      const counters = [...counts].map(([variation, users]) => ({
        variation,
        version,
        value: null,
        count: Math.round((visitors * users) / USERS.length),
      }));
      features[key] = { default: null, contextKinds: ['user', 'organization'], counters };
    }
    const summary = { kind: 'summary', startDate, endDate: startDate + HOUR_MS - 1, features };
    const response = await fetch(`${serviceUri}/bulk`, {
      method: 'POST',
      headers: {
        authorization: sdkKey,
        'content-type': 'application/json',
        'x-launchdarkly-event-schema': '4',
        'x-launchdarkly-payload-id': `demo-history-${startDate}`,
      },
      body: JSON.stringify([summary]),
    });
    if (!response.ok) throw new Error(`The demo's history was answered with ${response.status}.`);
  }
}

/** Setting → its version, and variation → number of users that get it. */
async function sharesByVariation(api) {
  const { settings } = await api.get('environments/production/overview');
  const shares = new Map(settings.map(({ key, version }) => [key, { version, counts: new Map() }]));
  for (const user of USERS) {
    const { results } = await api.post('environments/production/evaluate', { context: contextOf(user) });
    for (const [key, { variationIndex }] of Object.entries(results)) {
      const { counts } = shares.get(key);
      counts.set(variationIndex, (counts.get(variationIndex) ?? 0) + 1);
    }
  }
  return shares;
}

/** From 0.2 at night to 1 at noon, with some unevenness. */
function busyness(at) {
  const hour = new Date(at).getUTCHours();
  const unevenness = 0.9 + (0.2 * ((at / HOUR_MS) % 7)) / 7;
  return (0.2 + 0.8 * Math.max(0, Math.sin(((hour - 5) / 15) * Math.PI))) * unevenness;
}
