// A load balancer at its simplest: each connection goes to the next server that takes it.
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export class Balancer {
  readonly #server: Server;
  readonly #ports: readonly number[];
  readonly #sockets = new Set<Socket>();
  #next = 0;

  static async start(addresses: readonly string[]): Promise<Balancer> {
    const balancer = new Balancer(addresses.map((address) => Number(new URL(address).port)));
    await new Promise<void>((resolve) => balancer.#server.listen(0, '127.0.0.1', resolve));
    return balancer;
  }

  private constructor(ports: readonly number[]) {
    this.#ports = ports;
    this.#server = createServer((socket) => this.#pass(socket, ports.length));
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #pass(socket: Socket, tries: number): void {
    this.#sockets.add(socket);
    const onward = connect(this.#ports[this.#next++ % this.#ports.length] as number, '127.0.0.1');
    let isThrough = false;
    onward.on('connect', () => {
      isThrough = true;
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => {});
    socket.on('error', () => {});
    onward.on('close', () => {
      if (isThrough || tries <= 1) socket.destroy();
      else this.#pass(socket, tries - 1);
    });
    socket.on('close', () => {
      this.#sockets.delete(socket);
      onward.destroy();
    });
  }
}
