import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';

export interface ProxyBehaviour {
  /** Serves the proxy itself over TLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Answers each CONNECT with this status, and opens nothing. */
  readonly refuse?: number;
  /** Never answers a CONNECT. */
  readonly stall?: boolean;
}

/** A forward proxy that records what it is asked: `GET http://…` for plain targets, `CONNECT host:port` for others. */
export class ForwardProxy {
  readonly requests: { readonly line: string; readonly headers: http.IncomingHttpHeaders }[] = [];
  readonly sockets = new Set<Socket>();
  readonly #server: http.Server;
  readonly #waiting: (() => void)[] = [];

  private constructor({ tls, refuse, stall }: ProxyBehaviour) {
    const forward: http.RequestListener = (request, response) => {
      this.#record(request);
      const onward = http.request(request.url ?? '', { method: request.method, headers: request.headers });
      onward.on('response', (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      onward.on('error', () => response.destroy());
      response.on('close', () => onward.destroy());
      request.pipe(onward);
    };
    this.#server = tls === undefined ? http.createServer(forward) : https.createServer(tls, forward);
    this.#server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      socket.on('error', () => {});
    });
    this.#server.on('connect', (request: http.IncomingMessage, socket: Socket) => {
      this.#record(request);
      socket.on('error', () => {});
      if (stall) {
        // To notice that the client has gone: Node leaves both to the owner of such a socket.
        socket.resume().on('end', () => socket.end());
        return;
      }
      if (refuse !== undefined) {
        socket.end(`HTTP/1.1 ${refuse} No\r\n\r\n`);
        return;
      }
      const { hostname, port } = new URL(`http://${request.url}`);
      const onward = connect(Number(port), hostname, () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        socket.pipe(onward).pipe(socket);
      });
      onward.on('error', () => socket.destroy());
      onward.on('close', () => socket.destroy());
      socket.on('close', () => onward.destroy());
    });
  }

  static async listen(behaviour: ProxyBehaviour = {}): Promise<ForwardProxy> {
    const proxy = new ForwardProxy(behaviour);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get lines(): string[] {
    return this.requests.map(({ line }) => line);
  }

  /** Resolves when the first request is there. */
  async request(): Promise<void> {
    if (this.requests.length === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Resolves when no client is connected. */
  async idle(): Promise<void> {
    await Promise.all(Array.from(this.sockets, (socket) => once(socket, 'close')));
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #record(request: http.IncomingMessage): void {
    this.requests.push({ line: `${request.method} ${request.url}`, headers: request.headers });
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
