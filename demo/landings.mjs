// One line in the terminal for every change: what, which revision, how many servers have it, and how fast.
import { EventSource } from 'eventsource';

const RETRY_MS = 1000;
/** Changes whose landing is awaited; the service gives up on a landing after ten seconds. */
const MAX_AWAITED = 100;
const NAMED_KEYS = 3;

/** Prints until the signal ends it, through interruptions of the service. */
export function printLandings(api, signal) {
  const changes = new Map();
  const source = api.open('environments/production/live');
  source.addEventListener('change', ({ data }) => {
    const { revision, items } = JSON.parse(data);
    changes.set(revision, items);
    if (changes.size > MAX_AWAITED) changes.delete(changes.keys().next().value);
  });
  source.addEventListener('landing', ({ data }) => {
    const landing = JSON.parse(data);
    const items = changes.get(landing.revision);
    if (!landing.done || items === undefined) return;
    changes.delete(landing.revision);
    console.log(describe(items, landing));
  });
  const end = () => source.close();
  signal.addEventListener('abort', end, { once: true });
  source.addEventListener('error', () => {
    if (source.readyState !== EventSource.CLOSED || signal.aborted) return;
    signal.removeEventListener('abort', end);
    setTimeout(() => signal.aborted || printLandings(api, signal), RETRY_MS);
  });
}

function describe(items, { revision, applied, connected, slowestMs }) {
  const time = new Date().toTimeString().slice(0, 8);
  const landed = `${applied} of ${connected} ${connected === 1 ? 'server' : 'servers'}`;
  const speed = slowestMs === null ? 'not reported' : `${Math.round(slowestMs)} ms`;
  return `${time}  ${what(items)}  revision ${revision}  ${landed}  ${speed}`;
}

function what(items) {
  const named = items.slice(0, NAMED_KEYS).map(({ key, summary }) => `${key} (${summary})`);
  const more = items.length - named.length;
  return named.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
