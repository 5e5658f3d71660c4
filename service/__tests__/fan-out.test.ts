// A thousand streams on one node: every one gets every change, in order, from one serialisation.
import { type AddressInfo, connect, type Socket } from 'node:net';
import { openTestApp, SDK_KEY, type TestApp } from './support/app.js';

const STREAMS = 1000;
const CHANGES = 10;

/** The least that reads a stream: the versions of the patches in the order they came. */
class Reader {
  readonly versions: number[] = [];
  readonly #socket: Socket;
  #text = '';
  #ready: () => void = () => {};
  readonly ready = new Promise<void>((resolve) => {
    this.#ready = resolve;
  });

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.write(`GET /all HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${SDK_KEY}\r\n\r\n`);
    this.#socket.setEncoding('utf8').on('data', (text: unknown) => this.#read(text as string));
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(text: string): void {
    this.#text += text;
    const end = this.#text.lastIndexOf('\n\n');
    if (end === -1) return;
    const whole = this.#text.slice(0, end);
    this.#text = this.#text.slice(end);
    if (whole.includes('event: put')) this.#ready();
    for (const [, version] of whole.matchAll(/"path":"\/flags\/a","data":\{"key":"a","version":(\d+)/g)) {
      this.versions.push(Number(version));
    }
  }
}

let service: TestApp;
let readers: Reader[];

afterEach(async () => {
  for (const reader of readers) reader.close();
  await service.close();
});

it(`brings ${CHANGES} changes to ${STREAMS} streams in order while other requests are answered`, async () => {
  readers = [];
  service = await openTestApp();
  await service.app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = service.app.server.address() as AddressInfo;
  const request = (method: 'POST' | 'PATCH', url: string, payload: object) =>
    service.app.inject({ method, url: `/api/v1${url}`, headers: service.asAdmin, payload });
  await request('POST', '/settings', { key: 'a', type: 'boolean' });
  readers = Array.from({ length: STREAMS }, () => new Reader(port));
  await Promise.all(readers.map(({ ready }) => ready));

  const versions: number[] = [];
  for (let change = 0; change < CHANGES; change++) {
    const answer = await request('PATCH', '/environments/production/settings/a', { on: change % 2 === 0 });
    versions.push(answer.json().revision);
    expect((await service.app.inject('/healthz')).statusCode).toBe(200);
  }
  while (readers.some((reader) => reader.versions.length < CHANGES)) await new Promise(setImmediate);

  for (const reader of readers) expect(reader.versions).toEqual(versions);
  expect(service.parts.streaming.hub.counts.dropped).toBe(0);
}, 30_000);
