// Print a value now, and again whenever it changes, until the first change has been seen.
import * as feathery from 'feathery-server-sdk';

feathery.setSdkKey(undefined, { keepAlive: true });
const client = feathery.get();
await client.waitForInitialization({ timeoutMs: 5000 });

const user = { key: 'ada@acme.example' };
let seen = 0;
for await (const value of client.watch('pdf-export', user, false)) {
  console.log('pdf-export is', value);
  seen += 1;
  if (seen === 2) break;
}

await client.close();
