import type { AddressInfo } from 'node:net';
import { openTestApp, SDK_KEY } from './support/app.js';
import { SseClient } from './support/sse-client.js';

it('shows streams and ingest among the metrics, each total growing only by what was added', async () => {
  const service = await openTestApp({ config: { ingestWindowMs: 0 } });
  await service.app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = service.app.server.address() as AddressInfo;
  const stream = await SseClient.open(`http://127.0.0.1:${port}/all`, { authorization: SDK_KEY });
  await stream.next();
  const bulk = { method: 'POST', url: '/bulk', headers: { authorization: SDK_KEY }, payload: [{ kind: 'x' }] } as const;
  await service.app.inject(bulk);
  await service.app.inject('/metrics');

  const { body } = await service.app.inject('/metrics');
  expect(body).toMatch(/^feathery_streams\{environment="production"\} 1$/m);
  expect(body).toMatch(/^feathery_streams_opened_total 1$/m);
  expect(body).toMatch(/^feathery_snapshots_under_way 0$/m);
  expect(body).toMatch(/^feathery_ingest_payloads_total 1$/m);
  expect(body).toMatch(/^feathery_ingest_ignored_total 1$/m);
  stream.close();
  await service.close();
});
