// Ask for one setting. Key and address come from FEATHERY_SDK_KEY and FEATHERY_SERVICE_URI.
import * as feathery from 'feathery-server-sdk';

feathery.setSdkKey();
const client = feathery.get();
await client.waitForInitialization({ timeoutMs: 5000 });

const user = { key: 'ada@acme.example' };
console.log('pdf-export is', client.variation('pdf-export', user, false));

await client.close();
