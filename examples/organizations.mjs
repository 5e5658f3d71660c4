// What two organizations get, and why: the organization rides along with its user.
import * as feathery from 'feathery-server-sdk';

feathery.setSdkKey();
const client = feathery.get();
await client.waitForInitialization({ timeoutMs: 5000 });

for (const organization of [
  { key: 'acme', plan: 'enterprise' },
  { key: 'globex', plan: 'starter' },
]) {
  const context = { kind: 'multi', user: { key: `admin@${organization.key}.example` }, organization };
  const { value, reason } = client.variationDetail('pdf-export', context, false);
  console.log(`${organization.key}: ${value}, because of ${reason.kind}`);
}

await client.close();
