// The least a fan-out can be: a plain HTTP server that writes one prepared buffer to every open socket.
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { serve } from './workers.js';

const streams = new Set<Socket>();
let revision = 0;

const server = createServer((request, response) => {
  if (request.method !== 'PATCH') {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('event: put\nid: reference:0\ndata: {}\n\n');
    const { socket } = request;
    socket.setNoDelay(true);
    streams.add(socket);
    socket.once('close', () => streams.delete(socket));
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const { frameBytes } = JSON.parse(Buffer.concat(chunks).toString());
    const chunk = prepare(++revision, frameBytes);
    for (const socket of streams) socket.write(chunk);
    response.end(JSON.stringify({ revision }));
  });
});

serve({
  listen: () =>
    new Promise((resolve) => {
      server.listen(0, '127.0.0.1', 8192, () => resolve((server.address() as AddressInfo).port));
    }),
});

/** One event of the given size, as a chunk of an answer. */
function prepare(id: number, frameBytes: number): Buffer {
  const head = `event: changes\nid: reference:${id}\ndata: `;
  const frame = `${head}${'x'.repeat(Math.max(0, frameBytes - head.length - 2))}\n\n`;
  return Buffer.from(`${frame.length.toString(16)}\r\n${frame}\r\n`);
}
