// Everything one user gets, ready to be put into a page. Only settings meant for browsers are included.
import * as feathery from 'feathery-server-sdk';

feathery.setSdkKey();
const client = feathery.get();
await client.waitForInitialization({ timeoutMs: 5000 });

const state = client.allSettings({ key: 'ada@acme.example' }, { clientSideOnly: true });
console.log(`<script>window.settings = ${JSON.stringify(state.allValues()).replaceAll('<', '\\u003c')}</script>`);

await client.close();
