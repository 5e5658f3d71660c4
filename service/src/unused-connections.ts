// Connections that never sent a request. Browsers open some in advance; Node counts them as busy, and a server that
// closes would wait for them.
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** @returns Closes those there are, and those that still come. */
export function trackUnusedConnections(server: Server): () => void {
  const unused = new Set<Socket>();
  let closing = false;
  server.on('connection', (socket) => {
    if (closing) socket.destroy();
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  server.on('request', ({ socket }) => unused.delete(socket));
  return () => {
    closing = true;
    for (const socket of unused) socket.destroy();
  };
}
