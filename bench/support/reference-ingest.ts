// The least that taking analytics in can be: read, parse, add up in memory, answer. Nothing is stored.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from './workers.js';

interface Summary {
  readonly features?: Readonly<Record<string, { readonly counters: readonly { variation: number; count: number }[] }>>;
}

const totals = new Map<string, number>();

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    for (const { features = {} } of JSON.parse(Buffer.concat(chunks).toString()) as Summary[]) {
      for (const [key, { counters }] of Object.entries(features)) {
        for (const { variation, count } of counters) {
          const id = `${key}/${variation}`;
          totals.set(id, (totals.get(id) ?? 0) + count);
        }
      }
    }
    response.writeHead(202).end();
  });
});

serve({
  listen: () =>
    new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
    }),
});
