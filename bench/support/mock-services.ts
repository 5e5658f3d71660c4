// The services of all peers, as far as their SDKs need them: the settings they ask for, and a place for their analytics.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What to answer to a request; undefined for a stream that stays open and is answered by the route itself. */
export type Route = (request: IncomingMessage, response: ServerResponse) => string | undefined;

export interface MockServices {
  readonly origin: string;
  close(): void;
}

/** @param routes - By path, without the query. Every other `GET` is 404, every other `POST` is 202. */
export async function startMockServices(routes: Readonly<Record<string, Route>>): Promise<MockServices> {
  const server = createServer((request, response) => {
    request.resume();
    const path = new URL(request.url ?? '/', 'http://mock').pathname;
    const route = routes[path];
    if (route === undefined) {
      response.writeHead(request.method === 'POST' ? 202 : 404, { 'content-type': 'application/json' });
      response.end('{"success":true}');
      return;
    }
    const body = route(request, response);
    if (body === undefined) return;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(body);
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A stream which begins with everything and then stays open. */
export function streamRoute(putOf: (sdkKey: string) => string, onOpen?: (response: ServerResponse) => void): Route {
  return (request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`event: put\ndata: ${putOf(request.headers.authorization ?? '')}\n\n`);
    onOpen?.(response);
    return undefined;
  };
}
