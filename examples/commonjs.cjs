// The same from CommonJS.
const feathery = require('feathery-server-sdk');

async function main() {
  feathery.setSdkKey();
  const client = feathery.get();
  await client.waitForInitialization({ timeoutMs: 5000 });
  console.log('pdf-export is', client.variation('pdf-export', { key: 'ada@acme.example' }, false));
  await client.close();
}

main();
