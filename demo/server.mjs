// One server of Ledgerly: asks Feathery what every user gets, and has a page that shows it live.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import * as feathery from 'feathery-server-sdk';
import { contextOf, ORGANIZATIONS, USERS } from './people.mjs';
import { TRAFFIC } from './traffic.mjs';

const NAME = process.env.SERVER_NAME ?? 'ledgerly';
const HOST = process.env.SERVER_HOST ?? '127.0.0.1';
const PORT = Number(process.env.SERVER_PORT ?? 0);

const MAX_PAGES = 100;
const MAX_PAGE_BACKLOG_BYTES = 1024 * 1024;
const RECENT_CHANGES = 30;
const REQUEST_EVERY_MS = 300;

const PAGE = readFileSync(new URL('./page.html', import.meta.url));

// The SDK key and the service's address come from FEATHERY_SDK_KEY and FEATHERY_SERVICE_URI.
feathery.setSdkKey(undefined, { application: { id: 'ledgerly', name: NAME } });
const client = feathery.get();

const pages = new Set();
const recentChanges = [];
let pushPlanned = false;

for (const event of ['ready', 'update', 'interrupted', 'live']) client.on(event, planPush);
client.once('ready', () => client.on('update', ({ key }) => remember(key)));

function remember(key) {
  recentChanges.unshift({ key, at: Date.now() });
  recentChanges.length = Math.min(recentChanges.length, RECENT_CHANGES);
}

/** One change may touch many settings: the pages are told once, after the last. */
function planPush() {
  if (pushPlanned) return;
  pushPlanned = true;
  setImmediate(() => {
    pushPlanned = false;
    const frame = `data: ${JSON.stringify(present())}\n\n`;
    for (const page of pages) send(page, frame);
  });
}

function send(page, frame) {
  if (page.writableLength > MAX_PAGE_BACKLOG_BYTES) page.destroy();
  else page.write(frame);
}

/** What the page shows. `allSettings` counts nothing, so looking does not disturb the analytics. */
function present() {
  const perUser = USERS.map((user) => client.allSettings(contextOf(user)).allValues());
  const { state, source, revision } = client.status();
  const administrators = ORGANIZATIONS.map(({ key }) => USERS.findIndex((user) => user.organization.key === key));
  const keys = Object.keys(perUser[0] ?? {}).sort();
  return {
    name: NAME,
    status: { state, source, revision },
    organizations: ORGANIZATIONS,
    settings: keys.map((key) => ({
      key,
      values: administrators.map((index) => perUser[index][key]),
      shares: shares(perUser.map((values) => values[key])),
    })),
    users: USERS.length,
    recentChanges,
  };
}

/** How many users get each value, the most frequent first. */
function shares(values) {
  const counts = new Map();
  for (const value of values) {
    const text = JSON.stringify(value);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].map(([text, count]) => ({ value: JSON.parse(text), count })).sort((a, b) => b.count - a.count);
}

/** What the product does for one visitor: ask for what it needs, and report what happened. */
function serveVisitor() {
  const user = USERS[Math.floor(Math.random() * USERS.length)];
  const context = contextOf(user);
  for (const [key, share] of Object.entries(TRAFFIC)) if (Math.random() < share) client.variation(key, context, null);
  if (Math.random() < 0.1) {
    client.track('invoice-sent', context, { currency: 'EUR' }, Math.round(Math.random() * 90_000) / 100);
  }
  if (Math.random() < 0.03) client.track('invoice-paid', context, { currency: 'EUR' });
}

const traffic = setInterval(serveVisitor, REQUEST_EVERY_MS);

const server = createServer((request, response) => {
  if (request.url === '/') {
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:",
    });
    response.end(PAGE);
  } else if (request.url === '/state') {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(present()));
  } else if (request.url === '/events' && pages.size < MAX_PAGES) {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    response.write(`data: ${JSON.stringify(present())}\n\n`);
    pages.add(response);
    response.on('close', () => pages.delete(response));
  } else {
    response.writeHead(404).end();
  }
});

server.once('error', (error) => {
  if (error.code !== 'EADDRINUSE') throw error;
  server.listen(0, HOST);
});
server.on('listening', () => {
  const address = `http://${HOST.includes(':') ? `[${HOST}]` : HOST}:${server.address().port}`;
  if (process.send) process.send({ address });
  else console.log(`${NAME}: ${address}`);
});
server.listen(PORT, HOST);

async function stop() {
  clearInterval(traffic);
  server.close();
  server.closeAllConnections();
  await client.close();
  process.exit(0);
}

process.once('SIGINT', stop);
process.once('SIGTERM', stop);
// The terminal that started this server is gone, however it went.
process.once('disconnect', stop);
