// A web server that asks in every request and ends cleanly.
import { createServer } from 'node:http';
import * as feathery from 'feathery-server-sdk';

feathery.setSdkKey();
const client = feathery.get();

// No need to wait: until the settings are there, requests get the default values.
client.waitForInitialization({ timeoutMs: 10_000 }).catch((error) => console.error(error.message));

const server = createServer((request, response) => {
  const user = { key: request.headers['x-user'] ?? 'nobody' };
  const canExport = client.variation('pdf-export', user, false);
  client.track('page-viewed', user);
  response.end(canExport ? 'You can export PDF files.\n' : 'PDF export is not part of your plan.\n');
});

server.listen(Number(process.env.PORT ?? 3000), () => console.log(`listening on ${server.address().port}`));

process.once('SIGTERM', async () => {
  server.close();
  await client.close();
});
